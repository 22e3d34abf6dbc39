"""What KEDA asks of PostgreSQL is what `/metrics` says, so that workers follow the queue."""

from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from tests.servers import PostgreSQL
from tests.world import World, call, eventually

MANIFEST = Path(__file__).resolve().parents[2] / "deploy/kubernetes/overlays/scaled/worker.yaml"
QUERIES = {
    trigger["name"]: trigger["metadata"]["query"]
    for manifest in yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8"))
    if manifest["kind"] == "ScaledObject"
    for trigger in manifest["spec"]["triggers"]
}
# One that may go now, one that is under way, one that must wait, one that is gone; nobody dispatches here.
REPLIES = """
INSERT INTO conversation (phone_number_id, customer, customer_key, holder, fence, redrafts, failures, last_at, created_at)
  VALUES ('n', 'x', 'x', 'bot', 0, 0, 0, 0, 0);
INSERT INTO reply (conversation_id, part, author, state, content, tracker, attempts, next_attempt_at, asked_at, created_at)
  SELECT c.id, 0, 'bot', r.state, 'x', r.state || r.at, 1, r.at, 0, 0 FROM conversation c,
  (VALUES ('queued', 0), ('sending', 0), ('queued', 99999999999999), ('sent', 0)) r (state, at);
"""


def asked(world: World, name: str) -> int:
    """What the query says now."""
    with world.instance.database.read() as session:
        return int(session.execute(text(QUERIES[name])).scalar_one())


def gauge(world: World) -> int:
    """What the metrics say now."""
    lines = str(call("GET", f"{world.url}/metrics")[1]).splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("released_inbox_depth "))))


def test_the_inboxs_query_says_what_its_gauge_says(tmp_path: Path, postgres: PostgreSQL) -> None:
    with postgres.fresh() as url, World(tmp_path, url, burst_wait_ms=6000) as world:
        world.knows("¿A qué hora abren?", "A las nueve.")
        for customer in range(2):
            world.says("¿A qué hora abren?", customer)
        eventually(lambda: gauge(world) == 2)
        assert asked(world, "inbox") == 2
        world.api("PATCH", f"/agent/{world.agent_id}", {"paused": True})
        assert gauge(world) == asked(world, "inbox") == 0


def test_only_replies_that_could_go_now_call_for_workers(tmp_path: Path, postgres: PostgreSQL) -> None:
    with postgres.fresh() as url, World(tmp_path, url) as world:
        world.stop()
        with world.instance.database.transaction() as session:
            session.execute(text(REPLIES))
        assert asked(world, "outbox") == 2


@pytest.mark.parametrize("name", ["inbox", "outbox"])
def test_a_role_that_reads_three_tables_is_enough(tmp_path: Path, postgres: PostgreSQL, name: str) -> None:
    page = (MANIFEST.parents[4] / "docs/kubernetes.md").read_text(encoding="utf-8")
    grants = [line for line in page.splitlines() if line.startswith("GRANT")]
    assert grants
    with postgres.fresh() as url, World(tmp_path, url) as world:
        role = f"scaling_{name}"
        with world.instance.database.transaction() as session:
            session.execute(text(f"CREATE ROLE {role}"))
            for grant in grants:
                session.execute(text(grant.replace("released_scaling", role)))
            session.execute(text(f"SET ROLE {role}"))
            assert session.execute(text(QUERIES[name])).scalar_one() == 0
            session.execute(text(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}"))
