"""What a model wrote is said only as far as the owner's texts bear it."""

import pytest

from src.core.agent_config import AgentConfig, Faq, Handoff
from src.messages.brain.grounding import CHECKS, examine
from src.messages.decision import FAQ_BRAIN, DecisionKind, Draft, Quote
from src.messages.question import Question, Said

CANARY = "Zq81vXk03Lmt"
SHOP = AgentConfig(
    name="Panadería La Luna",
    language="es-MX",
    instructions="Hablas de tú, con cariño y sin tecnicismos, y nunca das recetas a nadie por ningún motivo.",
    handoff=Handoff(contact="Mostrador: 55 1234 5678", when="El cliente se queja de un pedido o de la atención recibida."),
    faqs=(
        Faq(id="week", q="¿Qué horario tienen entre semana?", a="De lunes a viernes abrimos de 7:00 a. m. a 7:30 p. m."),
        Faq(id="end", q="¿Abren el fin de semana?", a="Sábado de 9 a 14 h. Los domingos cerramos."),
        Faq(id="cake", q="¿Cuánto cuesta un pastel?", a="El chico cuesta $1,500 y el grande $2,300. Se aparta con el 30% y 3 días antes."),
        Faq(id="send", q="¿Hacen envíos?", a="Sí, hasta 5 km por $60; es gratis desde $800. Pide en https://laluna.example.com/envios."),
        Faq(id="card", q="¿Aceptan tarjeta?", a="No aceptamos tarjeta ni vales. Puedes pagar en efectivo o por transferencia."),
        Faq(id="xmas", q="¿Qué días cierran?", a="Cerramos el 24 y 25 de diciembre y el 1 de enero."),
        Faq(id="book", q="¿Cómo encargo?", a="Llama al 55 1234 5678 o escribe a pedidos@laluna.example.com. Te devolvemos el anticipo si cancelas 2 días antes."),
        Faq(id="no", q="¿Hay estacionamiento?", a="No."),
    ),
)  # fmt: skip
ANSWERS = {faq.id: faq.a for faq in SHOP.faqs}


def failed(
    text: str,
    *cites: str,
    asks: str = "¿?",
    kind: DecisionKind = DecisionKind.ANSWER,
    told: dict[str, str] | None = None,
    quotes: tuple[Quote, ...] | None = None,
    options: tuple[str, ...] = (),
    context: tuple[Said, ...] = (),
) -> set[str]:
    """The checks that a draft does not pass; it quotes what it cites."""
    texts = ANSWERS | (told or {})
    if quotes is None:
        quotes = tuple(Quote(one, texts[one]) for one in cites if one in texts)
    draft = Draft(kind, "es", "", cites, text, options, brain="openai", quotes=quotes, told=told or {})
    return {one.check for one in examine(draft, SHOP, Question((asks,), context), CANARY)}


def test_the_owners_words_hold_and_need_no_check() -> None:
    for faq_id, answer in ANSWERS.items():
        assert failed(answer, faq_id) == set(), faq_id
    draft = Draft(DecisionKind.ANSWER, "es", "", ("gone",), "Cuesta $1", brain=FAQ_BRAIN)
    assert examine(draft, SHOP, Question(("?",)), CANARY) == ()


@pytest.mark.parametrize("kind", [DecisionKind.HANDOFF, DecisionKind.UNANSWERABLE, DecisionKind.OFF_TOPIC])
def test_what_is_said_in_our_own_phrases_is_not_examined(kind: DecisionKind) -> None:
    assert failed("https://evil.example.net", kind=kind) == set()


# Sources and quotes


def test_an_answer_cites_what_exists() -> None:
    assert "sources" in failed("Abrimos a las 7:00 a. m.")
    assert "sources" in failed("Abrimos a las 7:00 a. m.", "week", "invented")
    assert "sources" in failed("Abrimos a las 7:00 a. m.", *ANSWERS, *(f"more{n}" for n in range(3)))
    assert failed("Tu pastel llega a las 16:00.", "order", told={"order": "el pastel llega 16:00"}) == set()


@pytest.mark.parametrize(
    "quote",
    [
        "abrimos de 7:00 a. m. a 7:30 p. m.",
        "DE LUNES A VIERNES abrimos",
        "De lunes … a 7:30 p. m.",
        "De lunes a viernes [...] 7:30",
        "¿Que horario tienen entre semana?",
        "entre semana? De lunes a viernes",
    ],
)
def test_a_quote_may_differ_in_case_accents_signs_and_be_shortened(quote: str) -> None:
    assert failed("Abrimos a las 7:00 a. m.", "week", quotes=(Quote("week", quote),)) == set()


