"""Containers are killed, multiplied and exchanged while customers write: each gets one answer."""

import time
from collections import Counter

import pytest

from tests.containers.engine import Containers, run
from tests.containers.telephone import Telephone, Trickle
from tests.world import eventually

UNCERTAIN = """SELECT count(*) FROM reply WHERE state = 'uncertain'"""


def uncertain(containers: Containers) -> int:
    """Replies of which nobody knows: a worker died between writing down that it sends, and sending."""
    query = f'psql -qtA -h /run/postgresql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "{UNCERTAIN}"'
    return int(containers.execute("db", "sh", "-c", query))


def assert_one_answer_each(containers: Containers, telephone: Telephone, asked: list[str]) -> None:
    """Waits until all is quiet; nobody is forgotten, nobody hears twice."""
    assert asked
    eventually(lambda: len(set(asked) - set(telephone.sends())) <= uncertain(containers), 120)
    eventually(telephone.is_quiet, 60)
    sends = telephone.sends()
    assert Counter(sends[customer] for customer in asked if sends[customer]) == {
        1: len(set(asked) & set(sends))
    }


def test_three_workers_share_the_work(containers: Containers, telephone: Telephone) -> None:
    containers.compose("up", "-d", "--no-recreate", "--scale", "worker=3")
    eventually(lambda: containers.is_healthy("worker", 3), 120)
    with Trickle(telephone, pause=0.05) as trickle:
        time.sleep(5)
    assert_one_answer_each(containers, telephone, trickle.asked)


@pytest.mark.parametrize("service", ["worker", "web", "redis", "beat", "db"])
def test_nothing_is_lost_or_doubled_when_a_container_is_killed(
    containers: Containers, telephone: Telephone, service: str
) -> None:
    with Trickle(telephone) as trickle:
        time.sleep(1.5)
        containers.kill(service)
        time.sleep(3)
    assert_one_answer_each(containers, telephone, trickle.asked)


def webhooks_since(telephone: Telephone, seq: int) -> dict[int, list[int | None]]:
    """What each webhook after an entry of the ledger was answered, attempt by attempt."""
    results: dict[int, list[int | None]] = {}
    for entry in telephone.ledger("webhook"):
        if entry["seq"] > seq:
            results.setdefault(entry["webhook_id"], []).append(entry["http_status"])
    assert results
    return results


def test_no_webhook_is_lost_when_web_and_workers_are_exchanged_at_once(
    containers: Containers, telephone: Telephone
) -> None:
    first = telephone.ledger("webhook")[-1]["seq"]
    with Trickle(telephone) as trickle:
        time.sleep(1)
        containers.compose(
            "up", "-d", "--no-deps", "--force-recreate", "--scale", "worker=3", "web", "worker"
        )
        time.sleep(3)
    assert_one_answer_each(containers, telephone, trickle.asked)
    assert all(statuses[-1] == 200 for statuses in webhooks_since(telephone, first).values())


def test_meta_hardly_notices_when_a_second_web_takes_over_from_the_first(
    containers: Containers, telephone: Telephone
) -> None:
    first = telephone.ledger("webhook")[-1]["seq"]
    with Trickle(telephone) as trickle:
        assert "nothing to do" in containers.compose("run", "--rm", "--no-deps", "migrate")
        [old] = containers.ids("web")
        containers.compose("up", "-d", "--no-deps", "--no-recreate", "--scale", "web=2", "web")
        eventually(lambda: containers.is_healthy("web", 2), 120)
        run("docker", "stop", "-t", "30", old)
        run("docker", "rm", old)
        time.sleep(2)
    assert_one_answer_each(containers, telephone, trickle.asked)
    results = webhooks_since(telephone, first)
    assert all(statuses[-1] == 200 for statuses in results.values())
    # A connection that was accepted in the very moment of the end is closed unanswered, and sent again.
    assert len([1 for statuses in results.values() if statuses != [200]]) <= 1, results


def test_sigterm_ends_every_process_in_good_order(containers: Containers) -> None:
    containers.compose("stop", "-t", "50")
    codes = {service: one["State"]["ExitCode"] for service, one in containers.inspect().items()}
    containers.compose("start")
    assert set(codes.values()) == {0}, codes
