"""Reads whether a customer agrees to what was proposed: by a tap, or by a plain yes or no and nothing else."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from src.messages import vocabulary

YES: Literal["yes"] = "yes"
NO: Literal["no"] = "no"
_SIGNS = {YES: "👍👌✅", NO: "👎❌🚫"}
_WORD = re.compile(rf"[a-z]+|\d+|[{''.join(_SIGNS.values())}]")
_LONGEST = 4  # words of an expression
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
    """A yes or no where the text holds nothing else, but for courtesies; a question is neither."""
    plain = re.sub(r"[\u0300-\u036f'’]", "", unicodedata.normalize("NFD", text.casefold()))
    words = _WORD.findall(plain)
    if "?" in plain or "¿" in plain:
        return None
    found = {answer for answer, parts in ((YES, _parts(YES)), (NO, _parts(NO))) if _is_made_of(words, parts)}
    return found.pop() if len(found) == 1 else None


def _is_made_of(words: list[str], parts: Mapping[tuple[str, ...], bool]) -> bool:
    """Are these words nothing but such parts, with one at least that is an answer?"""
    reached = {(0, False)}  # up to which word, and whether there was an answer
    for end in range(1, len(words) + 1):
        for begin, answered in [one for one in reached if end - one[0] <= _LONGEST]:
            part = parts.get(tuple(words[begin:end]))
            if part is not None:
                reached.add((end, answered or part))
    return (len(words), True) in reached


@cache
def _parts(answer: Answer) -> Mapping[tuple[str, ...], bool]:
    """The expressions of that answer (true), and the courtesies that may stand beside it (false), as words."""
    listed = vocabulary.load("confirm")
    return {
        tuple(expression.split()): name == answer
        for name in ("courtesy", answer)
        for expressions in listed[name].values()
        for expression in expressions.split(",")
    } | {(sign,): True for sign in _SIGNS[answer]}
