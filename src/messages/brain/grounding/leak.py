"""Finds what must not get out: the canary in whatever form, and runs of words of our rules and the owner's instructions."""

import base64
import codecs
import re
from functools import lru_cache

from src.core.agent_config import AgentConfig
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat, flat_source, words_in
from src.messages.brain.grounding.grounds import Grounds

_RUN = 8  # words in a row that are no coincidence
_LEAST = 6  # characters of a canary that can be told from chance
_SELF = re.compile(
    r"(?:^|[\"'«.:;\n] ?)(?:tu )?(?:eres|sos|usted es|voce e|you are|you're) (?:la|el|a|o|an|the|un|una|um|uma) (?:\w+ )?(?:asistente|assistente|assistant|bot)\b"
)
_SIGNS = re.compile(r"[^a-z0-9]")
_LEET = str.maketrans("013457@$", "oieastas")
_WHY = "The answer gives away internal text."


def secret_texts(config: AgentConfig) -> tuple[str, ...]:
    """The texts that are for the model and for nobody else."""
    return (config.instructions or "", config.handoff.when or "")


def check(grounds: Grounds, canary: str, rules: str) -> list[Failure]:
    """A failure when the draft holds the canary, repeats `rules` or the owner's instructions, or tells the model who it is."""
    text = grounds.draft.text
    if not text.strip():
        return []
    secrets = (rules, *secret_texts(grounds.config))
    if (
        _has_canary(grounds.flat, canary)
        or _SELF.search(grounds.flat)
        or _repeats(grounds.flat, secrets, grounds.texts)
    ):
        return [Failure("leak", _WHY)]
    return []


def _has_canary(flat_text: str, canary: str) -> bool:
    """The canary, or half of it, also spaced, reversed, in base64, hexadecimal, rot13, or with digits for letters."""
    if len(canary) < _LEAST:
        return False
    seen = _SIGNS.sub("", flat_text)
    haystacks = {seen, seen[::-1], seen.translate(_LEET), codecs.encode(seen, "rot13")}
    return any(form in hay for form in _forms(canary) for hay in haystacks)


def _squeezed(text: str) -> str:
    return _SIGNS.sub("", flat(text))


@lru_cache(maxsize=256)
def _forms(canary: str) -> frozenset[str]:
    """How the canary may be written, without signs and in small letters: every half of it, encoded in three ways."""
    plain = _squeezed(canary)
    half = max(_LEAST, len(plain) // 2)
    parts = {plain[at : at + half] for at in range(len(plain) - half + 1)} or {plain}
    leet = {part.translate(_LEET) for part in parts}
    encoded = {_squeezed(canary.encode().hex())}
    for shift in range(3):  # base64 depends on what stands before
        whole = base64.b64encode(b"\0" * shift + canary.encode()).decode()
        encoded.add(_squeezed(whole[(0, 2, 3)[shift] : len(whole) // 4 * 4 - 4]))
    return frozenset(parts | leet | {one for one in encoded if len(one) >= _LEAST})


def _repeats(flat_text: str, secrets: tuple[str, ...], given: list[str]) -> bool:
    """Are there as many words in a row as in a secret text, that no cited source has?"""
    runs = _runs(flat_text)
    if not runs:
        return False
    secret = frozenset().union(*(_kept_runs(flat_source(one)) for one in secrets))
    told = runs & secret
    return bool(told) and bool(told - frozenset().union(*(_kept_runs(flat_source(one)) for one in given)))


def _runs(flat_text: str) -> frozenset[tuple[str, ...]]:
    words = words_in(flat_text)
    return frozenset(tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))


_kept_runs = lru_cache(maxsize=1_024)(_runs)
