"""Two web processes and three workers: leases, order and fences hold, whatever is frozen, killed or away."""

import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable

import pytest

from benchmarks.turns import Outcome, judge, make_customers, settle, write
from tests.brokers import Redis
from tests.e2e.crash.test_crashes import LEASE, SETTLE
from tests.e2e.full.conftest import Make
from tests.full_world import FullWorld, Service
from tests.ports import free_port
from tests.world import call, eventually

SLEEPER = ["tests.e2e.full.sleeper"]
CUSTOMERS, ROUNDS, PER_SECOND = 20, 4, 20.0


def lose_redis(world: FullWorld, broker: Redis) -> None:
    """Redis dies with all it holds, and comes back."""
    time.sleep(0.5)
    broker.stop()
    time.sleep(3)
    broker.start()
    assert all(worker.alive for worker in world.workers)


def kill_some(world: FullWorld) -> None:
    """kill -9 to a worker and to a web process; both are started again."""
    time.sleep(0.7)
    world.workers[1].kill()
    world.workers[1] = world.start_worker()
    time.sleep(0.7)
    world.webs[0].kill()
    world.webs[0] = world.start_web(world.web_ports[0])


TROUBLES: dict[str, Callable[[FullWorld, Redis], None]] = {
    "nothing": lambda _world, _broker: None,
    "Redis away": lose_redis,
    "kill -9": lambda world, _broker: kill_some(world),
}


def answers_in_order(world: FullWorld) -> bool:
    """True when each customer's replies left in the order of their turns."""
    turns: dict[str, list[int]] = defaultdict(list)
    numbers = dict(map(tuple, world.sql("SELECT tracker, turn_id FROM reply")))
    known = {tracker.split(".")[0]: turn for tracker, turn in numbers.items()}
    for entry in world.ledger("send"):
        if entry["accepted"]:
            tracker = entry["request"]["biz_opaque_callback_data"].split(".")[0]
            turns[entry["customer_id"]].append(known[tracker])
    return all(order == sorted(order) for order in turns.values())


def run(world: FullWorld, broker: Redis, trouble: Callable[[FullWorld, Redis], None]) -> Outcome:
    make_customers(world, CUSTOMERS)
    thread = threading.Thread(target=trouble, args=(world, broker))
    thread.start()
    write(world, CUSTOMERS * ROUNDS, PER_SECOND)
    thread.join()
    settle(world, 120)
    return judge(world, CUSTOMERS * ROUNDS)


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
def test_nothing_is_lost_doubled_or_out_of_order(make: Make, broker: Redis, trouble: str) -> None:
    with make(broker.url, webs=2, workers=3, burst_wait_ms=0) as world:
        outcome = run(world, broker, TROUBLES[trouble])
        assert (outcome.lost, outcome.doubled) == (0, 0), outcome
        assert answers_in_order(world)
        if trouble != "kill -9":
            assert outcome.for_a_person == 0


@pytest.mark.slow
@pytest.mark.parametrize("moment", [f"after {LEASE}", f"before {SETTLE}"])
def test_a_worker_that_slept_past_its_lease_settles_nothing(make: Make, broker: Redis, moment: str) -> None:
    with make(broker.url, workers=0, metrics_port=free_port()) as world:
        sleeper = world.start_worker(SLEEPER, SLEEP=moment)
        world.workers.append(sleeper)
        world.says("¿A qué hora abren?")
        eventually(lambda: is_asleep(sleeper), 60)
        world.workers.append(world.start_worker())
        assert world.answers(seconds=60) == ["A las nueve."]
        sleeper.signal(signal.SIGCONT)
        url = f"http://127.0.0.1:{world.settings()['metrics_port']}/metrics"
        if moment.startswith("after"):
            eventually(lambda: "released_lease_lost_total 1.0" in call("GET", url)[1])
        world.says("¿Dónde están?", 1)
        assert world.answers(1, 1) == ["En la calle Mayor 7."]
        settle(world)
        assert (judge(world, 2).lost, world.phone()) == (0, ["A las nueve."])
        assert sleeper.stop() == 0


def is_asleep(service: Service) -> bool:
    with open(f"/proc/{service.process.pid}/stat", encoding="ascii") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


@pytest.mark.slow
def test_every_worker_takes_a_share(make: Make, broker: Redis) -> None:
    """While all threads of one worker wait for Meta, the others take what comes."""
    with make(broker.url, webs=1, workers=3, worker_threads=2) as world:
        world.fault(on="messages", kind="hang", seconds=8.0, accept=False, answer=False, times=12)
        make_customers(world, 6)
        write(world, 6, 50)
        assert eventually(lambda: world.sql("SELECT count(*) FROM reply WHERE state = 'sending'") == [(6,)])
