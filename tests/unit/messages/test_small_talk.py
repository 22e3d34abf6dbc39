"""Small talk is a greeting, thanks or a sign and nothing beside it: an order or anger is never met with "¡Perfecto!"."""

import pytest

from src.core.agent_config import AgentConfig
from src.messages.brain.ladder import _NEEDS_NO_MODEL
from src.messages.decision import Decision, DecisionKind, HandOff, Reply, SmallTalk
from src.messages.faq_answerer import draft
from src.messages.language import detect
from src.messages.question import Option, Question, Said
from src.messages.small_talk import small_talk
from tests.unit.messages.bakery import BAKERY, CAKE, answered, asks

ORDERS = [
    ("ok la quiero para mañana", "es"),
    ("vale, la quiero", "es"),
    ("Dale, lo quiero", "es"),
    ("ok no lo quiero", "es"),
    ("no gracias, quiero otra cosa", "es"),
    ("vale voy ahora", "es"),
    ("perfecto, mañana voy", "es"),
    ("perfecto, resérvame una para el sábado", "es"),
    ("genial entonces paso el lunes", "es"),
    ("listo, me lo llevo", "es"),
    ("hola, cómo va lo mío", "es"),
    ("ok quero para amanhã", "pt"),
    ("beleza, vou querer", "pt"),
    ("ótimo, me reserva uma", "pt"),
    ("great, book me a table", "en"),
    ("ok, I'll take it", "en"),
    ("perfect, see you on Monday then", "en"),
]
ASKED_WHICH = (Said("customer", "¿y la tarta?"), Said("bot", "¿La de 10 raciones o la grande?"))


def asked_after(text: str, said_by_bot: str) -> Decision:
    """What the bot says to a text that follows these words of its own."""
    return answered(Question((text,), (Said("customer", "hola"), Said("bot", said_by_bot))))


@pytest.mark.parametrize(("said", "language"), ORDERS)
def test_an_order_is_no_small_talk_with_or_without_a_model(said: str, language: str) -> None:
    assert small_talk(said, language) is None
    found = draft(Question((said,)), BAKERY)
    assert found.kind != DecisionKind.SMALLTALK
    assert found.reason not in _NEEDS_NO_MODEL


def test_an_order_that_names_nothing_is_told_honestly_and_a_person_is_offered() -> None:
    before = (Said("customer", "¿Cuánto cuesta una tarta?"), Said("bot", CAKE))
    assert answered(Question(("vale, la quiero",), before)).kind == DecisionKind.UNANSWERABLE


@pytest.mark.parametrize(
    ("said", "language", "kind"),
    [
        ("hola, buenas, una pregunta", "es", "greeting"),
        ("buenos días, ¿me podéis ayudar?", "es", "greeting"),
        ("muchas gracias por todo, muy amables", "es", "thanks"),
        ("vale, perfecto, gracias", "es", "thanks"),
        ("vale, hasta luego", "es", "goodbye"),
        ("👍🏽", "es", "ok"),
        ("oi, tudo bem? tenho uma dúvida", "pt", "greeting"),
        ("muito obrigada, pessoal", "pt", "thanks"),
        ("hi there, quick question", "en", "greeting"),
        ("thank you all so much", "en", "thanks"),
    ],
)
def test_courtesy_is_still_small_talk(said: str, language: str, kind: str) -> None:
    assert small_talk(said, language) == kind


def test_a_word_to_a_question_of_the_models_is_left_to_the_model() -> None:
    for text in ("sí", "ok", "👍", "perfecto"):
        found = draft(Question((text,), ASKED_WHICH), BAKERY)
        assert found.reason not in _NEEDS_NO_MODEL, text


def test_an_ok_to_our_greeting_is_small_talk() -> None:
    before = (Said("customer", "hola"), Said("bot", "¡Hola! ¿En qué podemos ayudar?"))
    assert draft(Question(("ok",), before), BAKERY).reason == "small talk"


def test_a_thumb_up_chooses_the_faq_that_was_offered() -> None:
    offered = (Option("cake", "Tarta", None),)
    assert draft(Question(("👍",), offered=offered), BAKERY).source_ids == ("cake",)


