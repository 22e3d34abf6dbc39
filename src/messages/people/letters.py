"""What people are told in writing when a customer waits: an e-mail, a line by WhatsApp; never the customer's words."""

from datetime import datetime

from src.messages.language import of_agent
from src.messages.people.alerts import Call

_NAME_MAX = 60
_WORDS = {
    "es": {
        "subject": "Alguien espera respuesta en WhatsApp: {name}",
        "who": "{customer} espera a una persona en el WhatsApp de {name}.",
        "since": "Desde: {since}",
        "why": "Motivo: {reason}",
        "until": "WhatsApp deja responder hasta: {until}",
        "shut": "La ventana de WhatsApp está cerrada hasta que vuelva a escribir.",
        "how": "Para leer y responder: {where}",
        "line": "{customer} espera a una persona. Motivo: {reason}. Para responder: {where}",
        "someone": "Un cliente",
        "business": "tu negocio",
    },
    "pt": {
        "subject": "Alguém espera resposta no WhatsApp: {name}",
        "who": "{customer} espera por uma pessoa no WhatsApp de {name}.",
        "since": "Desde: {since}",
        "why": "Motivo: {reason}",
        "until": "O WhatsApp deixa responder até: {until}",
        "shut": "A janela do WhatsApp está fechada até que volte a escrever.",
        "how": "Para ler e responder: {where}",
        "line": "{customer} espera por uma pessoa. Motivo: {reason}. Para responder: {where}",
        "someone": "Um cliente",
        "business": "seu negócio",
    },
    "en": {
        "subject": "Somebody waits for an answer on WhatsApp: {name}",
        "who": "{customer} waits for a person on the WhatsApp of {name}.",
        "since": "Since: {since}",
        "why": "Reason: {reason}",
        "until": "WhatsApp lets you reply until: {until}",
        "shut": "WhatsApp's window is closed until they write again.",
        "how": "To read and reply: {where}",
        "line": "{customer} waits for a person. Reason: {reason}. To reply: {where}",
        "someone": "A customer",
        "business": "your business",
    },
}
# How the reasons of a hand-off are told; one that is not here is told as it is.
REASONS = {
    "asked for a person": ("pidió hablar con una persona", "pediu para falar com uma pessoa"),
    "no answer in the FAQs": ("la respuesta no está en las preguntas", "a resposta não está nas perguntas"),
    "a tool failed": ("una gestión en sus sistemas falló", "uma operação nos seus sistemas falhou"),
    "too late": ("no se pudo responder a tiempo", "não deu para responder a tempo"),
    "window closed": ("la ventana de 24 horas se cerró", "a janela de 24 horas se fechou"),
    "a reply failed": ("una respuesta no llegó", "uma resposta não chegou"),
    "a reply is uncertain": ("no se sabe si una respuesta llegó", "não se sabe se uma resposta chegou"),
}


def letter(call: Call, public_url: str | None) -> tuple[str, str]:
    """Subject and text of an e-mail, in the agent's language; times in the server's zone."""
    words, facts = _about(call)
    closes = call.window_closes_at
    window = words["shut"] if closes is None or closes <= call.now else words["until"]
    facts |= {
        "since": _time(call.waiting_since),
        "until": "" if closes is None else _time(closes),
        "where": _where(call, public_url),
    }
    lines = ("who", "since", "why", window, "how")
    told = [words.get(line, line).format(**facts) for line in lines]
    return words["subject"].format(**facts), "\n".join([told[0], "", *told[1:]]) + "\n"


def line(call: Call, public_url: str | None) -> str:
    """One line, in the agent's language."""
    words, facts = _about(call)
    return words["line"].format(**facts, where=_where(call, public_url))


def _about(call: Call) -> tuple[dict[str, str], dict[str, str]]:
    language = of_agent(call.config.language)
    words = _WORDS[language]
    facts = {
        "name": one_line(call.config.name or words["business"]),
        "customer": one_line(call.customer or words["someone"]),
        "reason": _reason(call.reason, language),
    }
    return words, facts


def _where(call: Call, public_url: str | None) -> str:
    """By the shell, or by the API with its key: neither opens in a browser."""
    shell = f"released conversations show {call.conversation_id}"
    return shell if public_url is None else f"{shell} (API: {public_url}/conversation/{call.conversation_id})"


def _reason(reason: str, language: str) -> str:
    known = REASONS.get(reason)
    return reason if known is None or language == "en" else known[("es", "pt").index(language)]


def one_line(text: str) -> str:
    """A name as it may stand in a header or a sentence: one line of at most 60 characters that can be seen."""
    seen = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(seen.split())[:_NAME_MAX]


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M %Z")
