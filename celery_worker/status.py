"""A worker's own `/health`, `/ready` and `/metrics`, without a web framework in its memory."""

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import orjson
from prometheus_client import CONTENT_TYPE_LATEST

from src import VERSION
from src.core import schema
from src.core.instance import Instance
from src.messages.backlog import exposition
from src.messages.dispatch import Dispatcher

log = logging.getLogger(__name__)

_Answer = tuple[int, str, bytes]


class StatusServer:
    """Listens at HOST:METRICS_PORT while the worker lives; where that is taken or 0, the worker goes without."""

    def __init__(self, instance: Instance, dispatcher: Dispatcher) -> None:
        self._instance, self._dispatcher = instance, dispatcher
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Begins to answer."""
        where = (self._instance.settings.host, self._instance.settings.metrics_port)
        if where[1] == 0:
            return
        answers = {"/health": self._health, "/ready": self._ready, "/metrics": self._metrics}
        handler = type("Handler", (_Handler,), {"answers": answers})
        try:
            self._server = ThreadingHTTPServer(where, handler)
        except OSError as error:
            log.warning("metrics_port_taken", extra={"port": where[1], "reason": error.strerror})
            return
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="status", daemon=True).start()

    def stop(self) -> None:
        """Ends."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _health(self) -> _Answer:
        return _json(200, {"status": "ok", "version": VERSION})

    def _ready(self) -> _Answer:
        parts = {
            "database": schema.state(self._instance.database),
            "dispatcher": "ok" if self._dispatcher.alive else "stopped",
        }
        works = all(state == "ok" for state in parts.values())
        body = {"status": "ok" if works else "unavailable", "parts": parts}
        return _json(200 if works else 503, body)

    def _metrics(self) -> _Answer:
        return 200, CONTENT_TYPE_LATEST, exposition(self._instance)


def _json(status: int, body: object) -> _Answer:
    return status, "application/json", orjson.dumps(body)


class _Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, object]] = {}
    timeout = 10

    def do_GET(self) -> None:
        answer = self.answers.get(self.path.partition("?")[0])
        status, kind, body = (
            answer() if callable(answer) else _json(404, {"title": "Not found", "status": 404})
        )
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: a probe every second is no news."""
