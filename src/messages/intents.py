"""Recognises what is no question for the FAQs: small talk, a call for a person, and what is not the business's."""

from functools import cache

from src.messages import vocabulary
from src.messages.phrasebook import Phrasebook
from src.messages.words import Word, is_stop, readable, words

CALLS_A_PERSON = ("person", "complaint", "money_back", "legal", "harm")
SMALL_TALK = ("bot", "goodbye", "thanks", "greeting", "ok")
_LONGEST_SMALL_TALK = 14  # words

# What owners write around the conditions themselves, in `handoff.when`.
_TELLING = frozenset(
    [
        "cliente",
        "clienta",
        "clientes",
        "paciente",
        "socio",
        "socia",
        "alumno",
        "usuario",
        "persona",
        "alguien",
        "customer",
        "client",
        "user",
        "someone",
        "pide",
        "pida",
        "quiere",
        "quiera",
        "pregunta",
        "pregunte",
        "habla",
        "hable",
        "menciona",
        "mencione",
        "describe",
        "reporta",
        "cuenta",
        "relata",
        "diga",
        "dice",
        "presenta",
        "asks",
        "wants",
        "mentions",
        "says",
        "talks",
        "pede",
        "quer",
        "fala",
        "relata",
        "contesta",
        "menciona",
        "hay",
        "haya",
        "tiene",
        "tenga",
        "caso",
        "cuando",
        "siempre",
        "reclama",
        "queja",
        "quejas",
        "hablar",
        "atencion",
        "servicio",
        "servicios",
        "falar",
        "alguem",
    ]
)


def small_talk(text: str, language: str) -> str | None:
    """Which kind of small talk a text is (`SMALL_TALK`), when it is nothing else; None for all other texts."""
    said = words(readable(text), language)
    found = _book(language).spotted(said)
    if "are_you" in found and len(said) <= _LONGEST_SMALL_TALK:
        return "bot"
    kinds = [kind for kind in SMALL_TALK if kind in found]
    if len(said) > _LONGEST_SMALL_TALK or any(kind in found for kind in (*CALLS_A_PERSON, "off_topic")):
        return None
    told = {place for kind in kinds for place in found[kind]}
    if any(not is_stop(one, language) for place, one in enumerate(said) if place not in told):
        return None
    if kinds:
        return kinds[0]
    return None if said or any(character in text for character in "?¿") else "greeting"


def calls_a_person(text: str, language: str) -> str | None:
    """Why a person should take over (`CALLS_A_PERSON`), by the words of the text; None when nothing says so."""
    found = _book(language).spotted(words(readable(text), language))
    if "deed" in found and "bad" in found:
        return "complaint"
    return next((kind for kind in CALLS_A_PERSON if kind in found), None)


def off_topic(text: str, language: str) -> bool:
    """Does the text ask for what no business answers: jokes, homework, politics, its own instructions?"""
    return "off_topic" in _book(language).spotted(words(readable(text), language))


def owners_condition(text: str, language: str, when: str | None) -> bool:
    """Does the text speak of one of the things for which the owner wants a person to be called?"""
    if not when:
        return False
    said = {one.stem for one in words(readable(text), language) if not is_stop(one, language)}
    return any(
        len(condition & said) >= 2 and len(condition & said) >= 0.6 * len(condition)
        for condition in _conditions(when, language)
    )


@cache
def _conditions(when: str, language: str) -> tuple[frozenset[str], ...]:
    """The conditions as sets of stems, one for each part of the owner's sentence."""
    parts: list[list[Word]] = [[]]
    for piece in readable(when).replace(";", ",").replace(".", ",").split(","):
        parts.append([])
        for one in words(piece, language):
            if one.text in ("o", "u", "or", "ou"):
                parts.append([])
            elif not is_stop(one, language) and one.text not in _TELLING:
                parts[-1].append(one)
    return tuple(frozenset(one.stem for one in part) for part in parts if len(part) >= 2)


@cache
def _book(language: str) -> Phrasebook:
    listed = vocabulary.load("intents")
    table = {kind: [e.strip() for e in said[language].split(",")] for kind, said in listed.items()}
    return Phrasebook(table, language, exact=True)
