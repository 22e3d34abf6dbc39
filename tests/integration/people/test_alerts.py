"""When a customer waits, people are told at once by a signed webhook; once, and again until it is heard."""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from src.core.conversation_tables import alerts
from src.core.database import now_ms
from src.messages.dispatch import Dispatcher
from src.messages.people.alerts import DELAYS_S, ENDS_MS
from tests.integration.people.desk import A_PERSON, Desk
from tests.integration.people.sinks import Received, Receiver, receiver
from tests.world import call, eventually

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes of key").decode()


@pytest.fixture
def sink() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, database_url: str, sink: Receiver) -> Iterator[Desk]:
    public = "https://bot.example.com"
    with Desk(tmp_path, database_url, outgoing_private=sink.private, public_url=public) as found:
        yield found


def signed(one: Received, key: bytes) -> bool:
    """Is it signed as standardwebhooks.com says?"""
    told = f"{one.headers['webhook-id']}.{one.headers['webhook-timestamp']}.".encode() + one.body
    right = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return one.headers["webhook-signature"] == f"v1,{right}"


def test_people_are_told_with_ids_and_times_and_none_of_the_customers_words(
    desk: Desk, sink: Receiver
) -> None:
    desk.opens(webhook=sink.url, webhook_secret=SECRET)
    before = time.time() * 1000
    desk.says(A_PERSON)
    (one,) = eventually(lambda: sink.received)
    waiting = desk.waiting()
    told = one.told
    assert told.pop("id") == one.headers["webhook-id"]
    assert before - 5_000 < told["waiting_since"] == waiting["waiting_since"]
    assert told["window_closes_at"] == waiting["window_closes_at"]
    assert {
        key: told[key] for key in ("event", "conversation_id", "agent_id", "reason", "customer", "url")
    } == {
        "event": "handoff",
        "conversation_id": waiting["id"],
        "agent_id": desk.agent_id,
        "reason": "asked for a person",
        "customer": {"name": waiting["customer"]["name"]},
        "url": f"https://bot.example.com/conversation/{waiting['id']}",
    }
    assert A_PERSON not in one.body.decode()
    assert waiting["customer"]["wa_id"] not in one.body.decode()
    assert desk.settled() == [("webhook", "sent", None)]
    assert desk.api("GET", f"/conversation/{waiting['id']}")[1]["alerts"][0]["state"] == "sent"
    assert desk.answers()[0].startswith("De acuerdo")  # and the customer knows what happens next


def test_the_signature_holds_with_the_secret_and_with_no_other(desk: Desk, sink: Receiver) -> None:
    desk.opens(webhook=sink.url, webhook_secret=SECRET)
    desk.says(A_PERSON)
    (one,) = eventually(lambda: sink.received)
    assert signed(one, b"twenty-four bytes of key")
    assert not signed(one, b"twenty-four bytes of KEY")
    assert abs(time.time() - int(one.headers["webhook-timestamp"])) < 60


def test_a_secret_is_made_for_a_webhook_that_has_none_and_shown_once(desk: Desk, sink: Receiver) -> None:
    made = desk.opens(webhook=sink.url)
    secret = made["webhook_secret"]
    shown = desk.api("GET", f"/agent/{desk.agent_id}")[1]
    assert shown["handoff"]["webhook_secret"] == "set"
    assert secret not in str(shown)
    desk.says(A_PERSON)
    (one,) = eventually(lambda: sink.received)
    assert signed(one, base64.b64decode(secret.removeprefix("whsec_")))


def in_vain(desk: Desk, status: int) -> list[dict[str, Any]]:
    return [row for row in desk.alerts() if row["error"] == f"status {status}"]


def test_what_is_not_heard_is_told_again_later_each_time_under_the_same_id(
    desk: Desk, sink: Receiver
) -> None:
    sink.statuses = [500, 302, 429]
    desk.opens(webhook=sink.url, webhook_secret=SECRET)
    desk.says(A_PERSON)
    for status, delay in zip((500, 302, 429), DELAYS_S, strict=False):
        (row,) = eventually(partial(in_vain, desk, status))
        with desk.instance.database.read() as session:
            now = session.execute(select(now_ms())).scalar_one()
        assert delay * 1000 - 30_000 < row["next_attempt_at"] - now <= delay * 1000
        desk.hurry()
    assert desk.settled() == [("webhook", "sent", None)]
    assert len(sink.received) == 4
    assert len({one.headers["webhook-id"] for one in sink.received}) == 1
    assert all(signed(one, b"twenty-four bytes of key") for one in sink.received)


def test_after_a_day_nobody_is_told_any_more(desk: Desk, sink: Receiver) -> None:
    sink.statuses = [500]
    desk.opens(webhook=sink.url)
    desk.says(A_PERSON)
    desk.put_off()
    desk.time_passes(ENDS_MS + 1_000, last_inbound_at=None)
    with desk.instance.database.transaction() as session:
        session.execute(update(alerts).values(held_at=alerts.c.held_at - ENDS_MS - 1_000))
    desk.hurry()
    assert desk.settled() == [("webhook", "dropped", "too old")]
    assert len(sink.received) == 1


