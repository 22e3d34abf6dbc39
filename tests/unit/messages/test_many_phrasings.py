"""An owner who lists how customers ask is understood better: the bot learns from all the phrasings together."""

from src.core.agent_config import AgentConfig, Faq
from src.messages.decision import Reply
from src.messages.faq_answerer import draft
from src.messages.find import Index
from src.messages.question import Question
from src.messages.voices import MOST_LEARNED
from tests.unit.messages.bakery import answered

SHOP = AgentConfig(
    language="en",
    faqs=(
        Faq(
            id="where",
            q="Order status",
            a="Open the link in your e-mail.",
            also=(
                "where is my order",
                "track my parcel",
                "when will my order come",
                "has my parcel left",
                "my order is not here yet",
                "what happened to my parcel",
                "when do I get my order",
                "is my parcel on its way",
                "no news of my order",
            ),
        ),
        Faq(
            id="cancel",
            q="Cancellation",
            a="Write to us within an hour.",
            also=(
                "cancel my order",
                "I do not want my order any more",
                "stop my order please",
                "how can I cancel",
                "I ordered by mistake",
                "please cancel the parcel",
                "I want to cancel my order",
                "take my order back",
                "forget about my order",
            ),
        ),
        Faq(
            id="buy",
            q="Ordering",
            a="On our site, day and night.",
            also=(
                "I want to order",
                "how do I order",
                "can I order by phone",
                "take my order",
                "I would like to order",
                "order something",
                "place an order",
                "may I order today",
                "how to order two",
            ),
        ),
    ),
)


def first(text: str, config: AgentConfig = SHOP) -> str:
    return draft(Question((text,)), config).ranked[0].id


def test_what_the_phrasings_of_one_faq_have_in_common_outweighs_a_word_of_all() -> None:
    assert first("when is my order here") == "where"
    assert first("no order any more please") == "cancel"
    assert first("can I order now") == "buy"


def test_words_run_together_or_misspelled_are_heard_in_the_pieces() -> None:
    assert first("cancell my ordr plz") == "cancel"
    assert first("trakmyparcel") == "where"


def test_a_phrasing_word_for_word_is_answered() -> None:
    decision = answered(Question(("Take my order back",)), SHOP)
    assert isinstance(decision, Reply)
    assert decision.source_ids == ("cancel",)


def test_the_same_question_is_ranked_the_same_by_an_index_built_anew() -> None:
    for text in ("my order", "please", "when", "order cancel when"):
        assert Index(SHOP).search(text, "en") == Index(SHOP.model_copy()).search(text, "en")


def test_a_single_phrasing_teaches_nothing_and_is_measured_by_itself() -> None:
    bare = SHOP.model_copy(update={"faqs": tuple(faq.model_copy(update={"also": ()}) for faq in SHOP.faqs)})
    for match in Index(bare).search("order", "en"):
        assert (match.voice, match.outvoiced, match.rich) == (0.0, 0.0, 0.0)


def test_more_phrasings_than_can_be_learned_from_are_still_searched() -> None:
    each = MOST_LEARNED // 3
    many = tuple(
        faq.model_copy(update={"also": (*faq.also, *(f"{faq.id} {number}" for number in range(each)))})
        for faq in SHOP.faqs
    )
    assert first("where is my order", AgentConfig(language="en", faqs=many)) == "where"
