"""What an owner's address may lead to: a public place over https, found once, for a bounded time and size."""

import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from src.core import outgoing
from src.core.addresses import is_public
from src.core.outgoing import OutgoingAnswer, OutgoingFailed, OutgoingRefused
from tests.certificates import certificate_for

WELL = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"


class Listener:
    """A server that writes down each request's head and answers with whatever bytes it is told."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.heads: list[str] = []
        self._answer = answer
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line:
            head = b""
            while b"\r\n\r\n" not in head:
                head += line.recv(65_536)
            self.heads.append(head.decode())
            with suppress(OSError):  # the caller may have had enough
                self._answer(line)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # else a waiting `accept` keeps it open
        self._socket.close()


@contextmanager
def listening(answer: bytes | Callable[[socket.socket], None]) -> Iterator[Listener]:
    send = answer if callable(answer) else lambda line: line.sendall(answer)
    listener = Listener(send)
    try:
        yield listener
    finally:
        listener.close()


def call(url: str, private: str | None = None, **more: Any) -> OutgoingAnswer:
    given = {"seconds": 5.0, "max_bytes": 1_000, **more}
    return outgoing.call("POST", url, b"{}", {"Content-Type": "application/json"}, private=private, **given)


def to(listener: Listener, path: str = "/", **more: Any) -> OutgoingAnswer:
    """A call of the listener, which the operator has allowed."""
    here = f"127.0.0.1:{listener.port}"
    return call(f"http://{here}{path}", private=here, **more)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
        "4000::1",
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "185.199.108.153", "2606:4700::1111", "2a00:1450::1"]
)
def test_an_address_of_the_public_internet_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/",
        "https://LocalHost:8443/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://localhost./",
        "https://①②⑦.⓪.⓪.①/",
        "https://bücher.example/",
        "https://[fe80::1%25lo]/",
        "https://0/",
        "https:///path",
        "https://.example.com/",
        "https://a..example.com/",
        "https://127.0.0.1\\@example.com/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com:99999/",
        "https://exam ple.com/",
        "https://example.com/a\r\nHost: other",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "example.com",
        "",
    ],
)
def test_such_an_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(OutgoingRefused) as refused:
        call(url)
    assert "127.0.0.1" not in str(refused.value) or "127.0.0.1" in url


@pytest.mark.parametrize("port", ["", ":443", ":8443", ":22"])
def test_any_port_of_a_public_name_may_be_named(port: str) -> None:
    outgoing.check(f"https://erp.example.com{port}/orders?x=1", None)


def test_the_operator_may_allow_a_host_for_one_port_or_for_all() -> None:
    outgoing.check("http://erp.internal:8080/", "erp.internal:8080, other:1")
    outgoing.check("http://erp.internal:9/", "other:1,ERP.internal")
    outgoing.check("http://[::1]:9000/", "[::1]:9000")
    for url in ("http://erp.internal:8081/", "http://erp.internal/", "http://sub.erp.internal:8080/"):
        with pytest.raises(OutgoingRefused):
            outgoing.check(url, "erp.internal:8080")


def test_what_is_allowed_is_called_and_answers() -> None:
    with listening(WELL) as owner:
        answer = to(owner, "/a/b?c=d#e")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"hi", "text/plain")
    (head,) = owner.heads
    assert head.startswith("POST /a/b?c=d HTTP/1.1\r\n")
    assert f"\r\nHost: 127.0.0.1:{owner.port}\r\n" in head


def test_another_port_of_an_allowed_host_is_refused() -> None:
    with listening(WELL) as owner:
        with pytest.raises(OutgoingRefused):
            call(f"http://127.0.0.1:{owner.port}/", private="127.0.0.1:1")
        assert owner.heads == []


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with listening(WELL) as inside:
        move = f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{inside.port}/\r\nContent-Length: 0\r\n\r\n"
        with listening(move.encode()) as owner:
            assert to(owner).status == 307
        assert inside.heads == []


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(WELL) as proxy, listening(WELL) as owner:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert to(owner).status == 200
        assert proxy.heads == []


_LOOKED_UP: list[tuple[str, Any]] = []  # an audit hook lasts as long as the process
sys.addaudithook(
    lambda event, args: (
        _LOOKED_UP.append((event, args[0] if event == "socket.getaddrinfo" else args[1]))
        if event in ("socket.getaddrinfo", "socket.connect")
        else None
    )
)


def test_the_name_is_looked_up_once_and_the_connection_goes_to_what_was_found() -> None:
    with listening(WELL) as owner:
        before = len(_LOOKED_UP)
        call(f"http://localhost:{owner.port}/", private=f"localhost:{owner.port}")
        seen = _LOOKED_UP[before:]
    asked = [host for event, host in seen if event == "socket.getaddrinfo"]
    connected = [address for event, address in seen if event == "socket.connect" and address[1] == owner.port]
    assert asked == ["localhost"]
    assert {address[0] for address in connected} <= {"127.0.0.1", "::1"}
    assert connected


def _resolver_says(monkeypatch: pytest.MonkeyPatch, answers: Iterator[list[str]]) -> None:
    """What name servers say is theirs, so the system's resolver is stood in for, and nothing of ours."""

    def getaddrinfo(_host: str, port: int, **_: Any) -> list[Any]:
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "10.0.0.7",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "fd00:ec2::254",
        "fe80::1%2",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_name_with_one_address_inside_is_not_called_at_all(
    monkeypatch: pytest.MonkeyPatch, inside: str, first: bool
) -> None:
    found = [inside, "185.199.108.153"] if first else ["185.199.108.153", inside]
    _resolver_says(monkeypatch, iter([found]))
    before = len(_LOOKED_UP)
    with pytest.raises(OutgoingRefused):
        call("https://rebound.example/")
    assert [event for event, _ in _LOOKED_UP[before:] if event == "socket.connect"] == []


