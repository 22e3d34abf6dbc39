"""What the dashboards ask, a real Prometheus answers; what the alerts promise, they keep."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from src.messages import chores
from tests.integration.observability import troubles
from tests.integration.observability.prometheus import PROJECT, Prometheus, rules
from tests.world import NUMBER, World, call, eventually

pytestmark = pytest.mark.both_databases

DASHBOARDS = sorted((PROJECT / "deploy" / "grafana" / "dashboards").glob("*.json"))
ONLY_ON_SQLITE = "released_disk_free_bytes"
LABELS = {
    "version", "python", "table", "state", "code", "decision", "outcome", "reason", "result", "status",
    "stage", "work", "holder", "kind", "chore", "le", "model", "ceiling", "purpose",
    "channel", "api", "rung", "check",
}  # fmt: skip


ROUNDS = 10  # of looks: on a busy machine one now and then reaches nobody


def targets(path: Path) -> list[tuple[str, str]]:
    """Title and query of every panel of a dashboard, with Grafana's own variables put in."""
    panels: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["panels"]
    return [
        (panel["title"], target["expr"].replace("$__rate_interval", "1m").replace("$__range", "5m"))
        for panel in panels
        for target in panel.get("targets", ())
    ]


def a_busy_day(world: World) -> None:
    """Questions, a hand-off, a repetition, receipts, a reply that fails, one that is uncertain."""
    for k in range(3):
        wamid = world.says(troubles.QUESTION, k)
        assert world.answers(1, k) == ["A las nueve."]
    world.says("quiero hablar con una persona")
    world.answers(2)
    call("POST", f"{world.chat_url()}/read")
    call("POST", f"{world.sandbox}/api/redeliver", {"wamids": [wamid], "as": "same"})
    troubles.writes_to_a_meta_that(world, code=131026)
    troubles.a_reply_stays_uncertain(world)
    troubles.a_stranger_posts(world, 1)
    chores.run_due(world.instance)


def test_every_panel_shows_something_and_agrees_with_the_tables(world: World, watched: Prometheus) -> None:
    a_busy_day(world)
    database = world.instance.database
    waits = "SELECT count(*) FROM conversation WHERE holder = 'waiting'"
    eventually(lambda: troubles.sql(database, waits) == [(3,)])  # handed off, failed, uncertain
    asked = [(title, expression) for path in DASHBOARDS for title, expression in targets(path)]
    empty = [one for one in asked if database.sqlite or ONLY_ON_SQLITE not in one[1]]
    for _ in range(ROUNDS):
        watched.look_again()
        empty = [(title, expression) for title, expression in empty if not watched.query(expression)]
        if not empty:
            break
    assert empty == []
    assert len(asked) > 50

    stored = dict(troubles.sql(database, "SELECT state, count(*) FROM reply GROUP BY state"))
    assert stored["uncertain"] == 1
    for expression, value in (
        ('max(released_outbox_depth{state="uncertain"})', 1),
        ('max(released_conversations{holder="waiting"})', 3),
        ("max(released_inbox_depth)", 0),
        ("max(released_inbox_oldest_age_seconds)", 0),
    ):
        eventually(partial(watched.shows, expression, value))

    families = text_string_to_metric_families(call("GET", f"{world.url}/metrics")[1])
    samples = [sample for family in families for sample in family.samples if "released_" in sample.name]
    assert {name for sample in samples for name in sample.labels} <= LABELS
    values = {value for sample in samples for value in sample.labels.values()}
    customers = call("GET", f"{world.sandbox}/api/state")[1]["customers"]
    secrets = [
        world.agent_id,
        world.number_id,
        NUMBER[1:],
        *(one["wa_id"] for one in customers if one["wa_id"]),
    ]
    assert not [value for value in values if any(secret in value for secret in secrets)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_fires_for_a_healthy_instance_and_each_trouble_fires(
    world: World, watched: Prometheus
) -> None:
    world.says(troubles.QUESTION)
    world.answers()
    eventually(lambda: {rule["health"] for rule in loaded(watched)} == {"ok"})
    assert {rule["name"] for rule in loaded(watched)} == {r.get("alert") or r["record"] for r in rules()}
    watched.look_again()
    assert watched.firing() - {"DiskNearlyFull"} == set()  # this machine's disk is its own affair
    for rule in rules():
        if "record" in rule:
            eventually(partial(watched.query, rule["record"]))

    troubles.a_stranger_posts(world, 6)
    for _ in range(4):
        troubles.writes_to_a_meta_that(world, code=131026)
    troubles.a_reply_stays_uncertain(world)
    troubles.writes_to_a_meta_that(world, code=131016, times=4)
    wanted = {"WebhooksUnsigned", "RepliesFail", "RepliesUncertain", "MetaFails"}
    eventually(lambda: wanted <= watched.firing(), 40)
    troubles.writes_to_a_meta_that(world, code=190, http_status=401)
    eventually(lambda: "TokenDenied" in watched.firing())
    troubles.a_customer_waits(world)
    troubles.the_account_is_empty(world)
    troubles.the_month_is_spent(world)
    eventually(lambda: {"MessagesWait", "ModelRests", "CeilingReached"} <= watched.firing())
    world.stop()
    eventually(lambda: "WebAbsent" in watched.firing())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_is_away_fires_and_ends(world: World, watched: Prometheus, database_url: str) -> None:
    with troubles.database_away(database_url):
        world.says(troubles.QUESTION)
        eventually(lambda: {"DatabaseAway", "WebhooksNotStored"} <= watched.firing(), 40)
    assert world.answers() == ["A las nueve."]
    eventually(lambda: "DatabaseAway" not in watched.firing(), 40)


def loaded(watched: Prometheus) -> list[dict[str, Any]]:
    """The rules as Prometheus has them."""
    return [rule for group in watched.ask("rules")["groups"] for rule in group["rules"]]