def test_a_receiver_that_wants_no_more_is_not_asked_again(desk: Desk, sink: Receiver) -> None:
    sink.statuses = [410]
    desk.opens(webhook=sink.url)
    desk.says(A_PERSON)
    assert desk.settled() == [("webhook", "failed", "gone")]


def test_an_address_that_is_private_is_never_called(tmp_path: Path, sink: Receiver) -> None:
    with Desk(tmp_path, outgoing_private=sink.private) as desk:
        desk.opens(webhook=sink.url)
        desk.stop()
        desk._settings = {}  # the operator has taken the permission back
        desk.start()
        desk.says(A_PERSON)
        assert desk.put_off()["error"] == "address refused"
        assert sink.received == []


def test_who_is_no_longer_waited_for_is_not_called(desk: Desk, sink: Receiver) -> None:
    sink.statuses = [500]
    desk.opens(webhook=sink.url)
    desk.says(A_PERSON)
    desk.put_off()
    desk.api("POST", f"/conversation/{desk.waiting()['id']}/takeover")
    desk.hurry()
    assert desk.settled() == [("webhook", "dropped", "nobody waits any more")]
    assert len(sink.received) == 1


def test_each_hand_off_is_told_once_whatever_happens_while_it_lasts(desk: Desk, sink: Receiver) -> None:
    desk.opens(webhook=sink.url)
    desk.fault(on="messages", kind="async_failure", code=131026)
    desk.says(A_PERSON)  # the sentence that a person will answer does not arrive: a second reason to call one
    eventually(lambda: desk.waiting()["reason"] == "a reply failed")
    desk.says("¿hola?")
    desk.settled()
    conversation = desk.waiting()["id"]
    assert desk.api("POST", f"/conversation/{conversation}/reply", {"text": "Soy Ana."})[0] == 201
    assert desk.api("POST", f"/conversation/{conversation}/release")[0] == 200
    desk.says(A_PERSON)
    eventually(lambda: len(sink.received) == 2)
    assert len({one.headers["webhook-id"] for one in sink.received}) == 2


def test_an_alert_survives_a_restart_and_is_told_by_the_next_process(desk: Desk, sink: Receiver) -> None:
    sink.statuses = [500]
    desk.opens(webhook=sink.url)
    desk.says(A_PERSON)
    desk.put_off()
    desk.stop()
    desk.start()
    desk.hurry()
    assert desk.settled() == [("webhook", "sent", None)]


def test_an_alert_whose_process_died_in_the_middle_is_told_when_its_lease_has_ended(
    desk: Desk, sink: Receiver
) -> None:
    desk.opens(webhook=sink.url)
    sink.statuses = [500]
    desk.says(A_PERSON)
    row = desk.put_off()
    with (
        desk.instance.database.transaction() as session
    ):  # what a process leaves that is killed while it calls
        left = {"attempts": row["attempts"] + 1, "next_attempt_at": now_ms() + 500}
        session.execute(update(alerts).values(left))
    assert desk.settled() == [("webhook", "sent", None)]
    assert desk.alerts()[0]["attempts"] == 3


def test_two_dispatchers_tell_once(desk: Desk, sink: Receiver) -> None:
    desk.opens(webhook=sink.url)
    second = Dispatcher(desk.instance)
    second.start()
    for customer in range(3):
        desk.says(A_PERSON, customer)
    eventually(lambda: len(desk.settled()) == 3)
    time.sleep(1.2)  # longer than the dispatchers' own clocks
    second.stop()
    assert len(sink.received) == 3
    assert [row["attempts"] for row in desk.alerts()] == [1, 1, 1]


def test_a_receiver_that_hangs_keeps_no_customer_waiting(desk: Desk, sink: Receiver) -> None:
    sink.held.clear()
    desk.opens(webhook=sink.url)
    for number in range(4):
        _, made = call("POST", f"{desk.sandbox}/api/customers", {"name": f"Ana {number}"})
        desk.customers.append(made["id"])
        desk.says(A_PERSON, len(desk.customers) - 1)
    eventually(lambda: len(sink.received) == 2)  # two at a time for one number
    desk.says("¿Dónde están?")
    assert desk.answers() == ["En la calle Mayor, 3."]
    sink.held.set()
    assert {state for _, state, _ in desk.settled()} == {"sent"}
    assert len(sink.received) == 4


def test_attempts_are_counted_by_channel_and_outcome(desk: Desk, sink: Receiver) -> None:
    def count(outcome: str) -> float:
        figures = call("GET", f"{desk.url}/metrics")[1]
        name = f'released_alerts_total{{channel="webhook",outcome="{outcome}"}} '
        return next(float(line.removeprefix(name)) for line in figures.splitlines() if line.startswith(name))

    before = {outcome: count(outcome) for outcome in ("sent", "again")}
    sink.statuses = [500]
    desk.opens(webhook=sink.url)
    desk.says(A_PERSON)
    desk.put_off()
    desk.hurry()
    desk.settled()
    assert eventually(lambda: all(count(outcome) == before[outcome] + 1 for outcome in before))
