"""Reads whether a customer agrees to what was proposed: by a tap, or by a plain yes or no and nothing else."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from src.messages import vocabulary

YES: Literal["yes"] = "yes"
NO: Literal["no"] = "no"
_TAP = re.compile(r"act:([0-9a-f]{32}):(yes|no)")

Answer = Literal["yes", "no"]


@dataclass(frozen=True)
class Tapped:
    """Which call was answered by a button, and how; a no beside a yes is a no."""

    call_id: str
    answer: Answer


def button_id(call_id: str, answer: Answer) -> str:
    """The id of the button that gives that answer."""
    return f"act:{call_id}:{answer}"


def tapped(taps: Iterable[str]) -> Tapped | None:
    """The newest call that one of these buttons answers; None when none does."""
    found = [(match[1], match[2]) for tap in taps if (match := _TAP.fullmatch(tap))]
    if not found:
        return None
    call_id = found[-1][0]
    return Tapped(call_id, NO if (call_id, NO) in found else YES)


def said(texts: Iterable[str]) -> Answer | None:
    """The answer in the customer's words: a no in one of them, a yes when all of them say it, else None."""
    answers = [_read(text) for text in texts]
    if NO in answers:
        return NO
    return YES if answers and all(one == YES for one in answers) else None


def _read(text: str) -> Answer | None:
    plain = unicodedata.normalize("NFD", text.casefold())
    words = " ".join(re.findall(r"[a-z]+|\d+", re.sub(r"[̀-ͯ'’]", "", plain)))
    if words in _listed(NO):
        return NO
    return YES if words in _listed(YES) else None


@cache
def _listed(answer: Answer) -> frozenset[str]:
    return frozenset(
        expression.strip()
        for listed in vocabulary.load("confirm")[answer].values()
        for expression in listed.split(",")
    )
