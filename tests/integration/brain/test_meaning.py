"""Search by meaning: vectors are made once, paid for, found again, and never hold up an answer."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from benchmarks.many_faqs import grown
from src.core import schema
from src.core.brain_tables import embeddings, paces, usage
from src.core.database import now_ms
from src.core.instance import Instance, open_instance
from src.core.settings import Settings
from src.messages.brain import breaker, meaning
from src.messages.brain.money import Payer
from src.messages.brain.relevant import relevant
from src.messages.faq_answerer import draft
from src.messages.question import Question
from tests.model_world import Model
from tests.world import eventually

MODEL = "text-embedding-3-small"
ANA = b"a" * 16
PACE = {"openai_rps_per_agent": 100}


class Shop:
    """An instance with a model for meaning, and an agent of 40 FAQs that do not fit."""

    def __init__(self, home: Path, database_url: str, model: Model, agent_id: str, **more: Any) -> None:
        given = {"openai_api_key": "sk-any", "openai_base_url": model.url, "openai_embedding_model": MODEL}
        settings = Settings(
            _env_file=None,
            released_home=home,
            database_url=database_url,
            faq_tokens=500,
            **{**given, **PACE, **more},
        )
        self.instance: Instance = open_instance(settings)
        schema.migrate(self.instance.database)
        agent_id = f"{agent_id}-{database_url[:6]}"  # a process keeps what it made for an agent
        self.payer = Payer(agent_id, ANA)
        config, self.asked = grown(200)
        self.config = config.model_copy(update={"faqs": config.faqs[:40], "name": agent_id})
        self._model, self._before = model, len(model.ledger())

    def near(self, text: str) -> list[str]:
        return [one.id for one in meaning.nearest(self.instance, self.config, self.payer, text)]

    def learn(self) -> int:
        return meaning.learn(self.instance, self.config, Payer(self.payer.agent_id, None))

    def requests(self) -> list[dict[str, Any]]:
        return [one for one in self._model.ledger()[self._before :] if one["path"] == "/v1/embeddings"]

    def read(self, statement: Any) -> Any:
        with self.instance.database.read() as session:
            return session.execute(statement).scalar()


@pytest.fixture
def shops(tmp_path: Path, database_url: str, model: Model) -> Iterator[Any]:
    with ExitStack() as stack:

        def opened(agent_id: str, **more: Any) -> Shop:
            shop = Shop(tmp_path, database_url, model, agent_id, **more)
            stack.callback(shop.instance.close)
            return shop

        yield opened


def test_vectors_are_made_once_and_shared_by_their_content(shops: Any) -> None:
    shop = shops("asst_once")
    assert shop.learn() == 40
    assert shop.learn() == 0
    assert len(shop.requests()) == 1
    assert shop.read(select(func.count()).select_from(embeddings)) == 40
    assert shop.read(select(func.length(embeddings.c.vector)).limit(1)) == 1_024
    changed = shop.config.faqs[0].model_copy(update={"a": "Ahora todo es distinto."})
    shop.config = shop.config.model_copy(update={"faqs": (changed, *shop.config.faqs[1:])})
    assert shop.learn() == 1


def test_the_same_words_are_nearest_and_a_search_is_one_paid_call(shops: Any) -> None:
    shop = shops("asst_near")
    shop.learn()
    faq = shop.config.faqs[7]
    assert shop.near(f"{faq.q} {faq.a}")[0] == faq.id
    assert [len(one["body"]["input"]) for one in shop.requests()] == [40, 1]
    assert shop.requests()[0]["body"]["dimensions"] == 256
    paid = select(usage.c.calls).where(usage.c.agent_id == shop.payer.agent_id, usage.c.purpose == "embed")
    assert shop.read(paid) == 2


def test_the_first_question_does_not_wait_and_later_ones_find(shops: Any) -> None:
    shop = shops("asst_first")
    assert shop.near("¿Cuánto cuesta?") == []
    found = eventually(lambda: shop.near("¿Cuánto cuesta?"))
    assert len(found) == 40


@pytest.mark.parametrize("act", ["error_500", "billing", "unauthorized", "garbage", "rate_limit"])
def test_a_server_that_fails_leaves_the_search_by_words(shops: Any, model: Model, act: str) -> None:
    shop = shops(f"asst_{act}")
    shop.learn()
    model.orders("embeddings", act)
    assert shop.near("¿Cuánto cuesta?") == []
    question = shop.asked[0][0]
    sent = relevant(shop.instance, question, shop.config, shop.payer, draft(question, shop.config))
    assert sent


def test_what_cannot_be_made_rests_and_is_not_tried_with_every_question(shops: Any, model: Model) -> None:
    shop = shops("asst_rests")
    model.orders("embeddings", "billing")
    assert shop.near("hola") == []
    eventually(lambda: len(shop.requests()) == 1)

    def rests() -> bool:
        with shop.instance.database.transaction() as session:
            return breaker.is_open(session, MODEL)

    eventually(rests)
    for _ in range(5):
        assert shop.near("hola") == []
    assert len(shop.requests()) == 1


def test_nobody_who_waits_is_put_off_for_a_search_by_meaning(shops: Any) -> None:
    shop = shops("asst_crowded", openai_rps_per_agent=1)
    shop.learn()
    with shop.instance.database.transaction() as session:
        session.execute(update(paces).values(next_at=now_ms() + 10_000))
    assert shop.near("hola") == []
    assert len(shop.requests()) == 1


def test_a_ceiling_is_looked_at_before_the_call(shops: Any) -> None:
    shop = shops("asst_ceiling", customer_day_calls=1)
    shop.learn()
    assert shop.near("hola") != []
    assert shop.near("hola") == []
    assert len(shop.requests()) == 2


def test_without_the_setting_nothing_is_called(shops: Any) -> None:
    shop = shops("asst_off", openai_embedding_model=None)
    assert shop.near("hola") == []
    assert shop.requests() == []


def test_an_agent_whose_faqs_fit_needs_no_search_by_meaning(shops: Any) -> None:
    shop = shops("asst_small")
    shop.config = shop.config.model_copy(update={"faqs": shop.config.faqs[:3]})
    question = Question(("xyzzy",))
    sent = relevant(shop.instance, question, shop.config, shop.payer, draft(question, shop.config))
    assert len(sent) == 3
    assert shop.requests() == []


def test_meaning_brings_an_faq_that_words_do_not_find(shops: Any) -> None:
    shop = shops("asst_both")
    shop.learn()
    faq = shop.config.faqs[11]
    question = Question((faq.a,))
    sent = relevant(shop.instance, question, shop.config, shop.payer, draft(question, shop.config))
    assert faq.id in {one.id for one in sent}
