"""A customer's file comes whole, right and in time from Meta's hosts, or the reason says what to do."""

import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from src.core.errors import MetaBusy, MetaDenied, MetaError, MetaRejected, MetaUnreachable
from src.core.meta_client import Line, MetaClient
from src.core.meta_media import MediaTooLarge, fetch_media

LINE = Line("55", "token")
SOUND = b"OggS" + bytes(200_000)
MOST = 1_000_000


class Meta:
    """A server with one file: `about` changes what it says of it, `answer` how it gives it; it keeps what was asked."""

    def __init__(self) -> None:
        self.about: dict[str, Any] = {}
        self.id_answer: tuple[int, bytes] | None = None
        self.answer: Any = (200, SOUND)
        self.asked: list[tuple[str, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers["Authorization"]))
                if self.path.startswith("/v26.0/"):
                    self.say(*(outer.id_answer or (200, json.dumps(outer.told()).encode())))
                elif callable(outer.answer):
                    outer.answer(self)
                else:
                    self.say(*outer.answer)

            def say(self, status: int, content: bytes, **headers: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self) -> dict[str, Any]:
        told = {
            "messaging_product": "whatsapp",
            "url": f"{self.url}/file",
            "mime_type": "audio/ogg",
            "sha256": hashlib.sha256(SOUND).hexdigest(),
            "file_size": len(SOUND),
            "id": "77",
        }
        return {**told, **self.about}


@pytest.fixture
def meta() -> Iterator[Meta]:
    found = Meta()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def client(meta: Meta) -> Iterator[MetaClient]:
    found = MetaClient(f"{meta.url}/v26.0", 4)
    yield found
    found.close()


def fetch(client: MetaClient, most: int = MOST, seconds: float = 20.0) -> tuple[bytes, str]:
    return fetch_media(client, LINE, "77", most, seconds)


def test_a_file_comes_with_its_type_and_both_requests_carry_the_token(meta: Meta, client: MetaClient) -> None:
    assert fetch(client) == (SOUND, "audio/ogg")
    assert meta.asked == [
        ("/v26.0/77?phone_number_id=55", "Bearer token"),
        ("/file", "Bearer token"),
    ]


def test_the_hash_may_be_told_in_base64(meta: Meta, client: MetaClient) -> None:
    meta.about["sha256"] = base64.b64encode(hashlib.sha256(SOUND).digest()).decode()
    assert fetch(client)[0] == SOUND


@pytest.mark.parametrize("told", ["0" * 64, None, ""])
def test_other_bytes_than_the_hash_are_not_taken(meta: Meta, client: MetaClient, told: object) -> None:
    meta.about["sha256"] = told
    with pytest.raises(MetaBusy):
        fetch(client)


@pytest.mark.parametrize(
    "url",
    [
        "http://lookaside.fbsbx.com/file",
        "https://lookaside.fbsbx.com:444/file",
        "https://lookaside.fbsbx.com.evil.example/file",
        "https://user:secret@lookaside.fbsbx.com/file",
        "https://evil.example/lookaside.fbsbx.com",
        "http://127.0.0.1:1/file",
        "http://169.254.169.254/latest/meta-data",
        "https://lookaside.fbsbx.com./file",
        "https://lookaside.fbsbx.com\\@evil.example/file",
        "https://evil.example\\.lookaside.fbsbx.com/file",
        "https://evil.example#@lookaside.fbsbx.com/file",
        "https://@lookaside.fbsbx.com/file",
        "https://lookaside.fbsbx.com\t.evil.example/file",
        "https://lookaside.fbsbx.com /file",
        "//lookaside.fbsbx.com/file",
        "file:///etc/passwd",
        "http://[::1",
        "",
        7,
        None,
    ],
)
def test_the_token_goes_to_metas_hosts_alone(meta: Meta, client: MetaClient, url: object) -> None:
    meta.about["url"] = url
    with pytest.raises(MetaRejected):
        fetch(client)
    assert len(meta.asked) == 1


