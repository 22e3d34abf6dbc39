"""What goes over the wire to a model's server, and how long it may take, whatever the server does."""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from src.core.errors import BrainDenied, BrainDown, BrainInvalid, BrainUnreachable
from tests.integration.cli.doctor_world import certificate, server
from tests.integration.core.test_openai_client import LUNA, client_of, prompt
from tests.model_world import Model
from tests.ports import free_port

Speaks = Callable[[socket.socket], None]


@contextmanager
def speaking(speaks: Speaks) -> Iterator[str]:
    """The address of a server that says to each caller what it is told to."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_speak, args=(caller, speaks), daemon=True).start()

    threading.Thread(target=answer, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        listener.close()


def _speak(caller: socket.socket, speaks: Speaks) -> None:
    with caller:
        caller.recv(65536)
        try:
            speaks(caller)
        except OSError:
            return  # it did not wait for the end


def trickle(beginning: bytes) -> Speaks:
    """Says a beginning, then a byte five times a second for a minute."""

    def speak(caller: socket.socket) -> None:
        caller.sendall(beginning)
        for _ in range(300):
            time.sleep(0.2)
            caller.sendall(b"x")

    return speak


@pytest.mark.parametrize(
    "beginning",
    [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b""],
    ids=["headers", "body", "status"],
)
def test_a_server_that_trickles_has_no_more_time_than_one_that_hangs(beginning: bytes) -> None:
    with speaking(trickle(beginning)) as url:
        began = time.monotonic()
        with pytest.raises(BrainDown):
            client_of(url).answer(prompt(), LUNA, 1.0)
        assert time.monotonic() - began < 20, "it trickles for a minute"


def test_a_redirect_is_not_followed() -> None:
    seen: list[bytes] = []
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/v1/responses\r\nContent-Length: 0\r\n\r\n"

    def speak(caller: socket.socket) -> None:
        seen.append(b"asked")
        caller.sendall(moved)

    with speaking(speak) as url, pytest.raises(BrainDenied, match="307"):
        client_of(url).answer(prompt(), LUNA, 5)
    assert seen == [b"asked"]


def test_a_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = certificate(tmp_path, 30)
    with server(lambda _path, _query: (200, {"id": LUNA, "object": "model"}), context) as url:
        with pytest.raises(BrainUnreachable):
            client_of(f"{url}/v1").check(LUNA)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        client_of(f"{url}/v1").check(LUNA)


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_nothing_is_tried_twice(model: Model, api: str) -> None:
    known = len(model.ledger())
    model.orders(api, "error_500")
    with pytest.raises(BrainDown):
        client_of(model.url, openai_api=api).answer(prompt(), LUNA, 5)
    assert len(model.ledger()) == known + 1


def test_a_response_is_never_stored_and_names_nobody(model: Model) -> None:
    client_of(model.url, openai_effort="low").answer(prompt(), LUNA, 10)
    body = model.ledger()[-1]["body"]
    assert body["store"] is False
    assert body["text"]["format"]["strict"] is True
    assert body["reasoning"] == {"effort": "low"}
    assert body["max_output_tokens"] == 900
    assert (body["safety_identifier"], body["prompt_cache_key"]) == ("0a1b2c", "asst_1.7")
    assert body["instructions"] == "Answer from the FAQs."
    assert [part["text"] for part in body["input"][0]["content"]] == list(prompt().parts)


def test_a_compatible_server_gets_only_what_all_of_them_know(model: Model) -> None:
    client_of(model.url, openai_api="chat").answer(prompt(), LUNA, 10)
    body = model.ledger()[-1]["body"]
    assert body.keys() == {"model", "messages", "response_format", "max_tokens"}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["response_format"]["type"] == "json_schema"


def test_a_server_that_takes_no_schema_is_told_it_in_words(model: Model) -> None:
    model.orders("chat", "error", times=1, message="This response_format type is unavailable now")
    client = client_of(model.url, openai_api="chat")
    with pytest.raises(BrainInvalid):
        client.answer(prompt(), LUNA, 10)
    assert client.answer(prompt(), LUNA, 10).content
    body = model.ledger()[-1]["body"]
    assert body["response_format"] == {"type": "json_object"}
    assert '"decision"' in body["messages"][0]["content"]


def test_another_refusal_changes_nothing(model: Model) -> None:
    model.orders("chat", "error", times=1, message="The context is too long")
    client = client_of(model.url, openai_api="chat")
    with pytest.raises(BrainInvalid):
        client.answer(prompt(), LUNA, 10)
    client.answer(prompt(), LUNA, 10)
    assert model.ledger()[-1]["body"]["response_format"]["type"] == "json_schema"


def test_the_environments_proxy_is_not_asked(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    assert client_of(model.url).answer(prompt(), LUNA, 10).content


def test_nothing_of_a_call_is_logged(
    model: Model, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_LOG", "debug")
    with caplog.at_level(logging.DEBUG):
        client_of(model.url).answer(prompt("la clave es 4711"), LUNA, 10)
    ours = [
        record
        for record in caplog.records
        if record.name.partition(".")[0] in ("openai", "httpx2", "httpcore2")
    ]
    assert ours == []


SCRIPT = """
import sys, time
from pathlib import Path
from src.core.instance import open_instance
from src.core.settings import Settings
from src.main import create_app
from tests.world import Served, eventually

key = sys.argv[3] or None
instance = open_instance(Settings(_env_file=None, released_home=Path(sys.argv[1]), openai_api_key=key))
assert (instance.openai is None) == (key is None)
served = Served(create_app(instance), int(sys.argv[2]))
if key is not None:
    eventually(lambda: "openai" in sys.modules, 60)
served.stop()
print(",".join(sorted({name.partition(".")[0] for name in sys.modules} & {"openai", "httpx2", "jsonschema"})))
"""


@pytest.mark.parametrize(("key", "loaded"), [("", ""), ("sk-a-key", "httpx2,openai")])
def test_openais_package_is_loaded_where_there_is_a_key_and_only_there(
    tmp_path: Path, key: str, loaded: str
) -> None:
    known = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "META_"))}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), str(free_port()), key],
        cwd=Path(__file__).resolve().parents[3],
        env=known,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1:] == [loaded] if loaded else not done.stdout.strip()
