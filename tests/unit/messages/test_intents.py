"""Who needs a person gets one, who asks gets an answer, who wants no more messages is understood."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.sets import find_sets
from src.core.agent_config import Handoff
from src.messages import intents
from src.messages.decision import Clarify, DecisionKind, Reply
from src.messages.faq_answerer import draft
from src.messages.question import Option, Question, Said
from src.messages.small_talk import praises
from tests.unit.messages.bakery import BAKERY, WEEKEND, answered

DATA = Path(__file__).parents[3] / "evals" / "data"
CALLS = ("person", "complaint", "money_back", "legal", "harm")
ORDINARY = ("ordinary", "not_opt_out", "praise", "corrections")
CONFIGS = {one.config.language: one.config for one in find_sets(DATA / "es_faq")}
ASKED_OF = {"es": CONFIGS["es-AR"], "pt": CONFIGS["pt-BR"], "en": CONFIGS["es-MX"]}


def messages(part: str, *kinds: str) -> Iterator[tuple[str, str]]:
    """Language and text of every message of these kinds."""
    for language in ("es", "pt", "en"):
        found = tomllib.loads((DATA / "people" / part / f"{language}.toml").read_text(encoding="utf-8"))
        for kind in kinds:
            yield from ((language, text.strip()) for text in found.get(kind, "").strip().splitlines())


def called(part: str, *kinds: str) -> tuple[int, int]:
    """How many of these messages a person is called for, and how many there are."""
    found = [
        draft(Question((text,)), ASKED_OF[language]).kind == DecisionKind.HANDOFF
        for language, text in messages(part, *kinds)
    ]
    return sum(found), len(found)


@pytest.mark.parametrize(("part", "least"), [("first", 0.98), ("second", 0.95), ("third", 0.65)])
def test_a_person_is_called_in_the_words_of_many_countries(part: str, least: float) -> None:
    part_of, whole = called(part, *CALLS)
    assert part_of / whole >= least


@pytest.mark.parametrize("part", ["first", "second"])
def test_ordinary_questions_call_nobody(part: str) -> None:
    false, whole = called(part, *ORDINARY)
    assert false / whole <= 0.02


@pytest.mark.parametrize("part", ["first", "second"])
def test_who_wants_no_more_messages_is_understood_and_nobody_else(part: str) -> None:
    for language, text in messages(part, "opt_out"):
        assert intents.opt_out(text, language), text
    for language, text in messages(part, *CALLS, "ordinary", "not_opt_out", "corrections"):
        assert not intents.opt_out(text, language), text


@pytest.mark.parametrize("text", ["STOP", "Baja", "BAJA.", "sair", "Unsubscribe!", "stop por favor"])
def test_the_usual_words_end_messages_in_whatever_language_the_agent_is(text: str) -> None:
    for language in ("es", "pt", "en"):
        assert intents.opt_out(text, language)


def test_an_owners_question_about_leaving_is_still_answered() -> None:
    for text in ("¿cómo me doy de baja del gimnasio?", "quiero darme de baja", "la baja", "no más azúcar"):
        assert not intents.opt_out(text, "es")


@pytest.mark.parametrize(
    "text",
    [
        "quedé encantada, gracias",
        "¡qué lindo todo!",
        "ficou maravilhoso, obrigada",
        "highly recommend, thank you!",
    ],
)
def test_praise_is_thanked_for(text: str) -> None:
    found = draft(Question((text,)), BAKERY)
    assert (found.kind, found.text) == (DecisionKind.SMALLTALK, "thanks")


@pytest.mark.parametrize(
    "text",
    ["muy rico todo, ¿hacéis envíos a domicilio?", "me encantó, quiero encargar otra tarta de cumpleaños"],
)
def test_praise_does_not_hide_a_question(text: str) -> None:
    assert draft(Question((text,)), BAKERY).kind in (DecisionKind.ANSWER, DecisionKind.CLARIFY)


def test_praise_with_a_but_is_no_praise() -> None:
    assert not praises("muy rico pero llegó tarde", "es")


def test_a_correction_is_read_with_what_it_corrects() -> None:
    context = (Said("customer", "¿qué horario hay?"), Said("bot", "De lunes a viernes, de 8 a 20 h."))
    decision = answered(Question(("no, me refiero al sábado",), context))
    assert isinstance(decision, Reply | Clarify)
    shown = decision.text if isinstance(decision, Reply) else decision.options[0].faq_id
    assert shown in (WEEKEND, "weekend")


def test_a_correction_of_the_options_is_no_refusal_of_them() -> None:
    offered = (Option("week", "Entre semana", None), Option("weekend", "Fin de semana", None))
    found = draft(Question(("no, quise decir el fin de semana",), offered=offered), BAKERY)
    assert found.source_ids == ("weekend",)


def test_what_is_only_supposed_has_not_happened() -> None:
    assert intents.calls_a_person("¿qué pasa si me mandaron algo roto?", "es") is None
    assert intents.calls_a_person("me mandaron algo roto", "es") == "complaint"


def test_a_story_without_a_question_is_a_persons_affair() -> None:
    assert intents.narrates("marqué para las dos y recién me atendieron a las cuatro", "es")
    assert not intents.narrates("ayer pasé y estaba cerrado, ¿a qué hora abren?", "es")
    assert not intents.narrates("gracias", "es")


def test_an_owners_condition_may_be_one_rare_word() -> None:
    config = BAKERY.model_copy(update={"handoff": Handoff(when="Preguntas sobre kombucha; franquicias")})
    assert draft(Question(("¿tenéis kombucha de jengibre?",)), config).reason == "the owner's condition"
    assert draft(Question(("¿hacéis envíos?",)), config).kind == DecisionKind.ANSWER


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ("wants an invoice; was hurt", "hi, I need an invoice for yesterday"),
        ("factura, mayoristas", "hola, necesito factura del pedido de ayer"),
        ("El cliente pide factura o habla de una alergia.", "¿me hacéis factura?"),
        ("pede nota fiscal", "preciso da nota fiscal, por favor"),
    ],
)
def test_an_owners_condition_may_be_an_ordinary_word_of_which_no_faq_speaks(when: str, text: str) -> None:
    config = BAKERY.model_copy(update={"handoff": Handoff(when=when)})
    assert draft(Question((text,)), config).reason == "the owner's condition"


def test_a_word_of_what_happened_is_no_condition_by_itself() -> None:
    config = BAKERY.model_copy(
        update={"handoff": Handoff(when="El cliente reclama plata, se queja de un cobro.")}
    )
    assert draft(Question(("¿me haríais un cobro por Bizum?",)), config).reason != "the owner's condition"


def test_in_another_language_the_customer_is_answered_in_it() -> None:
    context = (Said("customer", "¿hacéis envíos?"), Said("bot", "Repartimos en el barrio por 3 €."))
    found = draft(Question(("sorry, do you speak English? is there parking nearby?",), context), BAKERY)
    assert found.language == "en"
    assert found.ranked[0].id == "park"


def test_apostrophes_do_not_break_words() -> None:
    assert intents.calls_a_person("my son can't breathe", "en") == "harm"
    assert intents.calls_a_person("my son can’t breathe", "en") == "harm"


def test_an_agent_without_conditions_has_none() -> None:
    assert not intents.owners_condition("hola", "es", None)
