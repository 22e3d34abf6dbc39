"""The full size: web processes, Celery workers, PostgreSQL and Redis, under load, without Redis, and while they are exchanged."""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.turns import Outcome, cpu_seconds, judge, latencies, make_customers, settle, write
from tests.brokers import PASSWORD, redis
from tests.full_world import FullWorld, Service
from tests.ports import free_port
from tests.servers import postgresql
from tests.world import eventually


@dataclass
class Load:
    """What a run under load showed; seconds, MiB, CPU in ms a message."""

    outcome: Outcome
    latencies: list[float]
    not_200: int
    memory: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        found, count = self.latencies, len(self.latencies)
        parts = [f"{self.outcome.written} messages"]
        if found:
            parts.append(
                f"p50 {found[count // 2] * 1000:.1f} ms, p99 {found[int(count * 0.99)] * 1000:.0f} ms"
            )
        parts += [f"{name} {value:.0f} MiB" for name, value in self.memory.items()]
        parts += [f"{name} {value:.2f} ms CPU a message" for name, value in self.cpu.items()]
        parts.append(
            f"not 200: {self.not_200}, lost {self.outcome.lost}, doubled {self.outcome.doubled}, "
            f"uncertain {self.outcome.for_a_person} {self.outcome.notes['uncertain'] or ''}"
        )
        return ", ".join(parts)


@contextmanager
def full(webs: int, workers: int, with_redis: bool = True, pool: int = 10) -> Iterator[FullWorld]:
    """A world of its own, with a durable PostgreSQL."""
    with ExitStack() as stack:
        url = stack.enter_context(stack.enter_context(postgresql(durable=True)).fresh())
        broker = stack.enter_context(redis()).url if with_redis else f"redis://127.0.0.1:{free_port()}/0"
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given = {"webs": webs, "workers": workers, "worker_threads": None, "redis_password": PASSWORD}
        yield stack.enter_context(FullWorld(home, url, broker, database_pool_size=pool, **given))


def under_load(
    webs: int, workers: int, rate: float, seconds: int, with_redis: bool = True, pool: int = 10
) -> Load:
    """Each message from a customer of its own, at a steady rate, burst wait 0."""
    count = int(rate * seconds)
    with full(webs, workers, with_redis, pool) as world:
        make_customers(world, count + 4)
        write(world, 4, rate)  # the first answers load what is then there
        settle(world)
        services = _named(world)
        before = {name: cpu_seconds(service.process.pid) for name, service in services.items()}
        world.customers = world.customers[4:]
        wamids = write(world, count, rate)
        settle(world)
        used = {name: cpu_seconds(service.process.pid) - before[name] for name, service in services.items()}
        return Load(
            outcome=judge(world, count + 4),
            latencies=latencies(world, wamids),
            not_200=_not_200(world),
            memory={name: memory(service.process.pid) for name, service in services.items()},
            cpu={name: value / count * 1000 for name, value in used.items()},
        )


def rolling(restarts: int, rate: float) -> Load:
    """Web and worker processes exchanged by turns, a new one beside the old one each time, under webhooks."""
    with full(2, 2) as world:
        make_customers(world, 200)
        ended = threading.Event()
        written: list[str] = []

        def load() -> None:
            while not ended.is_set():
                written.extend(write(world, int(rate), rate))

        thread = threading.Thread(target=load)
        thread.start()
        for turn in range(restarts):
            _exchange(world, turn)
        ended.set()
        thread.join()
        settle(world, 120)
        return Load(judge(world, len(written)), [], _not_200(world))


def _exchange(world: FullWorld, turn: int) -> None:
    if turn % 2:
        world.workers.append(world.start_worker())
        world.wait_for_workers(len(world.workers))
        world.workers.pop(0).stop()
        return
    port = free_port()
    fresh = world.start_web(port)
    eventually(lambda: world.is_ready(port), 30)
    world.webs.append(fresh)
    world.web_ports.append(port)
    world.web_ports.pop(0)  # the balancer gives the old one nothing more
    world.webs.pop(0).stop()


def waiting(conversations: int, seconds: float) -> str:
    """One worker, with as many threads as conversations wait for an answer of Meta that takes `seconds`."""
    with full(1, 1) as world:
        world.workers.pop().stop()
        make_customers(world, conversations)
        world.fault(
            on="messages", kind="hang", seconds=seconds, accept=True, answer=True, times=4 * conversations
        )
        write(world, conversations, 200)
        worker = world.start_worker(WORKER_THREADS=str(conversations))
        world.workers.append(worker)
        began, used = time.monotonic(), cpu_seconds(worker.process.pid)
        peak = 0.0
        while (
            world.sql("SELECT count(*) FROM message WHERE state = 'received'")[0][0]
            or world.sql("SELECT count(*) FROM reply WHERE wamid_key IS NULL OR sent_at IS NULL")[0][0]
        ):
            peak = max(peak, memory(worker.process.pid))
            time.sleep(0.2)
        took = time.monotonic() - began
        settle(world)
        outcome = judge(world, conversations)
        spent = cpu_seconds(worker.process.pid) - used
    return (
        f"{conversations} conversations, each waiting {seconds:.0f} s: {took:.1f} s from the worker's start, "
        f"{conversations / took:.0f} answers/s, at most {peak:.0f} MiB, {spent / conversations * 1000:.1f} ms CPU each "
        f"(with its start), lost {outcome.lost}, doubled {outcome.doubled}"
    )


def memory(pid: int) -> float:
    """The process's proportional share of memory, MiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024


def _named(world: FullWorld) -> dict[str, Service]:
    webs = {f"web {k + 1}": service for k, service in enumerate(world.webs)}
    return webs | {f"worker {k + 1}": service for k, service in enumerate(world.workers)}


def _not_200(world: FullWorld) -> int:
    found = Counter(entry["http_status"] for entry in world.ledger("webhook"))
    return sum(found.values()) - found[200]
