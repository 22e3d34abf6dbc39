"""Tells small talk from all else: a greeting, thanks or a sign, and nothing beside it."""

import re
from functools import cache

from src.messages import vocabulary
from src.messages.intents import CALLS_A_PERSON, is_angry, read
from src.messages.words import readable, words

SMALL_TALK = ("bot", "goodbye", "thanks", "greeting", "ok")
_LONGEST = 14  # words
_AGREES = re.compile("[👍👌✅🆗🏻-🏿\ufe0f\\s]+")


def small_talk(text: str, language: str) -> str | None:
    """Which kind of small talk a text is (`SMALL_TALK`), when it is nothing else; None for all other texts.

    "Gracias" is, "gracias, la quiero" is not: beside it stand only words that ask and order nothing.
    """
    said, found = read(text, language)
    if len(said) > _LONGEST or is_angry(text):
        return None
    if _asks_who_we_are(text, language):
        return "bot"
    if any(kind in found for kind in (*CALLS_A_PERSON, "off_topic")):
        return None
    kinds = [kind for kind in SMALL_TALK if kind in found]
    told = {place for kind in (*kinds, "beside") for place in found.get(kind, ())}
    if len(told) < len(said):
        return None
    if kinds:
        return kinds[0]
    if said or any(character in text for character in "?¿"):
        return None
    return "ok" if agrees_by_sign(text) else "greeting"


def praises(text: str, language: str) -> bool:
    """Does a short text thank or praise, and neither ask for nor order anything beside it?"""
    said, found = read(text, language)
    asks = any(character in text for character in "?¿") or any(
        kind in found for kind in ("asking", "wish", "but", "off_topic")
    )
    return "thanks" in found and len(said) <= _LONGEST and not asks


def agrees_by_sign(text: str) -> bool:
    """Is the text a thumb up, or another sign that says yes, and nothing else?"""
    return bool(text.strip()) and _AGREES.fullmatch(text) is not None


def _asks_who_we_are(text: str, language: str) -> bool:
    """Is the customer asking whether a person writes? Word for word: "¿es para una persona?" does not."""
    said = _spoken(text, language)
    return any(one in said for one in _asking_who(language))


@cache
def _asking_who(language: str) -> tuple[str, ...]:
    listed = vocabulary.load("intents")["are_you"][language]
    return tuple(_spoken(one, language) for one in listed.split(","))


def _spoken(text: str, language: str) -> str:
    return f" {' '.join(one.sound for one in words(readable(text), language))} "
