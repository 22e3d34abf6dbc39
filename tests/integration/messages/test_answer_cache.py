"""Who asks word for word what was asked before has the same answer, without a call."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from src.core import schema
from src.core.brain_tables import cached_answers
from src.core.database import Database
from src.core.openai_client import Image
from src.messages.brain import cache
from src.messages.decision import DecisionKind, Draft, Quote, Ranked
from src.messages.question import Option, Question, Said
from tests.integration.messages.money_world import KEYS

ASKED = Question(("¿A qué hora abren los sábados?",))
DRAFT = Draft(
    DecisionKind.ANSWER,
    "es",
    "the model",
    ("f2",),
    "Los sábados de 9 a 14 h.",
    ranked=(Ranked("f2", 0.91), Ranked("f1", 0.2)),
    brain="openai",
    quotes=(Quote("f2", "de 9 a 14 h"),),
)
GREETED = (Said("customer", "¡Hola, buenas tardes!"), Said("bot", "¡Hola! ¿En qué podemos ayudar?"))
GREETED_FREELY = (Said("customer", "hola"), Said("bot", "¡Buenas! Cuénteme, le escucho."))
LONG = "¿Hacen envíos a domicilio de tartas de cumpleaños en el barrio los sábados por la tarde?"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url, KEYS)
    schema.migrate(found)
    yield found
    found.close()


def keep(
    database: Database, question: Question, draft: Draft = DRAFT, agent: str = "a", version: int = 1
) -> None:
    with database.transaction() as session:
        cache.keep(session, KEYS, agent, version, question, draft)


def find(database: Database, question: Question, agent: str = "a", version: int = 1) -> Draft | None:
    with database.read() as session:
        return cache.find(session, KEYS, agent, version, question)


def test_the_draft_comes_back_as_it_was(database: Database) -> None:
    assert find(database, ASKED) is None
    keep(database, ASKED)
    keep(database, ASKED)
    assert find(database, ASKED) == DRAFT


@pytest.mark.parametrize(
    "said",
    [
        "a que hora abren los sabados",
        "  ¡¿A QUÉ HORA   ABREN... los sábados!?",
        "a que hora, abren los sábados",
    ],
)
def test_case_accents_spaces_and_marks_make_no_other_question(database: Database, said: str) -> None:
    keep(database, ASKED)
    assert find(database, Question((said,))) == DRAFT


@pytest.mark.parametrize(
    "said",
    ["¿A qué hora abren los domingos?", "¿A qué hora abren los sábados? ¿Y cierran?", "abren los sábados"],
)
def test_other_words_are_another_question(database: Database, said: str) -> None:
    keep(database, ASKED)
    assert find(database, Question((said,))) is None


def test_signs_that_change_a_number_make_another_question(database: Database) -> None:
    keep(database, Question(("¿Hacen un 5% de descuento?",)))
    assert find(database, Question(("¿Hacen un 5€ de descuento?",))) is None
    assert find(database, Question(("¿Hacen un 5 % de descuento?",))) == DRAFT


def test_one_message_or_two_are_not_the_same_question(database: Database) -> None:
    keep(database, Question(("¿Abren los sábados?", "¿Y los domingos?")))
    assert find(database, Question(("¿Abren los sábados? ¿Y los domingos?",))) is None


def test_each_version_of_each_agent_has_answers_of_its_own(database: Database) -> None:
    keep(database, ASKED)
    assert find(database, ASKED, version=2) is None
    assert find(database, ASKED, agent="b") is None


@pytest.mark.parametrize("kind", [DecisionKind.CLARIFY, DecisionKind.OFF_TOPIC])
def test_questions_back_and_refusals_are_kept_too(database: Database, kind: DecisionKind) -> None:
    draft = Draft(kind, "es", "the model", options=("f1", "f2"), brain="openai")
    keep(database, ASKED, draft)
    assert find(database, ASKED) == draft


@pytest.mark.parametrize("kind", [DecisionKind.HANDOFF, DecisionKind.UNANSWERABLE, DecisionKind.SMALLTALK])
def test_what_calls_a_person_or_says_nothing_is_not_kept(database: Database, kind: DecisionKind) -> None:
    keep(database, ASKED, Draft(kind, "es", "the model", brain="openai"))
    assert find(database, ASKED) is None


def test_what_a_tool_told_about_one_customer_is_kept_for_nobody(database: Database) -> None:
    keep(database, ASKED, Draft(DecisionKind.ANSWER, "es", "", told={"t1": "Su pedido llega mañana."}))
    assert find(database, ASKED) is None


@pytest.mark.parametrize(
    "question",
    [
        Question(ASKED.texts, tapped=("faq:f1",)),
        Question(ASKED.texts, offered=(Option("f1", "Horario", None),)),
        Question(ASKED.texts, unreadable=("sticker",)),
        Question(ASKED.texts, images=(Image("image/jpeg", b"x"),)),
        Question(ASKED.texts, (Said("customer", "¿Tienen tartas sin gluten?"),)),
        Question(("¿Y los domingos?",), GREETED_FREELY),
        Question(("¿Y los domingos?",), earlier=(Said("customer", "¿Abren los sábados?"),)),
        Question(("¿Y cuánto tarda?" + " Por favor." * 60,)),
        Question(("   ",)),
        Question(()),
    ],
)
def test_what_does_not_stand_alone_is_neither_kept_nor_found(database: Database, question: Question) -> None:
    keep(database, question)
    with database.read() as session:
        assert session.execute(select(cached_answers)).first() is None
    keep(database, Question(question.texts or ("",)))
    assert find(database, question) is None


@pytest.mark.parametrize(
    "question",
    [
        Question(ASKED.texts, GREETED),
        Question((LONG,), GREETED_FREELY),
        Question((LONG,), earlier=(Said("customer", "¿Abren los sábados?"),)),
        Question(ASKED.texts, misses=2),
    ],
)
def test_after_a_greeting_a_whole_question_is_still_the_same(database: Database, question: Question) -> None:
    keep(database, Question(question.texts))
    assert find(database, question) == DRAFT


def test_neither_question_nor_answer_can_be_read_in_the_database(database: Database) -> None:
    keep(database, ASKED)
    with database.read() as session:
        key, draft = session.execute(text("SELECT key, draft FROM cached_answer")).one()
    for words in ("sábados", "sabados", "9 a 14"):
        assert words.encode() not in bytes(key) + bytes(draft)
