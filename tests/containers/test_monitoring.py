"""With the profile `monitoring`, Prometheus sees every web and worker container and knows the rules."""

import json
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

from tests.containers.engine import Containers, run
from tests.containers.telephone import QUESTION, Telephone
from tests.world import eventually

IMAGE = "prom/prometheus"


@pytest.fixture(scope="module")
def watched(containers: Containers) -> Iterator[Containers]:
    """The project with Prometheus beside it."""
    if not run("docker", "image", "ls", "-q", IMAGE).strip():
        run("docker", "pull", "-q", IMAGE)
    containers.compose("--profile", "monitoring", "up", "-d", "--no-deps", "--no-recreate", "prometheus")
    eventually(lambda: is_answering(containers), 60)
    yield containers
    containers.compose("--profile", "monitoring", "rm", "-s", "-f", "-v", "prometheus")


def asked(containers: Containers, path: str) -> Any:
    """What Prometheus answers inside, by way of a container beside it: it publishes no port."""
    ask = f"import urllib.request as r; print(r.urlopen('http://prometheus:9090{path}', timeout=10).read().decode())"
    return json.loads(containers.execute("web", "python", "-c", ask))["data"]


def is_answering(containers: Containers) -> bool:
    """True once Prometheus listens."""
    try:
        return bool(asked(containers, "/api/v1/status/buildinfo"))
    except AssertionError:  # the command inside failed
        return False


def values(containers: Containers, query: str) -> list[float]:
    """What the query finds now."""
    found = asked(containers, f"/api/v1/query?query={urllib.parse.quote(query)}")
    return [float(row["value"][1]) for row in found["result"]]


def up(containers: Containers) -> dict[str, int]:
    """How many processes of each kind Prometheus reaches."""
    targets = asked(containers, "/api/v1/targets")["activeTargets"]
    kinds = [target["labels"]["job"] for target in targets if target["health"] == "up"]
    return {kind: kinds.count(kind) for kind in kinds}


def test_prometheus_sees_every_container(watched: Containers, telephone: Telephone) -> None:
    telephone.asks(QUESTION)
    workers = len(watched.ids("worker"))
    eventually(lambda: watched.is_healthy("worker", workers), 90)
    wanted = {"web": len(watched.ids("web")), "worker": workers, "prometheus": 1}
    eventually(lambda: up(watched) == wanted, 90)
    eventually(lambda: values(watched, "sum(released_turn_ends_total)") > [0.0], 60)
    assert values(watched, "max(released_database_up)") == [1.0]


def test_the_rules_are_loaded_and_well(watched: Containers) -> None:
    groups = asked(watched, "/api/v1/rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert {rule["type"] for rule in rules} == {"alerting", "recording"}
    eventually(
        lambda: all(
            rule["health"] == "ok"
            for group in asked(watched, "/api/v1/rules")["groups"]
            for rule in group["rules"]
        ),
        60,
    )
