"""A bakery for the tests of what the bot says, and the short way to ask it."""

from src.core.agent_config import AgentConfig, Faq, Handoff
from src.messages.decide import decide
from src.messages.decision import Decision
from src.messages.faq_answerer import draft
from src.messages.question import Option, Question, Said

WEEK, WEEKEND = "De lunes a viernes, de 8 a 20 h.", "Sábados de 9 a 14 h. Los domingos cerramos."
CARD, DOG, CAKE = "Sí, con tarjeta y Bizum.", "En la terraza, sí.", "La de 10 raciones cuesta 30 €."
CANCEL, SHIP, PARK = (
    "Hasta 24 horas antes, sin coste.",
    "Repartimos en el barrio por 3 €.",
    "No tenemos aparcamiento.",
)
BAKERY = AgentConfig(
    name="La Espiga",
    language="es-ES",
    handoff=Handoff(
        contact="Llame al 960 000 101", when="El cliente pregunta por bodas de más de cien invitados."
    ),
    faqs=(
        Faq(id="week", q="¿Qué horario hay de lunes a viernes?", a=WEEK, title="Entre semana"),
        Faq(id="weekend", q="¿Qué horario hay los sábados y domingos?", a=WEEKEND, title="Fin de semana"),
        Faq(id="card", q="¿Se puede pagar con tarjeta?", a=CARD, title="Formas de pago"),
        Faq(id="dog", q="¿Puedo ir con mi perro?", a=DOG),
        Faq(id="cake", q="¿Cuánto cuesta una tarta de cumpleaños?", a=CAKE),
        Faq(id="cancel", q="¿Puedo cancelar un encargo?", a=CANCEL),
        Faq(id="ship", q="¿Hacéis envíos a domicilio?", a=SHIP),
        Faq(id="park", q="¿Hay aparcamiento cerca?", a=PARK),
    ),
)


def asks(*texts: str, config: AgentConfig = BAKERY, before: str = "", **more: tuple[str, ...]) -> Decision:
    """What the bakery's bot says to these messages; `before` is what the customer had asked earlier."""
    context = (Said("customer", before), Said("bot", asks(before, config=config).text)) if before else ()
    return answered(Question(texts, context, **more), config)  # type: ignore[arg-type]


def chooses(text: str, *offered: str) -> Decision:
    """What the bot says when that was written after it had offered these FAQs."""
    faqs = {faq.id: faq for faq in BAKERY.faqs}
    options = tuple(
        Option(faq_id, faqs[faq_id].title or faqs[faq_id].q, faqs[faq_id].q) for faq_id in offered
    )
    return answered(Question((text,), offered=options), BAKERY)


def answered(question: Question, config: AgentConfig = BAKERY) -> Decision:
    """What the bot says to the question."""
    return decide(draft(question, config), config, question)
