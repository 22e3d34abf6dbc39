"""A chain of shops with as many FAQs as one likes, grown from the evaluation sets, and what its customers ask."""

import random
from collections.abc import Iterator
from pathlib import Path

from evals.sets import EvaluationSet, find_sets
from src.core.agent_config import AgentConfig, Faq
from src.messages.question import Question

SETS = Path(__file__).parents[1] / "evals" / "data" / "es_faq"

Asked = tuple[Question, str]  # a question, and the id of the FAQ that answers it

_PLACES = """
Chapinero Usaquén Cedritos Suba Kennedy Fontibón Teusaquillo Engativá Laureles Envigado Poblado Belén Narvarte Coyoacán
Polanco Condesa Roma Tlalpan Mixcoac Portales Satélite Lindavista Palermo Belgrano Caballito Almagro Boedo Flores Liniers
Núñez Saavedra Devoto Chamberí Lavapiés Malasaña Retiro Carabanchel Vallecas Tetuán Hortaleza Moratalaz Arganzuela
Miraflores Barranco Surco Providencia Ñuñoa Vitacura
""".split()  # noqa: SIM905
_THINGS = """
taladro lijadora sierra martillo destornillador escalera andamio soldadora compresor pulidora cepilladora fresadora lavadora secadora
heladera lavavajillas microondas licuadora tostadora cafetera batidora aspiradora ventilador calefactor estufa termotanque colchón
sillón mesa escritorio biblioteca ropero cómoda lámpara alfombra cortina almohada frazada acolchado bicicleta monopatín patineta
tractor podadora manguera regadera maceta semilla abono mosquitero persiana cerradura
casco mochila carpa linterna brújula termo reposera sombrilla pelota raqueta pesa cinta televisor parlante auricular teclado monitor
impresora tableta celular cargador cámara trípode guitarra piano batería flauta violín cuna cochecito triciclo muñeca rompecabezas
""".split()  # noqa: SIM905
# What is asked of a thing: the owner's question, the answer, and how customers put it.
_TOPICS = (
    (
        "¿Cuánto cuesta: {}?",
        "Cuesta {n}.900 pesos, con impuestos.",
        ("a cómo está {}", "precio de {} porfa", "qué sale {}"),
    ),
    (
        "¿Hay existencias: {}?",
        "Hay {n} unidades en depósito.",
        ("les queda {}?", "tienen {} para llevar hoy", "hay stock de {}"),
    ),
    (
        "¿Qué garantía tiene: {}?",
        "La garantía es de {n} meses, con la factura.",
        ("si se me rompe {} me lo cambian?", "cuánta garantía trae {}"),
    ),
    (
        "¿Envían a domicilio: {}?",
        "Se envía en {n} días hábiles.",
        ("me mandan {} a casa?", "hacen delivery de {}"),
    ),
    (
        "¿Cuánto pesa: {}?",
        "Pesa {n} kilos con la caja.",
        ("cuántos kilos son {}", "es pesado {}? lo llevo en bici"),
    ),
    (
        "¿En qué colores viene: {}?",
        "Viene en {n} colores, del blanco al negro.",
        ("{} lo hay en rojo?", "qué colores hay de {}"),
    ),
    (
        "¿Qué medidas tiene: {}?",
        "Mide {n} centímetros de ancho.",
        ("cuánto mide {}", "me entra {} en un placard? dimensiones"),
    ),
    (
        "¿Se puede devolver: {}?",
        "Se devuelve dentro de {n} días, sin uso.",
        ("y si no me gusta {} puedo devolverlo", "cambios y devoluciones de {}"),
    ),
    (
        "¿Se paga en cuotas: {}?",
        "Hasta {n} cuotas con tarjeta.",
        ("{} lo puedo pagar en mensualidades?", "dan facilidades para {}"),
    ),
    (
        "¿Quién repara: {}?",
        "El taller autorizado número {n}.",
        ("donde arreglan {}", "mi {} no anda, tienen servicio técnico"),
    ),
    (
        "¿Cómo se instala: {}?",
        "La instalación lleva {n} minutos y va incluida.",
        ("me instalan {}?", "quién me monta {}"),
    ),
    (
        "¿De qué material es: {}?",
        "De {n} capas de material reforzado.",
        ("de qué está hecho {}", "{} es de plástico o de metal"),
    ),
)


def grown(count: int) -> tuple[AgentConfig, list[Asked]]:
    """A configuration of `count` FAQs (22 to 2,000), and a question or more to most of them; always the same.

    Up to 22 it is one business of the evaluation sets; above it half are its and others' FAQs, once for each branch,
    and half ask the same things of different goods.
    """
    businesses = [one for one in find_sets(SETS) if one.config.language.startswith("es")]
    if count <= len(businesses[0].config.faqs):
        return businesses[0].config, list(_asked(businesses[0], "", ""))
    branches = list(_branches(businesses))
    goods = list(_goods())
    chance = random.Random(count)  # no secret: the same FAQs each time
    half = count // 2
    kept = [*branches[:half], *goods[: count - half]]
    chance.shuffle(kept)
    config = AgentConfig(faqs=tuple(faq for faq, _ in kept), language="es", name="La cadena")
    return config, [(Question((text,)), faq.id) for faq, asked in kept for text in asked]


def _branches(businesses: list[EvaluationSet]) -> Iterator[tuple[Faq, tuple[str, ...]]]:
    for number, place in enumerate(_PLACES):
        business = businesses[number % len(businesses)]
        asked: dict[str, list[str]] = {}
        for question, faq_id in _asked(business, "", f", en {place}"):
            asked.setdefault(faq_id, []).append(question.texts[0])
        for faq in business.config.faqs:
            known = f"{place}-{faq.id}"
            yield (
                Faq(id=known, q=f"{faq.q} (sede {place})", a=f"En {place}: {faq.a}"),
                tuple(asked.get(faq.id, ())),
            )


def _asked(business: EvaluationSet, before: str, after: str) -> Iterator[Asked]:
    """The single questions of a business, with the place at their end."""
    for case in business.cases:
        if case.group == "par" and case.expected == "answer":
            text = case.question.texts[0].rstrip("?!. ")
            yield Question((f"{before}{text}{after}?",)), case.faq_ids[0]


def _goods() -> Iterator[tuple[Faq, tuple[str, ...]]]:
    for number, thing in enumerate(_THINGS):
        for topic, (asks, answers, wordings) in enumerate(_TOPICS):
            answer = answers.format(n=7 + 3 * number + topic)
            faq = Faq(id=f"{thing}-{topic}", q=asks.format(thing), a=f"{thing.capitalize()}: {answer}")
            yield faq, tuple(one.format(thing) for one in wordings)
