"""Thousands of secrets are sealed anew while customers write: is a request refused, or an answer lost?"""

import threading
import time
from dataclasses import dataclass

from src.accounts.secrets import rotate
from src.core.models import numbers
from tests.world import World, eventually

_QUESTION = "¿A qué hora abren?"


@dataclass(frozen=True)
class Rewrapped:
    """What was sealed anew, how long it took (s, without the waiting), and what customers and their webhooks had."""

    secrets: int
    seconds: float
    asked: int
    answered: int
    refused: int


def rewrap(world: World, count: int, wait: float) -> Rewrapped:
    """Puts `count` secrets there, and changes their key while customers write without a pause."""
    world.knows(_QUESTION, "A las nueve.")
    rows = [_number(at) for at in range(count // 2)]
    for at in range(0, len(rows), 1_000):
        with world.instance.database.transaction() as session:
            session.execute(numbers.insert(), rows[at : at + 1_000])
    ended, asked = threading.Event(), [0]
    writer = threading.Thread(target=_write, args=(world, ended, asked))
    writer.start()
    began = time.monotonic()
    try:
        done = rotate(world.instance.database, print, wait)
    finally:
        seconds = time.monotonic() - began - wait
        ended.set()
        writer.join()
    eventually(lambda: _answered(world) == asked[0])
    refused = sum(entry["http_status"] != 200 for entry in world.ledger("webhook"))
    return Rewrapped(done.secrets, seconds, asked[0], _answered(world), refused)


def _number(at: int) -> dict[str, object]:
    return {
        "phone_number_id": f"9{at:08}",
        "phone_number": f"+349{at:08}",
        "access_token": f"EAAG of the number {at}",
        "app_secret": f"secret of the app {at}",
        "created_at": 1,
    }


def _write(world: World, ended: threading.Event, asked: list[int]) -> None:
    while not ended.is_set():
        customer = asked[0] % len(world.customers)
        world.says(_QUESTION, customer)
        asked[0] += 1
        world.answers(1 + (asked[0] - 1) // len(world.customers), customer)


def _answered(world: World) -> int:
    return sum(len(world.phone(customer)) for customer in range(len(world.customers)))
