"""An owner's own server: writes down each request, and answers as it is told."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    """What came in; headers by their names in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Says:
    """What goes out."""

    body: Any = field(default_factory=lambda: {"status": "shipped"})  # bytes as they are, else as JSON
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Owner:
    """The server, on a port of its own. `requests` are all that came."""

    def __init__(self, answer: Callable[[Request], Says] | None = None) -> None:
        self.answer = answer or (lambda _request: Says())
        self.requests: list[Request] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                named = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, named, body)
                owner.requests.append(request)
                self._say(owner.answer(request))

            def _say(self, says: Says) -> None:
                content = says.body if isinstance(says.body, bytes) else json.dumps(says.body).encode()
                self.send_response(says.status)
                for name, value in {"Content-Type": says.kind, **says.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Silent: the test says what it needs to see."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.private = f"127.0.0.1:{self.port}"  # for OUTGOING_PRIVATE
        self.url = f"http://{self.private}/tool"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
