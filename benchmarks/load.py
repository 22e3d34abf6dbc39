"""A load generator: prepared HTTP requests over a fixed number of connections, as fast as they are answered."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True)
class Figures:
    """What a run showed. Latencies in ms."""

    requests: int
    per_second: float
    p50: float
    p99: float
    slowest: float
    not_200: int


def text_webhook(number_id: str, customer: int, message: str, text: str = "hola") -> bytes:
    """The body of a webhook with one text of a customer's, as Meta writes it."""
    wa_id, user_id = f"5491{customer:09d}", f"AR.{customer:020d}"
    message_node = {
        "from": wa_id,
        "from_user_id": user_id,
        "id": f"wamid.{message}",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": text},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "34600000147", "phone_number_id": number_id},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": wa_id, "user_id": user_id}],
        "messages": [message_node],
    }
    change = {"field": "messages", "value": value}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    ).encode()


def request_bytes(body: bytes, secret: str) -> bytes:
    """The whole HTTP request of a signed webhook."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    head = (
        "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._began = 0.0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not _is_whole(self._answer):
            return
        self._run.latencies.append(time.perf_counter() - self._began)
        self._run.not_200 += not self._answer.startswith(b"HTTP/1.1 200")
        self._next()

    def _next(self) -> None:
        request = next(self._run.requests, None)
        if request is None:
            self._transport.close()
            self._run.open -= 1
            if self._run.open == 0:
                self._run.done.set()
            return
        self._answer = b""
        self._began = time.perf_counter()
        self._transport.write(request)


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    length = next(
        (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0"
    )
    return bool(found) and len(body) >= int(length.split(b":")[1])


class _Run:
    def __init__(self, requests: list[bytes], connections: int) -> None:
        self.requests = iter(requests)
        self.open = connections
        self.latencies: list[float] = []
        self.not_200 = 0
        self.done = asyncio.Event()


async def drive(port: int, requests: list[bytes], connections: int) -> Figures:
    """Sends all requests to a port of loopback and returns the figures."""
    run = _Run(requests, connections)
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port)
    await run.done.wait()
    seconds = time.perf_counter() - began
    ordered = sorted(run.latencies)
    return Figures(
        requests=len(ordered),
        per_second=len(ordered) / seconds,
        p50=ordered[len(ordered) // 2] * 1000,
        p99=ordered[int(len(ordered) * 0.99)] * 1000,
        slowest=ordered[-1] * 1000,
        not_200=run.not_200,
    )
