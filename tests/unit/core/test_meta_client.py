"""Every way in which a call to Meta can fail says what to do next."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from src.core.errors import MetaBusy, MetaDenied, MetaError, MetaRejected, MetaUncertain, MetaUnreachable
from src.core.meta_client import Line, MetaClient, error_for, retry_seconds

LINE = Line("55", "token")


class Meta:
    """A server that gives each request the next of `answers`: (status, body), or None to hang up."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.asked: list[tuple[str, str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append((self.path, self.headers["Authorization"], body))
                answer = outer.answers.pop(0)
                if answer is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, content = answer
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v26.0"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def meta() -> Iterator[Meta]:
    found = Meta()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def client(meta: Meta) -> Iterator[MetaClient]:
    found = MetaClient(meta.url, 4)
    yield found
    found.close()


def envelope(code: int) -> dict[str, Any]:
    return {"error": {"message": f"(#{code})", "code": code, "type": "OAuthException"}}


def send(client: MetaClient) -> str:
    return client.send(LINE, {"to": "+34611"}, {"type": "text", "text": {"body": "hola"}}, "t.1")


def test_a_message_travels_with_our_tracker_and_comes_back_as_a_wamid(meta: Meta, client: MetaClient) -> None:
    meta.answers = [(200, {"messages": [{"id": "wamid.X"}]})]
    assert send(client) == "wamid.X"
    path, authorization, body = meta.asked[0]
    assert (path, authorization) == ("/v26.0/55/messages", "Bearer token")
    assert body == {
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+34611", "type": "text",
        "text": {"body": "hola"}, "biz_opaque_callback_data": "t.1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((400, envelope(131056)), MetaBusy),
        ((400, envelope(130429)), MetaBusy),
        ((500, envelope(131000)), MetaBusy),
        ((503, envelope(2)), MetaBusy),
        ((429, b"slow down"), MetaBusy),
        ((401, envelope(190)), MetaDenied),
        ((403, envelope(200)), MetaDenied),
        ((400, envelope(131042)), MetaDenied),
        ((400, envelope(131026)), MetaRejected),
        ((400, envelope(131047)), MetaRejected),
        ((400, envelope(999999)), MetaRejected),
        ((404, b"<html>"), MetaRejected),
        ((302, b""), MetaUncertain),
        ((502, b"<html>"), MetaUncertain),
        ((200, b"[]"), MetaUncertain),
        ((200, {"messages": []}), MetaUncertain),
        ((200, b"cut o"), MetaUncertain),
        (None, MetaUncertain),
    ],
)
def test_each_failure_has_its_consequence(
    meta: Meta, client: MetaClient, answer: Any, kind: type[MetaError]
) -> None:
    meta.answers = [answer]
    with pytest.raises(kind):
        send(client)
    assert len(meta.asked) == 1, "the client must never retry by itself"


def test_nobody_there_means_nothing_left_this_machine() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MetaUnreachable):
        send(MetaClient(f"http://127.0.0.1:{port}/v26.0", 1))


def test_errors_never_carry_the_token_or_the_text(meta: Meta, client: MetaClient) -> None:
    meta.answers = [(400, {"error": {"message": "token hola", "code": 100}})]
    with pytest.raises(MetaRejected) as error:
        send(client)
    assert "token" not in str(error.value)
    assert "hola" not in str(error.value)


def test_the_pair_rate_is_retried_as_meta_advises_without_endless_silence() -> None:
    waits = [retry_seconds(error_for(131056, ""), attempt) for attempt in range(1, 7)]
    assert waits == [1, 4, 16, 30, 30, 30]


def test_waits_grow_and_are_bounded() -> None:
    for error in (error_for(131000, ""), error_for(190, ""), error_for(4, ""), MetaUnreachable(0, "")):
        waits = [retry_seconds(error, attempt) for attempt in range(1, 30)]
        assert waits == sorted(waits)
        assert 0 < waits[0] <= waits[-1] <= 60


def test_reading_is_shown_with_typing_when_asked(meta: Meta, client: MetaClient) -> None:
    meta.answers = [(200, {"success": True}), (200, {"success": True})]
    client.mark_read(LINE, "wamid.1", typing=True)
    client.mark_read(LINE, "wamid.2", typing=False)
    assert meta.asked[0][2]["typing_indicator"] == {"type": "text"}
    assert "typing_indicator" not in meta.asked[1][2]
