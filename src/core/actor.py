"""Who acts: known at the edge where somebody comes in, asked for where something is written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class _Actor:
    name: str


_actor: ContextVar[_Actor] = ContextVar("actor")


@contextmanager
def acting(name: str) -> Iterator[None]:
    """Inside, also in threads that are begun with a copy of the context, `name` acts until it is known better."""
    token = _actor.set(_Actor(name))
    try:
        yield
    finally:
        _actor.reset(token)


def known_as(name: str) -> None:
    """Whoever acts here is known now, such as by a key: also to those who began this."""
    if (found := _actor.get(None)) is not None:
        found.name = name


def actor() -> str:
    """Who acts, as docs/audit.md has them; `system` where nobody came in."""
    found = _actor.get(None)
    return found.name if found is not None else "system"
