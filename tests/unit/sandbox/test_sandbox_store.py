"""What is written together is kept together, or not at all."""

import sqlite3
import stat
from pathlib import Path

import pytest

from sandbox.store import Store, dumps, loads

INSERT = "INSERT INTO events (kind, data) VALUES (?, ?)"


def test_a_transaction_that_fails_leaves_nothing_and_tells_nobody() -> None:
    store = Store(":memory:")
    told: list[str] = []
    store.listeners.append(lambda: told.append("commit"))
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.write(INSERT, "message", "{}")
        store.write(INSERT, "message", None)
    assert (store.value("SELECT count(*) FROM events"), told) == (0, [])
    with store.transaction():
        store.write(INSERT, "message", "{}")
    assert (store.value("SELECT count(*) FROM events"), told) == (1, ["commit"])


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    Store(str(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("odd", ["mañana \u2615", "\ud800", {"a": [1, None, True]}])
def test_json_is_ascii_and_comes_back(odd: object) -> None:
    assert dumps(odd).isascii()
    assert loads(dumps(odd)) == odd


@pytest.mark.parametrize("wrong", ["", "{", "NaN", '{"a": -Infinity}', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_a_value_error(wrong: str | bytes) -> None:
    with pytest.raises(ValueError):
        loads(wrong)
