"""A sandbox behind a real socket, the callback that it posts to, and a business that calls it."""

import json
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.app import SandboxConfig, create_sandbox
from sandbox.server import Server
from tests import launch
from tests.world import eventually

SECRET, TOKEN, NUMBER = "app-secret", "EAAGtoken", "+34910000147"
Json = dict[str, Any]
ending: list[threading.Thread] = []  # a server takes a moment to end; nobody waits for it but the last
_http = urllib3.PoolManager(maxsize=32, retries=False, timeout=30)


class Callback:
    """The business's server: keeps every webhook, and gives each the next of `answers`, then 200."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.challenges: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        callback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # the sandbox was killed while it spoke
                callback.gate.wait(20)
                callback.received.append((dict(self.headers.items()), body))
                self._answer(callback.answers.pop(0) if callback.answers else 200, b"")

            def do_GET(self) -> None:
                callback.challenges.append(self.path)
                known = "hub.verify_token=right" in self.path
                challenge = self.path.split("hub.challenge=")[1].split("&")[0]
                self._answer(200 if known else 403, challenge.encode() if known else b"no")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0" if status == 204 else str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Closes the port."""
        self._server.shutdown()
        self._server.server_close()

    def values(self) -> list[Json]:
        """The value of every change that came."""
        bodies = [json.loads(body) for _, body in self.received]
        return [change["value"] for body in bodies for entry in body["entry"] for change in entry["changes"]]

    def messages(self) -> list[Json]:
        """Every inbound message that came."""
        return [message for value in self.values() for message in value.get("messages", [])]

    def statuses(self) -> list[Json]:
        """Every status that came."""
        return [status for value in self.values() for status in value.get("statuses", [])]


@dataclass
class Meta:
    """A sandbox at `url`; `number` is the id of its one number."""

    url: str
    callback: Callback
    number: str = ""
    customers: dict[str, Json] = field(default_factory=dict)

    def call(self, method: str, path: str, body: object = None, token: str | None = TOKEN) -> tuple[int, Any]:
        """Status and JSON of a request."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        headers |= {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = _http.request(method, self.url + path, body=raw, headers=headers)
        return answer.status, json.loads(answer.data) if answer.data else None

    def meet(self) -> None:
        """Registers the number and remembers the seeded customers by their kind."""
        self.number = self.call("POST", "/api/numbers", {"phone_number": NUMBER, "name": "Zarpa"})[1][
            "phone_number_id"
        ]
        for customer in self.call("GET", "/api/state")[1]["customers"]:
            kind = (
                "username"
                if customer["wa_id"] is None
                else "phone"
                if customer["user_id"] is None
                else "both"
            )
            self.customers.setdefault(kind, customer)

    def writes(self, kind: str = "both", **asked: object) -> Json:
        """A customer writes; the webhook has been answered."""
        wanted = asked or {"type": "text", "text": "¿A qué hora abren?"}
        status, message = self.call("POST", f"{self.chat_path(kind)}/messages", wanted)
        assert status == 201, message
        eventually(lambda: message["id"] in [one["id"] for one in self.callback.messages()])
        return dict(message)

    def chat_path(self, kind: str = "both") -> str:
        """Where the chat of that customer is."""
        return f"/api/chats/{self.customers[kind]['id']}/{self.number}"

    def chat(self, kind: str = "both") -> list[Json]:
        """What that customer sees."""
        return list(self.call("GET", self.chat_path(kind))[1]["messages"])

    def post(self, body: Json, token: str | None = TOKEN) -> tuple[int, Any]:
        """The business calls /messages."""
        whole = {"messaging_product": "whatsapp"} | body
        return self.call("POST", f"/v26.0/{self.number}/messages", whole, token)

    def send(self, kind: str = "both", **body: object) -> str:
        """The business sends; returns the wamid."""
        customer = self.customers[kind]
        to = {"to": customer["wa_id"]} if customer["wa_id"] else {"recipient": customer["user_id"]}
        status, answer = self.post(to | (body or {"text": {"body": "A las nueve."}}))
        assert status == 200, answer
        return str(answer["messages"][0]["id"])

    def names(self, wamid: str) -> list[str]:
        """The statuses of one message that came to the callback, in that order."""
        return [status["status"] for status in self.callback.statuses() if status["id"] == wamid]

    def fault(self, **asked: object) -> None:
        """Orders trouble."""
        status, answer = self.call("POST", "/api/faults", asked)
        assert status == 201, answer

    def ledger(self, kind: str) -> list[Json]:
        """The entries of one kind."""
        return list(self.call("GET", f"/api/ledger?kind={kind}")[1]["entries"])

    def quiet(self) -> None:
        """Waits until nothing is on its way."""

        def nothing() -> bool:
            state = self.call("GET", "/api/state")[1]
            return (state["pending_webhooks"], state["pending_statuses"]) == (0, 0)

        eventually(nothing)


@contextmanager
def serving(callback: Callback, under: str = "", **settings: Any) -> Iterator[Meta]:
    """A sandbox in a thread of this process, `under` a path or not; quick unless `settings` say otherwise."""
    quick: Json = {"sent_delay": 0.0, "delivered_delay": 0.0, "access_token": TOKEN, "app_secret": SECRET}
    config = SandboxConfig(callback_url=callback.url, **(quick | settings))
    sandbox = create_sandbox(config)
    outer = _below(under, sandbox) if under else sandbox
    server = Server(uvicorn.Config(outer, port=0, log_config=None, timeout_graceful_shutdown=1), sandbox)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started or not thread.is_alive())
    port = server.servers[0].sockets[0].getsockname()[1]
    meta = Meta(f"http://127.0.0.1:{port}{under}", callback)
    meta.meet()
    try:
        yield meta
    finally:
        server.should_exit = True
        if "database" in settings:
            thread.join(20)
        ending.append(thread)


def _below(path: str, sandbox: Starlette) -> Starlette:
    """The sandbox inside a larger application, which runs its lifespan."""

    @asynccontextmanager
    async def lifespan(_outer: Starlette) -> AsyncIterator[None]:
        async with sandbox.router.lifespan_context(sandbox):
            yield

    return Starlette(routes=[Mount(path, sandbox)], lifespan=lifespan)


@contextmanager
def process(callback_url: str, database: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m sandbox` on `port`, ready; killed at the end when it still lives."""
    where = ["--port", str(port), "--callback", callback_url, "--database", database]
    keys = ["--app-secret", SECRET, "--access-token", TOKEN]
    started = launch.start("sandbox", *where, *keys, stderr=subprocess.PIPE)
    try:
        eventually(lambda: _listens(port))
        yield started
    finally:
        started.kill()
        started.communicate(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
