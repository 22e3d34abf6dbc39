"""Answers a question again that was asked before, word for word, without a call of the model.

A draft is kept only where nothing but the agent's version and the customer's words made it: what a prompt holds besides,
a time, a name, a tool's answer, must never get into one that is kept.
"""

import unicodedata
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, select

from src import VERSION
from src.accounts.faq_ids import normal
from src.core.brain_tables import cached_answers
from src.core.database import insert_into, now_ms
from src.core.keyring import Keyring
from src.core.money_telemetry import ANSWER_CACHE
from src.messages import phrases
from src.messages.decision import DecisionKind, Draft, Quote, Ranked
from src.messages.find import leans_on_earlier
from src.messages.language import detect, of_text
from src.messages.question import Question
from src.messages.small_talk import SMALL_TALK, small_talk
from src.messages.words import readable

_KEPT = (DecisionKind.ANSWER, DecisionKind.CLARIFY, DecisionKind.OFF_TOPIC)
_LONGEST = 300  # characters: who writes more is not repeated
_LANGUAGE = "es"  # where words leave it open; the same for every question
_TELLING = ("Sc", "Sm")  # currencies and signs tell numbers apart, other marks do not
_NAMES = frozenset(field.name for field in fields(Draft)) - {"told"}


def find(
    session: Connection, keyring: Keyring, agent_id: str, version: int, question: Question
) -> Draft | None:
    """The draft that this version of the agent gave to the same words; None when there is none, or must be none."""
    if not stands_alone(question):
        return None
    c = cached_answers.c
    here = (c.agent_id == agent_id, c.version == version, c.key == key_of(keyring, question))
    values = session.execute(select(c.draft).where(*here)).scalar()
    ANSWER_CACHE.labels("miss" if values is None else "hit").inc()
    return None if values is None else _restored(values)


def keep(
    session: Connection, keyring: Keyring, agent_id: str, version: int, question: Question, draft: Draft
) -> None:
    """Keeps the draft for whoever asks the same; nothing where question or draft are of this conversation alone."""
    if draft.kind not in _KEPT or draft.told or not stands_alone(question):
        return
    row = {"agent_id": agent_id, "version": version, "key": key_of(keyring, question)}
    kept = insert_into(session.dialect.name, cached_answers).values(
        **row, draft=_stored(draft), created_at=now_ms()
    )
    session.execute(kept.on_conflict_do_nothing())


def stands_alone(question: Question) -> bool:
    """Do the customer's words mean the same for everybody? Not with a picture, nor after anything but small talk."""
    said = "\n".join(question.texts)
    if question.tapped or question.offered or question.unreadable or question.images:
        return False
    if not said.strip() or len(said) > _LONGEST:
        return False
    language = of_text(said, _LANGUAGE)
    before = {
        role: [one.text for one in question.context if one.role == role] for role in ("customer", "bot")
    }
    if not all(small_talk(text, of_text(text, language)) for text in before["customer"]):
        return False
    known = not question.earlier and all(_is_courtesy(text) for text in before["bot"])
    return known or not leans_on_earlier(said, language)


def _is_courtesy(text: str) -> bool:
    return any(phrases.says(text, kind) for kind in SMALL_TALK)


def key_of(keyring: Keyring, question: Question) -> bytes:
    """The keyed hash of the words: without case, accents, spaces and marks, but for signs that change a number."""
    texts = [readable(text) for text in question.texts]
    signs = "".join(c for text in texts for c in text if c == "%" or unicodedata.category(c) in _TELLING)
    parts = (VERSION, detect(question, _LANGUAGE), signs, *map(normal, texts))
    return keyring.lookup("cached answer:" + "\n".join(parts))


def _stored(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in asdict(draft).items() if name in _NAMES}


def _restored(values: dict[str, Any]) -> Draft:
    """The draft; a field that this version does not know is left out."""
    known = {name: value for name, value in values.items() if name in _NAMES}
    return Draft(
        **{
            **known,
            "kind": DecisionKind(values["kind"]),
            "source_ids": tuple(values["source_ids"]),
            "options": tuple(values["options"]),
            "ranked": tuple(Ranked(**one) for one in values["ranked"]),
            "quotes": tuple(Quote(**one) for one in values["quotes"]),
        }
    )
