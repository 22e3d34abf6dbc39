"""The lawful little model: answers from the FAQs that it was given, by quoting the one that shares most words."""

import json
import re
from dataclasses import dataclass
from typing import Any

from sandbox.openai import shape, words
from sandbox.openai.asked import Talk

Json = dict[str, Any]

_FAQS = re.compile(r"<faqs>(.*?)</faqs>", re.DOTALL)
_CUSTOMER = re.compile(r"<customer>(.*?)</customer>", re.DOTALL)
_TOLD = re.compile(r"\[([^\]\s]+)\] (.+)", re.DOTALL)  # what a tool returned, with the id to cite
_PERSON = frozenset(
    [
        "persona",
        "humano",
        "humana",
        "person",
        "human",
        "agente",
        "agent",
        "atendente",
        "pessoa",
        "gente",
        "someone",
        "alguien",
        "alguem",
    ]
)
_HELLO = frozenset(
    [
        "hola",
        "buenas",
        "buenos",
        "dias",
        "tardes",
        "noches",
        "gracias",
        "hello",
        "hi",
        "hey",
        "thanks",
        "thank",
        "ola",
        "oi",
        "bom",
        "dia",
        "boa",
        "obrigado",
        "obrigada",
        "adios",
        "chau",
        "tchau",
        "bye",
    ]
)
_ELSEWHERE = frozenset(
    [
        "poema",
        "poem",
        "chiste",
        "joke",
        "piada",
        "codigo",
        "code",
        "python",
        "capital",
        "traduce",
        "translate",
        "traduza",
        "presidente",
        "president",
        "futbol",
        "football",
        "futebol",
        "receta",
        "recipe",
        "receita",
        "deberes",
        "homework",
    ]
)
_HI = {
    "es": "¡Hola! ¿En qué podemos ayudar?",
    "pt": "Olá! Em que podemos ajudar?",
    "en": "Hello! How can we help?",
}


@dataclass(frozen=True)
class Faq:
    """One of the FAQs in the prompt."""

    id: str
    question: str
    answer: str


def faqs_of(talk: Talk) -> list[Faq]:
    """The FAQs of the last `<faqs>` block: a JSON object a line, with `id`, `q`, `a` and perhaps `also`."""
    found = []
    for line in _last(_FAQS, talk).splitlines():
        row = _parsed(line)
        if isinstance(row, dict) and {"id", "q", "a"} <= row.keys():
            asked = " ".join([str(row["q"]), *map(str, row.get("also") or ())])
            found.append(Faq(str(row["id"]), asked, str(row["a"])))
    return found


def customer_of(talk: Talk) -> str:
    """What the customer wrote: the JSON array of the last `<customer>` block; all texts where there is none."""
    written = _parsed(_last(_CUSTOMER, talk))
    return "\n".join(map(str, written)) if isinstance(written, list) else "\n".join(talk.texts)


def _last(block: re.Pattern[str], talk: Talk) -> str:
    found = block.findall("\n".join(talk.texts))
    return str(found[-1]).strip() if found else ""


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def content(talk: Talk) -> Json:
    """A decision that keeps to the law: an answer that quotes its source, or honest words that there is none."""
    said = customer_of(talk)
    language = words.language(said)
    told = _TOLD.fullmatch(talk.outputs[-1]) if talk.outputs else None
    if told is not None:
        return shape.content("answer", language, answer=told[2], quotes={told[1]: told[2]})
    meant = words.telling(said)
    if meant & _PERSON:
        return shape.content("handoff", language, reason="asks for a person")
    faq = best(faqs_of(talk), meant)
    if faq is not None:
        return shape.content("answer", language, answer=faq.answer, quotes={faq.id: faq.answer})
    if meant and meant <= _HELLO:
        return shape.content("smalltalk", language, answer=_HI[language])
    if meant & _ELSEWHERE:
        return shape.content("off_topic", language)
    allowed = shape.decisions(talk.schema or {})
    unknown = "unanswerable" if "unanswerable" in allowed else "handoff"
    return shape.content(unknown, language, reason="the FAQs do not say it")


def best(faqs: list[Faq], meant: set[str]) -> Faq | None:
    """The FAQ that shares most words with what is meant, the question's before the answer's; None when none shares any."""

    def shared(faq: Faq) -> tuple[int, int]:
        return len(meant & words.telling(faq.question)), len(meant & words.telling(faq.answer))

    first = max(faqs, key=shared, default=None)
    return first if first is not None and any(shared(first)) else None
