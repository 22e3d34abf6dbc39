"""Where alerts arrive in tests: a webhook's receiver and a mail server, both real, on this machine."""

import email
import email.policy
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One webhook as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """Answers with `statuses`, one after the other, then 204; `held` keeps each caller until it is set."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def private(self) -> str:
        """What OUTGOING_PRIVATE must say."""
        return f"127.0.0.1:{self.port}"


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A server that takes webhooks."""
    sink = Receiver()
    sink.held.set()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.received.append(Received({key.lower(): value for key, value in self.headers.items()}, body))
            status = sink.statuses.pop(0) if sink.statuses else 204
            sink.held.wait(30)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    sink.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield sink
    finally:
        sink.held.set()
        server.shutdown()
        server.server_close()


@dataclass
class Mailbox:
    """What a mail server took. `says` replaces its answer to a command, once for each entry."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    says: dict[str, list[str]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """A server that takes e-mail, and offers STARTTLS where it has a certificate."""
    box = Mailbox(tls=tls)

    class Door(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            _Session(self.request, box).run()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    box.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()


class _Session:
    """One connection of SMTP (RFC 5321), as much of it as a sender needs."""

    def __init__(self, line: socket.socket, box: Mailbox) -> None:
        self._line, self._box = line, box
        self._in = line.makefile("rb")
        self._is_secret = False

    def run(self) -> None:
        self._say("220 sink")
        while command := self._in.readline().decode().strip():
            word = command.split(" ")[0].upper()
            self._box.commands.append("AUTH …" if word == "AUTH" else command)
            scripted = self._box.says.get(word)
            if scripted:
                self._say(scripted.pop(0))
            elif word == "STARTTLS":
                self._begin_tls()
            elif word == "DATA":
                self._take()
            else:
                self._say(self._answer(word))
            if word == "QUIT":
                return

    def _answer(self, word: str) -> str:
        if word == "EHLO":
            offers = ["250-sink", *(["250-STARTTLS"] if self._box.tls and not self._is_secret else [])]
            return "\r\n".join([*offers, "250 AUTH PLAIN"])
        return {"AUTH": "235 welcome", "QUIT": "221 bye"}.get(word, "250 ok")

    def _begin_tls(self) -> None:
        assert self._box.tls is not None
        self._say("220 go ahead")
        self._line = self._box.tls.wrap_socket(self._line, server_side=True)
        self._in = self._line.makefile("rb")
        self._is_secret = True

    def _take(self) -> None:
        self._say("354 go ahead")
        lines = []
        while (line := self._in.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self._box.mails.append(mail)
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self._line.sendall(f"{text}\r\n".encode())
