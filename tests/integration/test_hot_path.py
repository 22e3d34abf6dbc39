"""The hot path stays flat: on PostgreSQL no statement of a message's life reads a whole table."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from tests.servers import PostgreSQL
from tests.world import World, eventually

LARGE = ("conversation", "message", "reply", "turn", "receipt", "seen")
ROWS = 30_000

# Old traffic, all of it answered; what is asked of it must not depend on how much there is.
FILL = f"""
INSERT INTO conversation (phone_number_id, user_key, customer, customer_key, holder, fence, redrafts, failures,
    last_at, created_at, due_at, unanswered_since)
  SELECT 'n' || n % 50, decode(md5('u' || n), 'hex'), 'x', 'x',
    CASE WHEN n % 10 = 0 THEN 'waiting' ELSE 'bot' END, 1, 0, 0, n, n,
    CASE WHEN n % 10 = 0 THEN n END, CASE WHEN n % 10 = 0 THEN n END
  FROM generate_series(1, {ROWS}) n;
INSERT INTO message (conversation_id, state, kind, content, sent_at, received_at)
  SELECT n, 'answered', 'text', 'x', n, n FROM generate_series(1, {ROWS}) n;
INSERT INTO turn (conversation_id, agent_id, agent_version, decision, brain, detail, messages, created_at)
  SELECT n, 'a', 1, 'answer', 'faq', 'x', 1, n FROM generate_series(1, {ROWS}) n;
INSERT INTO reply (conversation_id, turn_id, part, author, state, content, tracker, wamid_key, attempts,
    next_attempt_at, asked_at, created_at)
  SELECT n, n, 0, 'bot', 'read', 'x', 't' || n, decode(md5('w' || n), 'hex'), 1, n, n, n
  FROM generate_series(1, {ROWS}) n;
INSERT INTO receipt (wamid_key, status, at, received_at)
  SELECT decode(md5('w' || n), 'hex'), 'sent', n, n FROM generate_series(1, {ROWS}) n;
INSERT INTO seen (key, seen_at) SELECT decode(md5('s' || n), 'hex'), n FROM generate_series(1, {ROWS}) n;
"""


@pytest.fixture
def statements() -> Iterator[dict[str, Any]]:
    """Each statement that runs on PostgreSQL, with the parameters it had first."""
    found: dict[str, Any] = {}

    def note(session: Connection, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if session.dialect.name == "postgresql" and re.match(r"SELECT|INSERT|UPDATE|DELETE|WITH", sql):
            found.setdefault(sql, parameters[0] if isinstance(parameters, list) else parameters)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def whole_tables(plan: Any) -> list[str]:
    """The large tables that a plan reads from end to end."""
    found = [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" else []
    for part in plan.get("Plans", []):
        found += whole_tables(part)
    return [name for name in found if name in LARGE]


def test_no_statement_of_a_messages_life_reads_a_whole_table(
    tmp_path: Path, postgres: PostgreSQL, statements: dict[str, Any]
) -> None:
    with postgres.fresh() as url, World(tmp_path, url) as world:
        with world.instance.database.transaction() as session:
            session.execute(text(FILL))
        with world.instance.database.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
            session.execute(text("VACUUM ANALYZE"))
        world.knows("¿A qué hora abren?", "A las nueve.")
        statements.clear()  # what an owner does is no hot path
        world.says("¿A qué hora abren?")
        world.answers()
        world.says("¿venden relojes de arena?")
        world.answers(2)
        eventually(
            lambda: [m["status"] for m in world.chat() if m["from"] == "business"] == ["delivered"] * 2
        )
        hot = {sql: parameters for sql, parameters in statements.items() if any(t in sql for t in LARGE)}
        assert len(hot) > 20
        read = {}
        with world.instance.database.connect() as session:
            for sql, parameters in hot.items():
                (plan,) = session.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", parameters).scalar_one()
                if tables := whole_tables(plan["Plan"]):
                    read[sql] = tables
        assert not read, json.dumps(read, indent=1)
