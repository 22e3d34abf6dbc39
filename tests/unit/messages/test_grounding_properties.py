"""Whatever a model writes: examining it never fails, owners' words hold, what is added does not."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from src.core.agent_config import AgentConfig, Faq
from src.messages.brain.grounding import CHECKS, examine
from src.messages.decision import DecisionKind, Draft, Quote
from src.messages.question import Question, Said
from tests.unit.messages.test_grounding import ANSWERS, CANARY, SHOP

KINDS = [DecisionKind.ANSWER, DecisionKind.CLARIFY, DecisionKind.SMALLTALK]
texts = st.text(max_size=300) | st.lists(
    st.sampled_from([*ANSWERS.values(), "7:00 p. m.", "$1,500", "dos mil y ", "25/12", "lunes a ", "@a.b", "https://x.y/", "(", "[dot]", "\u200b", "٣٤", "½", "º", "m."]),
    max_size=12,
).map("".join)  # fmt: skip
ids = st.lists(st.sampled_from([*ANSWERS, "invented", "tool"]), max_size=10).map(tuple)


@given(texts, texts, ids, ids, st.sampled_from(KINDS), st.text(max_size=20), texts)
@settings(max_examples=150, deadline=None)
def test_no_text_is_too_strange_to_be_examined(
    text: str, asked: str, cites: tuple[str, ...], options: tuple[str, ...], kind: DecisionKind, canary: str, told: str
) -> None:  # fmt: skip
    quotes = tuple(Quote(one, told) for one in cites)
    draft = Draft(kind, "es", "", cites, text, options, brain="openai", quotes=quotes, told={"tool": told})
    question = Question((asked,), (Said("customer", told), Said("bot", text)))
    for failure in examine(draft, SHOP, question, canary, rules=told):
        assert failure.check in CHECKS
        assert failure.why


@given(texts, texts)
@settings(max_examples=150, deadline=None)
def test_the_answer_of_any_faq_holds_as_it_stands(asked: str, answered: str) -> None:
    if not asked.strip() or not answered.strip():
        return
    faq = Faq(id="f", q=asked[:300].strip() or "?", a=answered[:3000].strip() or "!")
    quotes = (Quote("f", faq.a),)
    draft = Draft(DecisionKind.ANSWER, "es", "", ("f",), faq.a, brain="openai", quotes=quotes)
    checks = {one.check for one in examine(draft, AgentConfig(faqs=(faq,)), Question(("?",)), CANARY)}
    assert checks <= {"language", "quotes"}  # a quote without a word says nothing


def _verbatim(faq_id: str) -> Draft:
    answer = ANSWERS[faq_id]
    return Draft(
        DecisionKind.ANSWER, "es", "", (faq_id,), answer, brain="openai", quotes=(Quote(faq_id, answer),)
    )


faq_ids = st.sampled_from(sorted(ANSWERS))
questions = st.text(max_size=80).map(lambda text: Question((text,)))


@given(faq_ids, questions)
@settings(max_examples=60, deadline=None)
def test_an_owners_answer_holds_whatever_is_asked(faq_id: str, question: Question) -> None:
    checks = {one.check for one in examine(_verbatim(faq_id), SHOP, question, CANARY)}
    assert checks <= {"language"}  # the question may be in another one


@given(
    faq_ids,
    st.integers(min_value=3_000, max_value=9_999_999),
    st.sampled_from(["${}", "{} pesos", "{}", "{}%", "R$ {}"]),
)
@settings(max_examples=80, deadline=None)
def test_a_number_that_is_added_is_found(faq_id: str, number: int, form: str) -> None:
    draft = _verbatim(faq_id)
    draft = replace(draft, text=f"{draft.text} Son {form.format(number)}.")
    checks = {one.check for one in examine(draft, SHOP, Question(("?",)), CANARY)}
    assert checks & {"numbers", "contacts"}


label = st.from_regex(r"[a-z][a-z0-9]{2,12}", fullmatch=True)
links = st.builds(
    lambda scheme, host, ending, path: f"{scheme}{host}.{ending}{path}",
    st.sampled_from(["", "https://", "http://", "www.", "https://www."]),
    label,
    st.sampled_from(["com", "net", "org", "com.mx", "io", "co", "shop", "ly"]),
    st.sampled_from(["", "/", "/x", "/x?y=z", "#a"]),
)


@given(faq_ids, links, st.sampled_from(["{}", "Mira {}.", "[aquí]({})", "({})", "«{}»"]))
@settings(max_examples=80, deadline=None)
def test_a_link_that_is_added_is_found(faq_id: str, link: str, form: str) -> None:
    draft = _verbatim(faq_id)
    draft = replace(draft, text=f"{draft.text} {form.format(link)}")
    assert "links" in {one.check for one in examine(draft, SHOP, Question(("?",)), CANARY)}


@given(faq_ids, st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=14, max_size=24))
@settings(max_examples=40, deadline=None)
def test_a_canary_that_is_added_is_found(faq_id: str, canary: str) -> None:
    draft = _verbatim(faq_id)
    draft = replace(draft, text=f"{draft.text} {canary}")
    assert "leak" in {one.check for one in examine(draft, SHOP, Question(("?",)), canary)}