def test_a_redirect_is_not_followed(meta: Meta, client: MetaClient) -> None:
    meta.answer = lambda door: door.say(302, b"", Location=f"{meta.url}/other")
    with pytest.raises(MetaRejected):
        fetch(client)
    assert [path for path, _ in meta.asked] == ["/v26.0/77?phone_number_id=55", "/file"]


def test_what_is_told_to_be_too_large_is_not_asked_for(meta: Meta, client: MetaClient) -> None:
    meta.about["file_size"] = MOST + 1
    with pytest.raises(MediaTooLarge):
        fetch(client)
    assert len(meta.asked) == 1


def test_more_bytes_than_were_told_are_not_read(meta: Meta, client: MetaClient) -> None:
    written = 0

    def pour(door: Any) -> None:
        nonlocal written
        door.send_response(200)
        door.end_headers()
        try:
            for _ in range(2_000):
                written += door.wfile.write(bytes(100_000))
        except OSError:
            pass

    meta.answer = pour
    with pytest.raises(MediaTooLarge):
        fetch(client)
    assert written < 200_000_000, "it was read to its end"


def test_nothing_is_unpacked(meta: Meta, client: MetaClient) -> None:
    meta.answer = lambda door: door.say(200, SOUND, **{"Content-Encoding": "gzip"})
    assert fetch(client)[0] == SOUND


def test_a_file_that_trickles_is_given_up(meta: Meta, client: MetaClient) -> None:
    def trickle(door: Any) -> None:
        door.send_response(200)
        door.send_header("Content-Length", str(len(SOUND)))
        door.end_headers()
        try:
            while True:
                door.wfile.write(b"O")
                door.wfile.flush()
                time.sleep(0.02)
        except OSError:
            pass

    meta.answer = trickle
    with pytest.raises(MetaBusy):
        fetch(client, seconds=0.3)


def test_a_file_that_breaks_off_may_come_another_time(meta: Meta, client: MetaClient) -> None:
    def break_off(door: Any) -> None:
        door.send_response(200)
        door.send_header("Content-Length", str(len(SOUND)))
        door.end_headers()
        door.wfile.write(SOUND[:1000])
        door.wfile.flush()
        door.connection.shutdown(socket.SHUT_RDWR)

    meta.answer = break_off
    with pytest.raises(MetaBusy):
        fetch(client)
    meta.answer = (200, SOUND)
    assert fetch(client)[0] == SOUND


def envelope(code: int) -> bytes:
    return json.dumps({"error": {"message": "no", "code": code, "type": "OAuthException"}}).encode()


@pytest.mark.parametrize(
    ("id_answer", "answer", "kind"),
    [
        ((400, envelope(100)), None, MetaRejected),
        ((401, envelope(190)), None, MetaDenied),
        ((500, envelope(131000)), None, MetaBusy),
        ((502, b"<html>"), None, MetaBusy),
        ((200, b"[]"), None, MetaBusy),
        (None, (401, b""), MetaDenied),
        (None, (404, b""), MetaRejected),
        (None, (429, b""), MetaBusy),
        (None, (503, b""), MetaBusy),
    ],
)
def test_each_failure_says_what_to_do(
    meta: Meta, client: MetaClient, id_answer: Any, answer: Any, kind: type[MetaError]
) -> None:
    meta.id_answer, meta.answer = id_answer, answer or meta.answer
    with pytest.raises(MetaError) as error:
        fetch(client)
    assert type(error.value) is kind
    assert "token" not in str(error.value)


def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MetaUnreachable):
        fetch(MetaClient(f"http://127.0.0.1:{port}/v26.0", 1))


@pytest.mark.parametrize("media_id", ["", "../55/messages", "77?fields=x", "7 7", "7" * 101])
def test_only_an_id_is_asked_for(meta: Meta, client: MetaClient, media_id: str) -> None:
    with pytest.raises(MetaRejected):
        fetch_media(client, LINE, media_id, MOST, 5.0)
    assert meta.asked == []
