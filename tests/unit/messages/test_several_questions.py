"""Each question is answered or left with a word: nothing that was asked is dropped, and no other kind is a yes."""

import pytest

from src.core.agent_config import AgentConfig, Faq
from src.messages.compose import compose
from src.messages.decision import Clarify, DecisionKind, HandOff, Reply, Unanswerable
from src.messages.faq_answerer import draft
from src.messages.question import Question, Said
from tests.unit.messages.bakery import BAKERY, CARD, DOG, answered, asks

REST = "No tengo una respuesta segura para lo demás"
PAYMENT_AND_DAYS = AgentConfig(
    language="es-ES",
    faqs=(
        Faq(
            id="pay",
            q="¿Se puede pagar con tarjeta?",
            a="Sí: tarjeta, Bizum y efectivo.",
            also=("¿Cómo puedo pagar?",),
        ),
        Faq(
            id="days",
            q="¿Abrís los domingos y festivos?",
            a="Los domingos, de 8:30 a 14:00. Los festivos cerramos.",
        ),
        Faq(id="cake", q="¿Cuánto cuesta una tarta?", a="La de 8 raciones cuesta 24 €."),
    ),
)


@pytest.mark.parametrize(
    "said",
    [
        "¿Se puede pagar con tarjeta? ¿tenéis wifi?",
        "¿se puede pagar con tarjeta y tenéis wifi?",
        "se puede pagar con tarjeta y tenéis wifi",
    ],
)
def test_what_is_sure_is_answered_and_the_rest_is_said_to_be_left(said: str) -> None:
    decision = asks(said)
    assert isinstance(decision, Reply)
    assert decision.source_ids == ("card",)
    assert decision.text.startswith(f"{CARD}\n\n{REST}")


def test_for_what_is_left_a_person_is_offered_by_a_button_and_a_plain_yes_calls_one() -> None:
    decision = asks("¿Se puede pagar con tarjeta? ¿tenéis wifi?")
    (message,) = compose(decision)
    assert "'id': 'person'" in str(message)
    context = (Said("customer", "¿tarjeta? ¿wifi?"), Said("bot", decision.text))
    assert isinstance(answered(Question(("sí, por favor",), context)), HandOff)


def test_what_is_left_for_the_third_time_calls_a_person() -> None:
    decision = answered(Question(("¿Se puede pagar con tarjeta? ¿tenéis wifi?",), misses=2))
    assert isinstance(decision, Reply)
    assert decision.rest is not None
    assert decision.rest.calls_person
    assert "una persona responderá por aquí" in decision.text


def test_many_short_questions_get_all_that_is_sure() -> None:
    decision = asks("Hola, ¿envíos a domicilio? ¿tarjeta? ¿perro? ¿parking? ¿wifi?")
    assert isinstance(decision, Reply)
    assert set(decision.source_ids) == {"ship", "card", "dog", "park"}
    assert REST in decision.text


def test_where_every_question_has_its_answer_nothing_is_left() -> None:
    decision = asks("¿Puedo ir con mi perro? ¿Hacéis envíos? ¿Hay aparcamiento cerca?")
    assert isinstance(decision, Reply)
    assert decision.rest is None
    assert set(decision.source_ids) == {"dog", "ship", "park"}


def test_a_question_that_names_nothing_belongs_to_the_one_before() -> None:
    assert asks("¿puedo ir con mi perro? ¿sí o no?").text == DOG


@pytest.mark.parametrize(
    "said",
    [
        "¿puedo pagar con bitcoin?",
        "¿aceptáis cheques?",
        "¿puedo pagar a plazos?",
        "¿puedo pagar con PayPal?",
        "posso pagar em parcelas?",
        "can I pay with crypto?",
        "¿y el 24 de diciembre?",
        "¿abrís en Nochevieja?",
    ],
)
def test_a_kind_that_the_answer_does_not_name_is_never_a_sure_yes(said: str) -> None:
    assert draft(Question((said,)), PAYMENT_AND_DAYS).kind != DecisionKind.ANSWER


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("¿aceptáis visa?", "pay"),
        ("¿se puede pagar en efectivo?", "pay"),
        ("¿bizum?", "pay"),
        ("posso pagar em dinheiro?", "pay"),
        ("¿abrís en festivos?", "days"),
    ],
)
def test_a_kind_that_the_answer_names_is_answered(said: str, source: str) -> None:
    assert draft(Question((said,)), PAYMENT_AND_DAYS).source_ids == (source,)


def test_a_kind_may_be_named_by_either_of_two_answers() -> None:
    found = draft(Question(("puedo ir con mi perro y pagar con tarjeta",)), BAKERY)
    assert found.kind != DecisionKind.UNANSWERABLE
    assert set(found.source_ids or found.options) >= {"dog", "card"}


@pytest.mark.parametrize("said", ["¿tenéis sushi?", "quiero una pizza"])
def test_a_dish_that_nobody_named_is_no_question_about_cakes(said: str) -> None:
    assert isinstance(answered(Question((said,)), PAYMENT_AND_DAYS), Unanswerable)


def test_a_dish_that_is_sold_is_found() -> None:
    config = BAKERY.model_copy(
        update={"faqs": (*BAKERY.faqs, Faq(id="pizza", q="¿Cuánto cuesta una pizza?", a="8 €."))}
    )
    decision = asks("cuánto vale la pizza", config=config)
    shown = (
        decision.options[0].faq_id
        if isinstance(decision, Clarify)
        else "".join(getattr(decision, "source_ids", ()))
    )
    assert shown == "pizza"
