"""The small storm: steady load, repetitions, batches, bursts, refusals and kill -9; 0 lost and 0 doubled in each."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.turns import Outcome, judge, killer, make_customers, settle, write
from tests.process_world import ProcessWorld
from tests.world import call


@contextmanager
def business(customers: int, **settings: Any) -> Iterator[ProcessWorld]:
    """A business that knows two answers, and its customers."""
    with tempfile.TemporaryDirectory() as home, ProcessWorld(Path(home), **settings) as world:
        world.knows("¿A qué hora abren?", "A las nueve.")
        world.knows("¿Dónde están?", "En la calle Mayor, 3.")
        make_customers(world, customers)
        yield world


def after_a_kill() -> float:
    """Seconds from kill -9 of a worker that held a lease to the next start's reply."""
    with tempfile.TemporaryDirectory() as home:
        world = ProcessWorld(Path(home))
        world.owner_says = (("¿A qué hora abren?", "A las nueve."),)
        world.crash = r"after UPDATE conversation SET fence="
        with world:
            world.says("¿A qué hora abren?")
            world.died()
            killed_at = time.monotonic()
            world.crash = ""
            world.start()
            world.answers()
            return time.monotonic() - killed_at


def steady(count: int) -> Outcome:
    """Messages at 20/s, each of another customer."""
    with business(count) as world:
        write(world, count, 20)
        settle(world)
        return judge(world, count)


def repeated(count: int) -> Outcome:
    """Webhooks of which 27 are delivered again: the same bytes, other spacing, another batch."""
    with business(count) as world:
        wamids = write(world, count, 20)
        for start, way in ((0, "same"), (9, "spaced"), (18, "batch")):
            call("POST", f"{world.sandbox}/api/redeliver", {"wamids": wamids[start : start + 9], "as": way})
        settle(world)
        return judge(world, count)


def batched(count: int) -> Outcome:
    """Webhooks of three messages each."""
    with business(count) as world:
        for customer in range(count):
            texts = [{"type": "text", "text": text} for text in ("Hola", "una consulta", "¿Dónde están?")]
            call("POST", f"{world.chat_url(customer)}/batch", {"messages": texts})
        settle(world)
        return judge(world, 3 * count)


def burst(count: int) -> Outcome:
    """Twenty bubbles of one customer in two seconds, with the default burst wait."""
    with business(1, burst_wait_ms=1500) as world:
        write(world, count, 10)
        settle(world)
        return judge(world, count)


def pair_rate(count: int) -> Outcome:
    """Meta answers 131056 to the first sends."""
    with business(count) as world:
        world.fault(on="messages", code=131056, times=5)
        write(world, count, 20)
        settle(world, 180)
        return judge(world, count)


def pair_rate_of_one(count: int) -> Outcome:
    """Meta answers 131056 five times in a row to one reply: it goes after 1 + 4 + 16 + 30 + 30 s."""
    with business(1) as world:
        world.fault(on="messages", code=131056, times=5)
        write(world, count, 20)
        settle(world, 180)
        return judge(world, count)


def unsigned(count: int) -> Outcome:
    """Webhooks with a wrong signature among right ones store nothing."""
    with business(count) as world:

        def forge(_: int) -> None:
            status, _answer = call(
                "POST", f"{world.url}/webhook", {"entry": []}, **{"X-Hub-Signature-256": "sha256=00"}
            )
            assert status == 401

        write(world, count, 20, forge)
        settle(world)
        return judge(world, count)


def killed(count: int) -> Outcome:
    """kill -9 in the middle, three times, at random moments."""
    with business(count) as world:
        thread = killer(world, 3, count / 20, seed=count)
        write(world, count, 20)
        thread.join()
        settle(world, 120)
        time.sleep(1)
        return judge(world, count)


SCENES: dict[str, tuple[Callable[[int], Outcome], int]] = {
    "steady": (steady, 300),
    "repeated": (repeated, 100),
    "batched": (batched, 10),
    "burst": (burst, 20),
    "131056": (pair_rate, 5),
    "131056 x 5": (pair_rate_of_one, 1),
    "unsigned": (unsigned, 20),
    "killed": (killed, 300),
}
