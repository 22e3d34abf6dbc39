"""The log tells of each key that was taken and of each attempt that was refused, and names no address and no key."""

from collections.abc import Iterator
from logging import LogRecord
from pathlib import Path

import pytest

from src.accounts.key_holder import OWNER, Scope
from src.accounts.keys import KeyInput, make_key
from tests.integration.console.conftest import Desk
from tests.integration.edge.conftest import PUBLIC, ask, elsewhere, instance, key_of

WRONG = {"Authorization": "Bearer rel_wrong"}
HANDSHAKE = "/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x"
Told = list[tuple[str, str, str | None]]


@pytest.fixture
def strict(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Desk]:
    rates = {"rate_limit_address": "12/hour", "rate_limit_failures": "3/hour", "rate_limit_key": "2/hour"}
    caplog.set_level("INFO")
    with instance(tmp_path, app_env="prod", public_url=PUBLIC, **rates) as found:
        yield found


def lines(caplog: pytest.LogCaptureFixture) -> list[LogRecord]:
    """The lines of the edge's."""
    return [one for one in caplog.records if one.name == "src.api.refusals"]


def told(caplog: pytest.LogCaptureFixture) -> Told:
    """Level, event and reason of each."""
    return [(one.levelname, one.message, getattr(one, "why", None)) for one in lines(caplog)]


def test_each_key_that_is_tried_is_told(strict: Desk, caplog: pytest.LogCaptureFixture) -> None:
    ask(strict, "GET", "/agent", **elsewhere(), **key_of(strict))
    ask(strict, "GET", "/agent", **elsewhere(), **WRONG)
    assert told(caplog) == [("INFO", "key_taken", None), ("WARNING", "key_refused", None)]
    taken, refused = lines(caplog)
    assert vars(taken)["key_id"] == OWNER.key_id
    assert vars(taken)["who"] == vars(refused)["who"]


def test_a_key_that_may_not_is_told(strict: Desk, caplog: pytest.LogCaptureFixture) -> None:
    given = KeyInput(name="panel", scopes=frozenset({Scope.OPERATIONS_READ}))
    with strict.instance.database.transaction() as session:
        made = make_key(session, strict.instance.keyring, OWNER, given)
    key = {"Authorization": f"Bearer {made['key']}"}
    assert ask(strict, "GET", "/agent", **elsewhere(), **key).status == 403
    assert told(caplog) == [("WARNING", "key_insufficient", None)]
    assert vars(lines(caplog)[-1])["key_id"] == made["key_id"]


def test_attempts_to_go_around_are_told_and_a_flood_is_one_line(
    strict: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        ask(strict, "GET", "/agent", **elsewhere(scheme="http"), **key_of(strict))
    for _ in range(5):
        ask(strict, "POST", "/webhook", b"{}", **elsewhere())
    ask(strict, "GET", HANDSHAKE, **elsewhere("203.0.113.10"))
    for _ in range(4):
        ask(strict, "GET", "/agent", **elsewhere("203.0.113.11"), **key_of(strict))
    refused = ("WARNING", "call_refused")
    assert told(caplog) == [
        (*refused, "transport"),
        *[("WARNING", "webhook_refused", None)] * 3,
        (*refused, "failures"),
        ("WARNING", "webhook_refused", None),
        *[("INFO", "key_taken", None)] * 2,
        (*refused, "key"),
    ]


def test_wrong_fields_are_told(strict: Desk, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask(strict, "POST", "/agent", b"{}", Content_Type="application/json", **key_of(strict))
    assert answer.status == 422
    assert "input_refused" in caplog.messages


def test_no_line_holds_an_address_or_a_key(strict: Desk, caplog: pytest.LogCaptureFixture) -> None:
    ask(strict, "GET", "/agent", **elsewhere(), **key_of(strict))
    ask(strict, "GET", "/agent", **elsewhere(), **WRONG)
    ask(strict, "POST", "/webhook", b"{}", **elsewhere())
    every = " ".join(str(vars(one)) for one in caplog.records if one.name.startswith("src."))
    assert "key_refused" in every
    for unsaid in ("203.0.113", strict.instance.api_key, "rel_wrong"):
        assert unsaid not in every
