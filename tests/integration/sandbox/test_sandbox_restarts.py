"""What the sandbox has accepted outlives it, however it ends."""

import signal
import threading
from functools import partial
from pathlib import Path

import urllib3
from urllib3.exceptions import HTTPError

from sandbox import courier
from sandbox.store import Store
from tests import launch
from tests.integration.sandbox.sandbox_world import Callback, Meta, process, serving
from tests.ports import free_port
from tests.world import eventually


def test_everything_survives_a_kill(tmp_path: Path) -> None:
    port, callback_port = free_port(), free_port()
    database = str(tmp_path / "sandbox.db")
    url = f"http://127.0.0.1:{callback_port}/webhook"
    meta = Meta(f"http://127.0.0.1:{port}", Callback())
    with process(url, database, port) as first:
        meta.meet()
        meta.call("POST", f"{meta.chat_path()}/messages", {"type": "text", "text": "¿Siguen ahí?"})
        wamid = meta.send()
        eventually(lambda: meta.ledger("webhook"))
        before = meta.call("GET", "/api/state")[1]
        first.kill()
    meta.callback.stop()
    meta.callback = Callback(callback_port)
    with process(url, database, port):
        meta.quiet()
        after = meta.call("GET", "/api/state")[1]
        assert (after["numbers"], after["customers"]) == (before["numbers"], before["customers"])
        assert [one["text"]["body"] for one in meta.callback.messages()] == ["¿Siguen ahí?"]
        assert sorted(set(meta.names(wamid))) == ["delivered", "sent"]
        assert [one["wamid"] for one in meta.ledger("send")] == [wamid]
        assert meta.chat()[-1]["status"] == "delivered"
    meta.callback.stop()


def test_what_is_under_way_at_the_end_comes_after_the_next_start(tmp_path: Path, callback: Callback) -> None:
    database = str(tmp_path / "sandbox.db")
    callback.gate.clear()
    with serving(callback, database=database) as meta:
        for text in ("uno", "dos", "tres"):
            meta.call("POST", f"{meta.chat_path()}/messages", {"type": "text", "text": text})
    assert callback.received == []
    callback.gate.set()
    with serving(callback, database=database) as again:
        again.quiet()
        assert {message["text"]["body"] for message in callback.messages()} == {"uno", "dos", "tres"}
        assert again.ledger("webhook")[0]["error"] == "the sandbox ended before the answer"
        assert [one["status"] for one in again.chat()] == ["delivered"] * 3


def test_an_attempt_that_a_kill_cut_off_is_in_the_ledger(tmp_path: Path, callback: Callback) -> None:
    database = str(tmp_path / "sandbox.db")
    store = Store(database)
    with store.transaction():
        courier.post(store, "lane", ["wamid.x"], None, '{"entry": []}')
        store.write("UPDATE webhooks SET state = 'posting', attempt = 1")
    store.close()
    with serving(callback, database=database) as meta:
        meta.quiet()
        attempts = [(one["attempt"], one["http_status"], one["error"]) for one in meta.ledger("webhook")]
        assert attempts == [(1, None, "the sandbox ended before the answer"), (2, 200, None)]


def test_ctrl_c_ends_it_at_once_although_a_telephone_listens(callback: Callback) -> None:
    port = free_port()
    with process(callback.url, ":memory:", port) as started:
        line = urllib3.request("GET", f"http://127.0.0.1:{port}/api/events", preload_content=False)
        assert line.read1()
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=20)
        assert b"Application shutdown complete" in said
        assert b"ERROR" not in said


def test_an_impossible_database_is_one_clear_line(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "absent" / "sandbox.db")
    where = ["--callback", "http://127.0.0.1:1/", "--app-secret", "S", "--database", nowhere]
    ended = launch.run("sandbox", *where)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Error: --database {nowhere}: ")
    assert ended.stderr.count("\n") == 1


def test_kills_in_the_middle_lose_nothing(tmp_path: Path, callback: Callback) -> None:
    port, database = free_port(), str(tmp_path / "sandbox.db")
    meta = Meta(f"http://127.0.0.1:{port}", callback)
    sent: list[str] = []
    written: list[str] = []
    over = threading.Event()

    def talk() -> None:
        text = {"type": "text", "text": "¿Hola?"}
        while not over.is_set():
            try:
                written.append(meta.call("POST", f"{meta.chat_path()}/messages", text)[1]["id"])
                sent.append(meta.send())
            except HTTPError:
                over.wait(0.01)  # it is dead just now

    talker = threading.Thread(target=talk)
    for count in range(4):
        with process(callback.url, database, port):
            if count == 0:
                meta.meet()
                talker.start()
            eventually(partial(_longer, sent, len(sent) + 20))
    over.set()
    talker.join()
    with process(callback.url, database, port):
        meta.quiet()
        accepted = {one["wamid"] for one in meta.ledger("send") if one["accepted"]}
        assert set(sent) <= accepted
        assert {(one["id"], one["status"]) for one in callback.statuses()} == {
            (wamid, status) for wamid in accepted for status in ("sent", "delivered")
        }
        assert set(written) <= {one["id"] for one in callback.messages()}


def _longer(some: list[str], length: int) -> bool:
    return len(some) > length