def test_a_name_that_leads_elsewhere_an_hour_later_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outgoing.check("https://rebound.example/", None)  # as when the owner gave it
    with listening(WELL) as inside:
        _resolver_says(monkeypatch, iter([["127.0.0.1"], ["127.0.0.1"]]))
        for _ in range(2):
            with pytest.raises(OutgoingRefused):
                call(f"https://rebound.example:{inside.port}/")
        assert inside.heads == []


@pytest.mark.parametrize(
    "declared",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1_001,
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_001,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1_001 + b"\r\n0\r\n\r\n",
    ],
)
def test_an_answer_that_is_too_large_is_not_taken(declared: bytes) -> None:
    with listening(declared) as owner, pytest.raises(OutgoingFailed) as failed:
        to(owner)
    assert (failed.value.reason, failed.value.sent) == ("too large", True)


@pytest.mark.parametrize(
    "whole",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1_000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"x" * 1_000 + b"\r\n0\r\n\r\n",
    ],
)
def test_an_answer_may_be_as_large_as_that(whole: bytes) -> None:
    with listening(whole) as owner:
        assert to(owner).body == b"x" * 1_000


def test_an_answer_that_is_packed_is_never_unpacked() -> None:
    bomb = gzip.compress(b"0" * 500_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    with listening(head.encode() + bomb) as owner:
        assert to(owner).body == bomb
    assert "accept-encoding: identity" in owner.heads[0].lower()


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
        b"HTTP/1.1 ",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"",
    ],
)
def test_an_answer_that_is_cut_off_or_no_answer_counts_as_sent(cut: bytes) -> None:
    with listening(cut) as owner, pytest.raises(OutgoingFailed) as failed:
        to(owner)
    assert (failed.value.reason, failed.value.sent) == ("unreachable", True)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\n",
        b"HTTP/1.1 200 " + b"O" * 70_000 + b"\r\n\r\n",
    ],
)
def test_huge_headers_are_not_taken(head: bytes) -> None:
    with listening(head) as owner, pytest.raises(OutgoingFailed) as failed:
        to(owner)
    assert (failed.value.reason, failed.value.sent) == ("unreachable", True)


@pytest.mark.parametrize(
    ("head", "again"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: 1\r\n"),
    ],
)
def test_an_answer_without_an_end_ends_with_the_calls_time(head: bytes, again: bytes) -> None:
    def pour(line: socket.socket) -> None:
        line.sendall(head)
        while True:
            line.sendall(again)
            time.sleep(0.01)

    with listening(pour) as owner, pytest.raises(OutgoingFailed) as failed:
        to(owner, seconds=0.5)
    assert failed.value.sent


def _drip(line: socket.socket, head: bytes) -> None:
    """Never silent for long, and never done."""
    line.sendall(head)
    while True:
        line.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"]
)
def test_a_slow_answer_ends_with_the_calls_time_however_it_drips(head: bytes) -> None:
    with listening(lambda line: _drip(line, head)) as owner, pytest.raises(OutgoingFailed) as failed:
        to(owner, seconds=0.5)
    assert (failed.value.reason, failed.value.sent) == ("slow", True)


def test_a_handshake_that_drips_ends_with_the_calls_time_and_nothing_was_sent() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]

    def drip() -> None:
        with suppress(OSError):  # the caller has had enough
            _drip(server.accept()[0], b"\x16\x03\x03\x40\x00")

    threading.Thread(target=drip, daemon=True).start()
    with pytest.raises(OutgoingFailed) as failed:
        call(f"https://127.0.0.1:{port}/", private=f"127.0.0.1:{port}", seconds=0.5)
    server.close()
    assert (failed.value.reason, failed.value.sent) == ("slow", False)


def test_where_nobody_listens_nothing_was_sent() -> None:
    with listening(WELL) as gone:
        pass
    with pytest.raises(OutgoingFailed) as failed:
        to(gone)
    assert (failed.value.reason, failed.value.sent) == ("unreachable", False)


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    with pytest.raises(OutgoingFailed) as failed:
        call("https://no-such-host.invalid/")
    assert failed.value.sent is False


_OVER_TLS = """
import sys
from src.core import outgoing
from src.core.addresses import is_public
try:
    answer = outgoing.call("GET", sys.argv[1], b"", {}, seconds=10, max_bytes=100, private=sys.argv[2])
    print(answer.status, answer.body.decode())
except outgoing.OutgoingFailed as failed:
    print(failed.reason, failed.sent)
"""


@pytest.mark.parametrize(
    ("issued_to", "said"), [("localhost", "200 hi"), ("other.example", "unreachable False")]
)
def test_the_certificate_must_be_the_names_although_the_connection_goes_to_an_address(
    tmp_path: Path, issued_to: str, said: str
) -> None:
    authority, context = certificate_for(issued_to, tmp_path)
    asked_for: list[str | None] = []
    context.sni_callback = lambda _line, name, _context: asked_for.append(name)

    def answer(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True) as secured:
            while b"\r\n\r\n" not in secured.recv(65_536):
                pass
            secured.sendall(WELL)

    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]

    def serve() -> None:
        with suppress(OSError):  # the caller may not trust us
            answer(server.accept()[0])

    threading.Thread(target=serve, daemon=True).start()
    result = subprocess.run(
        [sys.executable, "-c", _OVER_TLS, f"https://localhost:{port}/", f"localhost:{port}"],
        env={"SSL_CERT_FILE": str(authority), "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    server.close()
    assert result.stdout.strip() == said, result.stderr
    assert asked_for == ["localhost"]