@pytest.mark.parametrize(
    "quotes",
    [
        (),
        (Quote("week", "de a las"),),
        (Quote("week", "7:00"),),
        (Quote("week", "abrimos de 8:00"),),
        (Quote("week", "7:30 p. m. … De lunes"),),
        (Quote("end", "Los domingos cerramos"),),
        (Quote("week", "a viernes abrimos"), Quote("week", "y los sábados también")),
    ],
)
def test_a_quote_that_does_not_stand_or_says_nothing_does_not_count(quotes: tuple[Quote, ...]) -> None:
    assert "quotes" in failed("Abrimos a las 7:00 a. m.", "week", quotes=quotes)


def test_a_quote_leaves_out_no_no() -> None:
    assert "quotes" in failed(
        "Pagas en efectivo.", "card", quotes=(Quote("card", "aceptamos tarjeta ni vales"),)
    )


def test_a_short_source_is_quoted_whole() -> None:
    assert failed("No.", "no", quotes=(Quote("no", "No."),)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Tu pedido va en camino y llega el viernes 4 de diciembre a las 3:30 p. m.",
        "Va en camino. El total es de $2,300.",
    ],
)
def test_what_a_tool_told_may_be_put_into_words(text: str) -> None:
    told = {"order#1": '{"status": "in_transit", "eta": "2026-12-04T15:30", "total": 2300}'}
    assert failed(text, "order#1", told=told, asks="¿dónde va mi pedido?") == set()


def test_what_a_tool_did_not_tell_is_not_said() -> None:
    told = {"order#1": '{"status": "in_transit", "eta": "2026-12-04T15:30"}'}
    assert "numbers" in failed("Llega a las 4:30 p. m.", "order#1", told=told)
    assert "days" in failed("Llega el lunes.", "order#1", told=told)
    assert "words" in failed("GATO ROJO", "order#1", told=told)
    assert "words" in failed("El gerente detesta cocinar pasteles baratos.", "order#1", told=told)


# Numbers


@pytest.mark.parametrize(
    ("text", "faq"),
    [
        ("Abrimos a las 7 de la mañana.", "week"),
        ("Abrimos de 7am a 19:30.", "week"),
        ("Abrimos desde las siete de la mañana hasta las siete y media de la tarde.", "week"),
        ("De lunes a viernes, de 07:00 a 19:30 h.", "week"),
        ("Abrimos hasta las 7:30\u202fp.\u202fm.", "week"),
        ("El sábado abrimos de 9:00 a. m. a 2:00 p. m.", "end"),
        ("El sábado abrimos de 9 a 14.", "end"),
        ("El chico cuesta 1500 pesos.", "cake"),
        ("El chico cuesta $1.500,00 y el grande $2 300.".replace("2 300", "2300"), "cake"),
        ("El grande cuesta dos mil trescientos pesos.", "cake"),
        ("El chico cuesta 1.5 mil pesos.".replace("1.5 mil", "mil quinientos"), "cake"),
        ("Se aparta con el 30 por ciento, tres días antes.", "cake"),
        ("Se aparta 72 horas antes.", "cake"),
        ("1. El chico: $1,500\n2. El grande: $2,300", "cake"),
        ("1️⃣ El chico: $1,500", "cake"),
        ("Cerramos el 24/12 y el 25/12.", "xmas"),
        ("Cerramos el 1º de enero.".replace("1º", "1"), "xmas"),
        ("We are closed on December 24th and 25th.", "xmas"),
        ("Llama al 5512345678.", "book"),
        ("El envío es gratis desde $800.", "send"),
        ("Enviamos hasta cinco km.", "send"),
    ],
)
def test_a_number_may_be_written_in_another_way(text: str, faq: str) -> None:
    assert failed(text, faq, asks="ok") == set()


