"""The telephone hears what happens, and resumes where it was cut off."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3

from sandbox import events
from tests.integration.sandbox.sandbox_world import Callback, Json, Meta, serving


class Ear:
    """An open line to the events."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response
        self._rest = b""
        self.last_id = ""

    def block(self) -> str:
        """The next block of lines."""
        while b"\n\n" not in self._rest:
            self._rest += self._response.read1()
        block, self._rest = self._rest.split(b"\n\n", 1)
        return block.decode()

    def hear(self) -> tuple[str, Json]:
        """The next event's kind and data."""
        while True:
            lines = dict(line.split(": ", 1) for line in self.block().split("\n") if not line.startswith(":"))
            self.last_id = lines.get("id", self.last_id)
            if "event" in lines:
                return lines["event"], json.loads(lines["data"])


@contextmanager
def listening(meta: Meta, last_id: str | None = None) -> Iterator[Ear]:
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    response = urllib3.request(
        "GET", f"{meta.url}/api/events", headers=headers, preload_content=False, timeout=20
    )
    assert response.headers["Content-Type"].startswith("text/event-stream")
    ear = Ear(response)
    if last_id is None:
        assert "id: " in ear.block()
    yield ear
    response.close()


def test_a_conversation_is_heard(meta: Meta) -> None:
    with listening(meta) as ear:
        written = meta.writes()
        chat = {"customer_id": meta.customers["both"]["id"], "phone_number_id": meta.number}
        assert ear.hear() == ("message", chat | {"message": written})
        assert ear.hear() == ("status", chat | {"message_id": written["id"], "status": "delivered"})
        meta.post({"status": "read", "message_id": written["id"], "typing_indicator": {"type": "text"}})
        assert ear.hear() == ("status", chat | {"message_id": written["id"], "status": "read"})
        assert ear.hear() == ("typing", chat | {"message_id": written["id"], "seconds": 25})
        answer = meta.send()
        kind, data = ear.hear()
        assert (kind, data["message"]["id"], data["message"]["text"]) == ("message", answer, "A las nueve.")
        assert ear.hear() == ("status", chat | {"message_id": answer, "status": "delivered"})
        meta.writes(type="reaction", message_id=answer, emoji="👍")
        assert ear.hear() == ("reaction", chat | {"message_id": answer, "emoji": "👍", "from": "customer"})
        meta.call("POST", f"{meta.chat_path()}/read")
        assert ear.hear() == ("status", chat | {"message_id": answer, "status": "read"})


def test_a_failed_message_is_heard_only_when_it_has_failed(meta: Meta) -> None:
    with listening(meta) as ear:
        meta.send()
        kind, data = ear.hear()
        assert (kind, data["message"]["status"], data["message"]["error"]["code"]) == (
            "message",
            "failed",
            131047,
        )


def test_new_people_are_heard(meta: Meta) -> None:
    with listening(meta) as ear:
        made = meta.call("POST", "/api/customers", {"name": "Inés"})[1]
        assert ear.hear() == ("customer", made)
        number = meta.call("POST", "/api/numbers", {"phone_number": "+34910000003"})[1]
        assert ear.hear() == ("number", number)


def test_a_lost_line_is_resumed(meta: Meta) -> None:
    with listening(meta) as ear:
        meta.writes()
        ear.hear()
        last_id = ear.last_id
    meta.quiet()
    later = meta.writes(type="text", text="¿Hola?")
    with listening(meta, last_id) as again:
        assert again.hear()[0] == "status"
        assert again.hear()[1]["message"]["id"] == later["id"]


@pytest.mark.parametrize("last_id", ["999999", "word"])
def test_an_unknown_place_to_resume_means_now(meta: Meta, last_id: str) -> None:
    meta.writes()
    meta.quiet()
    with listening(meta, last_id) as ear:
        made = meta.call("POST", "/api/customers", {})[1]
        assert ear.hear() == ("customer", made)


def test_a_silent_line_is_kept_alive(callback: Callback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE", 0.01)
    with serving(callback) as meta, listening(meta) as ear:
        assert ear.block().startswith(":")


def test_old_events_are_forgotten(callback: Callback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEPT", 10)
    with serving(callback) as meta:
        messages = [{"type": "text", "text": str(count)} for count in range(1000)]
        meta.call("POST", f"{meta.chat_path()}/batch", {"messages": messages})
        with listening(meta, "0") as ear:
            ear.hear()
            assert int(ear.last_id) > 900
