"""What an owner says about their people is checked, kept, changed piece by piece, and its secret never shown again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from src.accounts.key_holder import OWNER
from src.accounts.versions import load_config, row_of
from tests.integration.people.desk import FAQS, Desk
from tests.world import NUMBER

PRIVATE = "crm.internal:8443"


SETTINGS = {"outgoing_private": PRIVATE, "smtp_url": "smtp://127.0.0.1:9", "smtp_from": "bot@example.com"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path, **SETTINGS) as found:
        yield found


@pytest.fixture(scope="module")
def strict_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One whose agent stays as it is: everything is refused."""
    with Desk(tmp_path_factory.mktemp("home"), **SETTINGS) as found:
        found.opens(contact="910 000 147")
        yield found


def patched(desk: Desk, **handoff: Any) -> dict[str, Any]:
    status, answer = desk.api("PATCH", f"/agent/{desk.agent_id}", {"handoff": handoff})
    assert status == 200, answer
    return dict(answer)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("webhook", "http://crm.example.com/x", "https"),
        ("webhook", "ftp://crm.example.com/x", "https"),
        ("webhook", "crm.example.com", "https"),
        ("webhook", "https://user:pass@crm.example.com/", "password"),
        ("webhook", "http://crm.internal:9999/", "https"),
        ("webhook", "https://127.0.0.1/", "OUTGOING_PRIVATE"),
        ("webhook", "https://10.0.0.1:8443/x", "OUTGOING_PRIVATE"),
        ("webhook", "https://169.254.169.254/", "OUTGOING_PRIVATE"),
        ("webhook", "https://[::1]/", "OUTGOING_PRIVATE"),
        ("email", "ana", "e-mail"),
        ("email", "ana@", "e-mail"),
        ("email", "ana@example.com\nBcc: eva@example.com", "e-mail"),
        ("email", "añá@example.com", "e-mail"),
        ("whatsapp", "600 000 199", "E.164"),
        ("whatsapp", NUMBER, "own number"),
        ("return_minutes", 4, None),
        ("webhook_secret", "a secret without a webhook", "handoff.webhook"),
        ("webhook_secret", "short", None),
    ],
)
def test_a_wrong_field_is_named_with_the_reason(
    strict_desk: Desk, field: str, value: Any, why: str | None
) -> None:
    body = {"phone_number": NUMBER, "phone_number_id": strict_desk.number_id, "faqs": FAQS}
    wrong = {"handoff": {field: value}}
    for status, problem in (
        strict_desk.api("POST", "/agent", {**body, **wrong}),
        strict_desk.api("PATCH", f"/agent/{strict_desk.agent_id}", wrong),
    ):
        assert status == 422, problem
        (error,) = problem["errors"]
        assert error["field"] == f"handoff.{field}"
        assert why is None or why in error["message"]


def test_what_is_absent_stays_and_null_takes_away(desk: Desk) -> None:
    desk.opens(contact="910 000 147", when="quiere una factura")
    found = patched(desk, email="ana@example.com", whatsapp="+34 600 000 199")["handoff"]
    assert (found["contact"], found["when"]) == ("910 000 147", "quiere una factura")
    assert (found["email"], found["whatsapp"]) == ("ana@example.com", "+34600000199")
    found = patched(desk, contact=None)["handoff"]
    assert (found["contact"], found["email"]) == (None, "ana@example.com")
    status, answer = desk.api("PATCH", f"/agent/{desk.agent_id}", {"handoff": None})
    assert (status, set(answer["handoff"].values())) == (200, {None})


def test_the_secret_stays_through_changes_and_is_made_anew_when_asked(desk: Desk) -> None:
    first = desk.opens(webhook="https://crm.example.com/x")["webhook_secret"]
    assert first.startswith("whsec_")
    assert kept(desk) == first
    assert "webhook_secret" not in patched(desk, webhook="http://crm.internal:8443/y", contact="x")
    assert kept(desk) == first
    shown = desk.api("GET", f"/agent/{desk.agent_id}")[1]["handoff"]
    assert "webhook_secret" not in patched(desk, **shown)  # what is shown may be sent back
    assert kept(desk) == first
    second = patched(desk, webhook_secret=None)["webhook_secret"]
    assert second != first
    assert kept(desk) == second
    assert patched(desk, webhook=None)["handoff"]["webhook_secret"] is None
    assert kept(desk) is None


def kept(desk: Desk) -> str | None:
    """The secret that signs, as the database has it."""
    with desk.instance.database.read() as session:
        row = row_of(session, OWNER, desk.agent_id)
        return load_config(session, desk.agent_id, row.version).handoff.webhook_secret


def test_no_answer_of_the_api_shows_a_secret(desk: Desk) -> None:
    secret = "whsec_" + "QUJD" * 8
    desk.opens(webhook="https://crm.example.com/x", webhook_secret=secret)
    for path in ("", f"/{desk.agent_id}", f"/{desk.agent_id}/versions", f"/{desk.agent_id}/faqs"):
        assert secret not in str(desk.api("GET", f"/agent{path}"))
    assert secret not in str(patched(desk, contact="910 000 147"))


def test_a_repeated_request_gets_the_same_secret(desk: Desk) -> None:
    body = {"phone_number": NUMBER, "phone_number_id": desk.number_id, "faqs": FAQS}
    body["handoff"] = {"webhook": "https://crm.example.com/x"}
    first = desk.api("POST", "/agent", body, Idempotency_Key="one")
    assert first[1]["webhook_secret"]
    assert desk.api("POST", "/agent", body, Idempotency_Key="one") == first


def test_an_agent_without_any_way_to_a_person_says_what_happens_instead(desk: Desk) -> None:
    made = desk.opens()
    assert set(made) == {"agent_id", "phone_number_id", "status"}  # the contract's plain answer
    (warning,) = desk.api("GET", f"/agent/{desk.agent_id}")[1]["warnings"]
    assert "WhatsApp's policy" in warning
    assert "a person will answer in the chat" in warning
    assert "warnings" not in patched(desk, email="ana@example.com")