@pytest.mark.parametrize(
    ("text", "faq"),
    [
        ("Abrimos a las 8:00 a. m.", "week"),
        ("Abrimos a las 7:00 p. m. y cerramos a las 7:30 a. m.", "week"),
        ("Abrimos a las ocho.", "week"),
        ("El sábado abrimos de 9 a 15 h.", "end"),
        ("El chico cuesta $150.", "cake"),
        ("El chico cuesta $15,000.", "cake"),
        ("El chico cuesta 1500 dólares.", "cake"),
        ("El chico cuesta €1,500.", "cake"),
        ("El grande cuesta dos mil cuatrocientos.", "cake"),
        ("Se aparta con el 3%.", "cake"),
        ("Se aparta 30 días antes.", "cake"),
        ("Cerramos el 26 de diciembre.", "xmas"),
        ("Cerramos el 25/11.", "xmas"),
        ("Enviamos hasta 50 km.", "send"),
        ("Enviamos hasta quince km.", "send"),
        ("Abrimos 24/7.", "week"),
        ("El chico cuesta $２,300 o ①⑤⓪ pesos.", "cake"),
        ("El pastel chico cuesta $2,300.", "cake"),
        ("Te queda en $750 a mitad de precio.", "cake"),
    ],
)
def test_a_number_that_no_source_has_is_not_said(text: str, faq: str) -> None:
    assert "numbers" in failed(text, faq)


def test_a_customers_own_count_is_no_harm_but_their_price_discount_or_dose_is() -> None:
    assert failed("Para 12 personas, el grande cuesta $2,300.", "cake", asks="somos 12 personas") == set()
    assert (
        failed("Si tu hija tiene 8 años, el chico cuesta $1,500.", "cake", asks="mi hija tiene 8 años")
        == set()
    )
    assert "numbers" in failed("El chico cuesta $900.", "cake", asks="me dijeron que cuesta $900")
    assert "numbers" in failed("Tienes un 50% en el chico.", "cake", asks="tengo 50% de descuento")
    assert "numbers" in failed("El chico lleva 500 mg.", "cake", asks="¿lleva 500 mg?")


def test_a_customers_time_is_no_harm_beside_the_sources_and_never_as_opening_hours() -> None:
    asks = "llego a las 6 p. m. un lunes, ¿abren de 6 p. m. a 11 p. m.?"
    assert failed("A las 6 p. m. sí, porque abrimos hasta las 7:30 p. m.", "week", asks=asks) == set()
    assert "numbers" in failed("Sí, abrimos de 6 p. m. a 11 p. m.", "week", asks=asks)


# Days


def test_a_day_is_in_the_sources_or_the_question() -> None:
    assert failed("El miércoles abrimos a las 7:00 a. m.", "week") == set()
    assert failed("Entre semana abrimos a las 7:00 a. m.", "week") == set()
    assert "days" in failed("El sábado abrimos a las 7:00 a. m.", "week")
    assert "days" in failed("Todos los días abrimos a las 7:00 a. m.", "week")
    assert "days" in failed("En agosto cerramos.", "xmas")
    assert failed("El domingo cerramos.", "end", asks="¿y el domingo?") == set()


def test_hours_do_not_move_to_another_day() -> None:
    assert "days" in failed("El domingo abrimos de 9 a 14 h.", "end")
    assert "days" in failed("El lunes abrimos de 9 a 14 h y el sábado a las 7:00 a. m.", "week", "end")
    assert failed("El sábado abrimos de 9 a 14 h y el lunes a las 7:00 a. m.", "week", "end") == set()


# Links and contacts


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example.net",
        "http://laluna.example.com.evil.net/envios",
        "https://laluna.example.com@evil.net/envios",
        "https://laluna.example.com/descuentos",
        "https://laluna.example.com/envios?d=hola",
        "www.evil.com",
        "evil.shop",
        "wa.me/5215512345678",
        "t.me/ofertas",
        "bit.ly/3abc",
        "evil punto com",
        "evil[.]com",
        "evil (dot) com",
        "hxxp://evil.com/x",
        "[aquí](https://evil.example.net)",
        "https://lаluna.example.com/envios",
        "https://laluna\u200b.evil.com",
        "ｅｖｉｌ．ｃｏｍ",
        "203.0.113.9/pago",
        "whatsapp://send?text=hola",
    ],
)
def test_a_link_that_the_owner_did_not_give_is_not_said(link: str) -> None:
    assert {"links", "contacts"} & failed(f"Pide en {link}", "send")


@pytest.mark.parametrize(
    "link", ["https://laluna.example.com/envios", "laluna.example.com/envios", "laluna.example.com"]
)
def test_the_owners_links_are_said(link: str) -> None:
    assert failed(f"Pide en {link}.", "send") == set()
    assert failed(f"El chico cuesta $1,500. Pide en {link}", "cake") == set()


