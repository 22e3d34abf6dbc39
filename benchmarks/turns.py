"""From a webhook in to a reply out: latency, CPU, and that every message is answered exactly once."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.full_world import FullWorld
from tests.process_world import ProcessWorld
from tests.world import call, eventually

AnyWorld = ProcessWorld | FullWorld
QUESTIONS = ("¿A qué hora abren?", "¿Dónde están?")


@dataclass
class Outcome:
    """What a run left behind; `lost` and `doubled` must be 0."""

    written: int = 0
    replies: int = 0
    lost: int = 0
    doubled: int = 0
    for_a_person: int = 0  # sends of which nobody can know whether Meta got them
    notes: dict[str, Any] = field(default_factory=dict)


def make_customers(world: AnyWorld, count: int) -> None:
    """Gives the world `count` more customers, in place of those it had."""
    made = [
        call("POST", f"{world.sandbox}/api/customers", {"name": f"Cliente {k}", "wa_id": f"34622{k:06d}"})
        for k in range(count)
    ]
    world.customers = [customer["id"] for _, customer in made]


def write(
    world: AnyWorld, count: int, per_second: float, between: Callable[[int], None] = lambda _: None
) -> list[str]:
    """Customer k writes message k, at a steady pace; returns the wamids. `between` runs before each."""
    wamids, began = [], time.monotonic()
    for k in range(count):
        time.sleep(max(0.0, began + k / per_second - time.monotonic()))
        between(k)
        wamids.append(world.says(QUESTIONS[k % 2], k % len(world.customers)))
    return wamids


def settle(world: AnyWorld, seconds: float = 90) -> None:
    """Waits until nothing is owed, under way or undelivered."""

    def quiet() -> bool:
        state = call("GET", f"{world.sandbox}/api/state")[1]
        open_turns = world.sql(
            "SELECT count(*) FROM conversation WHERE due_at IS NOT NULL AND holder = 'bot'"
        )[0][0]
        open_sends = world.sql("SELECT count(*) FROM reply WHERE state IN ('queued', 'sending')")[0][0]
        return not (state["pending_webhooks"] or state["pending_statuses"] or open_turns or open_sends)

    eventually(quiet, seconds)


def judge(world: AnyWorld, written: int) -> Outcome:
    """Compares what customers wrote with what Meta accepted, from the sandbox's ledger and the database."""
    accepted = [entry for entry in world.ledger("send") if entry["accepted"]]
    trackers = Counter(entry["request"]["biz_opaque_callback_data"].split(".")[0] for entry in accepted)
    kept = world.sql("SELECT count(*) FROM message")[0][0]
    unanswered = world.sql("SELECT count(*) FROM message WHERE state <> 'answered'")[0][0]
    silent = world.sql(
        "SELECT count(*) FROM message m JOIN reply r ON r.turn_id = m.turn_id "
        "WHERE r.part = 0 AND r.state NOT IN ('sent', 'delivered', 'read', 'uncertain')"
    )[0][0]
    uncertain = [row[0] for row in world.sql("SELECT reason FROM reply WHERE state = 'uncertain'")]
    per_turn = Counter(entry["customer_id"] for entry in accepted)
    return Outcome(
        written=written,
        replies=len(accepted),
        lost=written - kept + unanswered + silent,
        doubled=sum(count - 1 for count in trackers.values()),
        for_a_person=len(uncertain),
        notes={"uncertain": uncertain, "most replies to one customer": max(per_turn.values(), default=0)},
    )


def latencies(world: AnyWorld, wamids: list[str]) -> list[float]:
    """Seconds from each webhook's departure to the send that answers it, sorted; customer k wrote message k."""
    came = {
        entry["wamids"][0]: entry["at"] - entry["seconds"]
        for entry in world.ledger("webhook")
        if entry["status"] is None and entry["attempt"] == 1
    }
    gone = {entry["customer_id"]: entry["at"] for entry in world.ledger("send") if entry["accepted"]}
    return sorted(
        gone[customer] - came[wamid] for customer, wamid in zip(world.customers, wamids, strict=False)
    )


def acknowledgements(world: AnyWorld) -> list[float]:
    """Seconds that each webhook with a message waited for its 200, sorted."""
    return sorted(
        e["seconds"] for e in world.ledger("webhook") if e["status"] is None and e["http_status"] == 200
    )


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, in user and kernel mode."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


def killer(world: ProcessWorld, kills: int, span: float, seed: int) -> threading.Thread:
    """Kills the platform at random moments of the next `span` seconds and starts it again each time."""
    moments = sorted(random.Random(seed).uniform(0.1, 0.9) * span for _ in range(kills))

    def work() -> None:
        began = time.monotonic()
        for moment in moments:
            time.sleep(max(0.0, began + moment - time.monotonic()))
            world.kill()
            world.start()

    thread = threading.Thread(target=work)
    thread.start()
    return thread
