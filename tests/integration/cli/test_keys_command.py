"""`released keys`: made, listed and revoked from a shell, and good for the API at once."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from src.cli import released
from src.core.errors import Refusal
from tests.world import World, call


@pytest.fixture
def shop(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    with World(tmp_path, database_url) as found:
        yield found


def typed(shop: World, *words: str) -> Result:
    env = {"RELEASED_HOME": str(shop.home), "DATABASE_URL": str(shop.settings()["database_url"])}
    return CliRunner().invoke(released, ["keys", *words], env=env)


def said(shop: World, *words: str) -> str:
    done = typed(shop, *words)
    assert done.exit_code == 0, done.output
    return done.stdout


def opens(shop: World, key: str) -> int:
    return call("GET", f"{shop.url}/agent", Authorization=f"Bearer {key}")[0]


def test_a_key_is_made_shown_once_listed_and_revoked(shop: World) -> None:
    key = said(shop, "add", "Panel de Zarpa", "--scope", "agents:read", "--tenant", "zarpa").strip()
    assert re.fullmatch(r"rel_live_[0-9A-Za-z]{38}", key)
    assert opens(shop, key) == 200
    heads, row = said(shop, "list").splitlines()
    assert heads.split() == ["ID", "STATUS", "TENANT", "SCOPES", "EXPIRES", "LAST", "USED", "NAME"]
    for part in ("live", "zarpa", "agents:read", "never", "Panel de Zarpa"):
        assert part in row
    assert key not in row
    said(shop, "revoke", row.split()[0])
    assert opens(shop, key) == 401
    assert "revoked" in said(shop, "list")


def test_json_is_what_the_api_answers(shop: World) -> None:
    made = json.loads(
        said(shop, "add", "x", "--scope", "read", "--scope", "operations:write", "--expires", "90d", "--json")
    )
    assert opens(shop, made.pop("key")) == 200
    assert made["scopes"] == ["operations:write", "read"]
    assert abs(made["expires_at"] - (time.time() + 90 * 86_400) * 1000) < 600_000
    listed = json.loads(said(shop, "list", "--json"))
    assert listed == shop.api("GET", "/key")[1]
    assert set(listed["keys"][0]) == set(made)


def test_what_is_wrong_is_said(shop: World) -> None:
    for words, reason in (
        (("add", "x", "--scope", "everything"), "agents:write"),
        (("add", "x"), "--scope"),
        (("add", "x", "--scope", "read", "--expires", "soon"), "such as 90d or 12h"),
    ):
        refused = typed(shop, *words)
        assert (refused.exit_code, reason in refused.output) == (2, True), refused.output
    for words in (("revoke", "key_none"), ("add", "x", "--scope", "read", "--tenant", "a b")):
        assert isinstance(typed(shop, *words).exception, Refusal), words