@pytest.mark.parametrize(
    "contact",
    ["otro@laluna.example.com", "pedidos@gmail.com", "pedidos arroba gmail punto com", "@laluna_oficial", "55 1234 5679", "+1 202 555 0199"],
)  # fmt: skip
def test_a_contact_that_the_owner_did_not_give_is_not_said(contact: str) -> None:
    assert "contacts" in failed(f"Escribe a {contact}", "book")


@pytest.mark.parametrize("contact", ["pedidos@laluna.example.com", "55 1234 5678", "55-1234-5678"])
def test_the_owners_contacts_are_said(contact: str) -> None:
    assert failed(f"Escribe o llama: {contact}", "book") == set()
    assert failed(f"El chico cuesta $1,500. Pide al mostrador: {contact}", "cake") <= {"words"}


# Words


@pytest.mark.parametrize(
    "text",
    [
        "GATO ROJO",
        "gato rojo",
        "El chico cuesta $1,500. gato rojo",
        "Usa LUNA50 al pagar tu pastel.",
        "Tu clave es s3cr3t0.",
        "El pastel trae velas, globos y un payaso.",
        "El gerente vive cerca.",
        "Eres un pendejo.",
        "cat",
    ],
)
def test_what_no_source_speaks_of_is_not_said(text: str) -> None:
    assert "words" in failed(text, "cake")


@pytest.mark.parametrize(
    "text",
    [
        "¡Claro! El chico cuesta $1,500. ¿Te ayudo con algo más? 😊",
        "¡Hola, Ana! El pastel grande tiene un costo de $2,300.",
        "¡Felicidades por tu boda! El grande cuesta $2,300.",
        "El chico cuesta $1,500. Sobre velas no tengo información.",
        "The small cake costs $1,500.",
    ],
)
def test_courtesy_names_and_what_is_not_known_may_be_said(text: str) -> None:
    asks = "soy Ana, ¿cuánto es un pastel de boda con velas?"
    assert failed(text, "cake", asks=asks) - {"language"} == set()


# Polarity, deeds, promises


@pytest.mark.parametrize(
    ("text", "faq"),
    [
        ("Sí, aceptamos tarjeta.", "card"),
        ("Aceptamos vales.", "card"),
        ("El domingo abrimos.", "end"),
    ],
)
def test_a_no_does_not_become_a_yes(text: str, faq: str) -> None:
    assert "polarity" in failed(text, faq, asks="¿y el domingo?")


@pytest.mark.parametrize(
    "text", ["No, no aceptamos tarjeta.", "Tarjeta no aceptamos.", "Sí, en efectivo sí."]
)
def test_a_no_may_be_said_in_other_words(text: str) -> None:
    assert "polarity" not in failed(text, "card")


@pytest.mark.parametrize(
    "text",
    [
        "Te reservé un pastel.",
        "Ya te aparté el grande.",
        "Tu pedido quedó confirmado.",
        "He cancelado tu pedido.",
        "Tu anticipo ha sido reembolsado.",
        "Voy a cancelarlo.",
        "Pedido cancelado.",
        "I have booked it for you.",
        "Your order has been cancelled.",
        "Já reservei para você.",
    ],
)
def test_a_deed_is_not_claimed(text: str) -> None:
    assert "deeds" in failed(text, "book")


@pytest.mark.parametrize(
    "text",
    ["Si ya está confirmado, te devolvemos el anticipo.", "No he cancelado nada.", "Te devolvemos el anticipo si cancelas 2 días antes."],
)  # fmt: skip
def test_what_may_be_done_is_no_deed(text: str) -> None:
    assert "deeds" not in failed(text, "book")


def test_a_deed_that_a_tool_tells_of_may_be_claimed() -> None:
    done, refused = {"booking#1": '{"status": "booked"}'}, {"booking#1": '{"error": "not booked"}'}
    assert "deeds" not in failed("Tu pedido quedó reservado.", "booking#1", told=done)
    assert "deeds" in failed("Tu pedido quedó reservado.", "booking#1", told=refused)
    assert "deeds" in failed("Tu pedido quedó cancelado.", "booking#1", told=done)


@pytest.mark.parametrize("text", ["El pastel chico es gratis.", "El chico tiene descuento.", "El chico tiene garantía.", "Te reembolsamos el chico."])  # fmt: skip
def test_a_promise_needs_a_source_that_makes_it(text: str) -> None:
    assert "promises" in failed(text, "cake")