def test_a_thumb_up_accepts_the_person_that_was_offered() -> None:
    offer = asks("¿Hacéis croquetas veganas de boletus?").text
    assert isinstance(asked_after("👍", offer), HandOff)


@pytest.mark.parametrize(
    "said", ["😡😡😡", "🤬", "gracias por nada", "obrigada por nada", "thanks for nothing"]
)
def test_anger_is_met_with_regret_and_a_person(said: str) -> None:
    decision = asks(said)
    assert isinstance(decision, HandOff)
    assert decision.text.startswith(("Lo siento mucho.", "Sinto muito.", "I am very sorry."))


@pytest.mark.parametrize(
    "said",
    [
        "mi hija se ha puesto mala con vuestro pan, tiene alergia",
        "se me ha caído un diente con vuestro pan",
        "acabamos en el hospital por vuestra tarta",
        "me he cortado con un cristal que había en el pan",
        "minha filha ficou doente depois de comer o bolo",
        "quebrei um dente com o pão de vocês",
        "my daughter got ill after eating your bread",
        "I broke a tooth on your bread",
    ],
)
def test_who_was_harmed_gets_a_person_and_regret(said: str) -> None:
    decision = asks(said)
    assert isinstance(decision, HandOff)
    assert decision.text.startswith(("Lo siento mucho.", "Sinto muito.", "I am very sorry."))


@pytest.mark.parametrize(
    "said",
    [
        "mi hija tiene alergia al huevo, ¿qué puede comer?",
        "¿vuestro pan lleva gluten? soy alérgica",
        "¿estáis cerca del hospital?",
        "o hospital fica perto de vocês?",
        "is the hospital near your shop?",
    ],
)
def test_a_question_about_an_allergy_or_a_hospital_is_no_harm(said: str) -> None:
    assert not isinstance(asks(said), HandOff)


def test_who_only_asks_for_a_person_hears_no_regret() -> None:
    assert asks("quiero hablar con una persona").text.startswith("De acuerdo, el mensaje queda")


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("no hace falta que me atienda una persona", "De acuerdo, seguimos"),
        ("no quiero que me llame nadie", "De acuerdo, seguimos"),
        ("não quero falar com uma pessoa", "Certo, seguimos"),
        ("I don't want to talk to a person", "All right, we go on"),
    ],
)
def test_who_refuses_a_person_is_not_given_one(said: str, begins: str) -> None:
    decision = asks(said)
    assert isinstance(decision, SmallTalk)
    assert decision.text.startswith(begins)


def test_what_is_asked_beside_a_refusal_is_answered() -> None:
    decision = asks("no quiero hablar con una persona, solo dime si se puede pagar con tarjeta")
    assert isinstance(decision, Reply)
    assert decision.source_ids == ("card",)


@pytest.mark.parametrize(
    "said",
    [
        "no quiero hablar con un bot",
        "no quiero un robot, quiero hablar con una persona",
        "no quiero esperar más quiero hablar con una persona",
        "¿no puedo hablar con alguien?",
        "I don't want to talk to a bot",
        "não quero falar com robô",
    ],
)
def test_who_refuses_the_bot_gets_a_person(said: str) -> None:
    assert isinstance(asks(said), HandOff)


def test_a_portion_for_one_person_is_no_question_about_us() -> None:
    assert not isinstance(asks("¿es para una persona?"), SmallTalk)
    assert asks("¿eres una persona?").text.startswith("Soy el asistente")


@pytest.mark.parametrize(
    "text", ["https://example.com", "mira http://x.com/abc", "www.com.br", "ana@example.com"]
)
def test_a_link_is_of_no_language(text: str) -> None:
    assert detect(Question((text,)), "es") == "es"


def test_a_few_english_words_are_answered_in_english() -> None:
    assert detect(Question(("great, book me a table",)), "es") == "en"


def test_an_agent_without_faqs_breaks_nothing() -> None:
    assert draft(Question(("vale, la quiero. ¿cuándo? ¿dónde?",)), AgentConfig(faqs=())).kind