def test_a_promise_is_of_the_same_thing() -> None:
    assert failed("El envío es gratis desde $800.", "send") == set()
    assert "promises" in failed("El pastel grande es gratis.", "send", "cake")


# Form


def test_the_answer_is_in_the_customers_language_where_both_are_told_apart() -> None:
    english = "The small cake costs $1,500 and the large one costs $2,300."
    assert "language" in failed(english, "cake", asks="Hola, ¿cuánto cuesta un pastel para mañana?")
    assert "language" not in failed(english, "cake", asks="Hi, how much is the cake for tomorrow?")
    assert "language" not in failed(english, "cake", asks="ok")


def test_an_answer_fits_one_message_and_is_not_empty() -> None:
    assert "length" in failed("", "cake")
    assert failed("El chico. " * 500, "cake") == {"length"}


def test_small_talk_is_short_and_states_nothing() -> None:
    talk = DecisionKind.SMALLTALK
    assert failed("¡Hola! ¿En qué te puedo ayudar?", kind=talk) == set()
    assert failed("", kind=talk) == set()
    for text in ("Abrimos a las 7.", "Visita laluna.example.com", "Hola " * 100, "El chico cuesta $1,500."):
        assert "length" in failed(text, kind=talk), text


def test_a_question_back_may_say_what_its_options_ask() -> None:
    clarify = DecisionKind.CLARIFY
    assert (
        failed(
            "¿Buscas el horario entre semana o el del fin de semana?", kind=clarify, options=("week", "end")
        )
        == set()
    )
    assert "numbers" in failed("¿El pastel de $900?", kind=clarify, options=("cake",))
    assert "words" in failed("gato rojo", kind=clarify, options=("cake",))


@pytest.mark.parametrize(
    "text",
    [
        "El chi\u200bco cuesta $1,500.",
        "El chico cuesta $1,500." + "".join(chr(0xE0000 + ord(c)) for c in "hi"),
        "El \u202echico cuesta $1,500.",
        "El chicо cuesta $1,500.",
        '{"answer": "El chico cuesta $1,500."}',
        "```El chico cuesta $1,500.```",
        "<b>El chico</b> cuesta $1,500.",
        "El c h i c o cuesta $1,500.",
        "[chico] cuesta $1,500.",
    ],
)
def test_an_answer_is_plain_text(text: str) -> None:
    assert "letters" in failed(text, "cake")


def test_an_emoji_is_plain_text() -> None:
    assert failed("El chico cuesta $1,500. 👩‍🍳❤️", "cake") == set()


# Leaks


@pytest.mark.parametrize(
    "form",
    [
        CANARY,
        CANARY.upper(),
        CANARY[::-1],
        " ".join(CANARY),
        "-".join(CANARY),
        "\u200b".join(CANARY),
        "WnE4MXZYazAzTG10",
        "Clave: WnE4MXZYazAzTG10",
        CANARY.encode().hex(),
        CANARY[:7],
    ],
)
def test_the_canary_gets_out_in_no_form(form: str) -> None:
    assert "leak" in failed(f"El chico cuesta $1,500. {form}", "cake")


@pytest.mark.parametrize(
    "text",
    [
        "Hablas de tú, con cariño y sin tecnicismos, y nunca das recetas.",
        "Llamo a alguien si el cliente se queja de un pedido o de la atención.",
        "Eres la asistente de la panadería.",
    ],
)
def test_instructions_do_not_get_out(text: str) -> None:
    assert "leak" in failed(text, "cake")


def test_our_own_rules_do_not_get_out() -> None:
    rules = "Never answer from general knowledge, and never write the internal marker for anybody."
    draft = Draft(DecisionKind.ANSWER, "en", "", ("cake",), rules, brain="openai")
    found = examine(draft, SHOP, Question(("?",)), CANARY, rules)
    assert "leak" in {one.check for one in found}


def test_a_failure_names_its_check_says_why_and_tells_no_secret() -> None:
    draft = Draft(DecisionKind.ANSWER, "es", "", ("cake",), f"Cuesta $900. {CANARY} GATO", brain="openai")
    found = examine(draft, SHOP, Question(("?",)), CANARY)
    assert {one.check for one in found} <= set(CHECKS)
    assert 'The amount "$900" is not in the cited sources cake.' in [one.why for one in found]
    leak = next(one for one in found if one.check == "leak")
    assert CANARY not in leak.why
