"""What the instance tells about itself: JSON log lines of events and ids, Prometheus metrics of states."""

import logging
import os
import platform
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson
from prometheus_client import Counter, Gauge, Histogram

from src import VERSION

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)
_open_event: ContextVar[dict[str, Any] | None] = ContextVar("open_event", default=None)

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300)

BUILD = Gauge("released_build_info", "1, with what runs here as labels", ["version", "python"])
BUILD.labels(VERSION, platform.python_version()).set(1)

MOVES = Counter("released_moves_total", "Rows that reached a state", ["table", "state"])
WEBHOOKS = Counter("released_webhook_requests_total", "Webhooks by the status answered", ["code"])
WEBHOOK_SECONDS = Histogram(
    "released_webhook_ack_seconds",
    "From a webhook's first byte to its acknowledgement",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
DUPLICATES = Counter("released_inbox_duplicates_total", "Messages that Meta delivered again")
TURNS = Counter("released_turns_total", "Turns by decision", ["decision"])
TURN_ENDS = Counter("released_turn_ends_total", "Turns by how they ended", ["outcome"])
HANDOFFS = Counter("released_handoffs_total", "Conversations given to a person, by reason", ["reason"])
ALERTS = Counter("released_alerts_total", "Attempts to tell a person, by outcome", ["channel", "outcome"])
ACTIONS = Counter("released_actions_total", "Calls of owners' tools that reached a state", ["outcome"])
MEDIA = Counter(
    "released_media_total", "Files of customers' messages, by what they became", ["kind", "result"]
)
META_CALLS = Counter("released_meta_requests_total", "Calls to Meta by result", ["result"])
META_SECONDS = Histogram(
    "released_meta_request_seconds",
    "How long Meta took for a call",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10, 15),
)
SENDS = Counter("released_sends_total", "Attempts to send a reply, by outcome", ["outcome"])
STATUSES = Counter("released_statuses_total", "New statuses of Meta's about our messages", ["status"])
LEASES_LOST = Counter("released_lease_lost_total", "Turns that another worker had taken over")
REPLY_SECONDS = Histogram(
    "released_reply_latency_seconds",
    "From the oldest unanswered message's arrival to Meta's acceptance of the reply's first part",
    buckets=_SECONDS,
)
STAGE_SECONDS = Histogram(
    "released_reply_stage_seconds", "The parts of a reply's latency", ["stage"], buckets=_SECONDS
)
BELLS = Counter("released_bells_total", "Bells rung through the broker, by result", ["result"])
TOO_LATE = Counter("released_too_late_total", "Messages and replies whose time was over; a person has them")
DISPATCHER_LOOKED = Gauge(
    "released_dispatcher_last_look_timestamp_seconds",
    "When this process's dispatcher last looked for work, since 1970; 0 where none lives",
)
DISPATCHER_THREADS = Gauge(
    "released_dispatcher_threads", "Threads for turns and replies; 0 without dispatcher"
)
DISPATCHER_BUSY = Gauge("released_dispatcher_busy_threads", "Threads in use at its last look", ["work"])

# A series that appears only with its first event hides that event from rate() and increase().
_KNOWN: dict[Counter | Histogram, tuple[str, ...]] = {
    WEBHOOKS: ("200", "401", "413", "503"),
    TURN_ENDS: ("settled", "stale", "taken_over", "lost", "nothing", "too_late", "failed"),
    META_CALLS: ("ok", "unreachable", "uncertain"),
    SENDS: ("accepted", "busy", "denied", "rejected", "uncertain", "unreachable"),
    STATUSES: ("sent", "delivered", "read", "played", "failed", "other"),
    STAGE_SECONDS: ("meta", "wait", "draft", "send"),
    BELLS: ("rung", "away", "crowded"),
}
for _metric, _values in _KNOWN.items():
    for _value in _values:
        _metric.labels(_value)
MOVES.labels("reply", "failed")
for _kind, _results in {
    "audio": ("transcript", "failed", "refused"),
    "image": ("image", "failed", "refused"),
    "document": ("refused",),
    "video": ("refused",),
}.items():
    for _result in _results:
        MEDIA.labels(_kind, _result)
for _state in ("proposed", "confirmed", "declined", "expired", "running", "done", "failed", "told", "missed"):
    ACTIONS.labels(_state)
for _channel in ("webhook", "email", "whatsapp"):
    for _outcome in ("sent", "again", "failed", "dropped"):
        ALERTS.labels(_channel, _outcome)


class Few:
    """Keeps a label that somebody else chooses from growing: its first values, then `other`."""

    def __init__(self, *known: str, limit: int = 64) -> None:
        self._seen = set(known)
        self._limit = max(limit, len(known))

    def __call__(self, value: str) -> str:
        """The value while there is room for it, else `other`."""
        if value not in self._seen and len(self._seen) >= self._limit:
            return "other"
        self._seen.add(value)
        return value


a_status = Few(*_KNOWN[STATUSES], limit=0)
a_result = Few(*_KNOWN[META_CALLS])


@contextmanager
def wide(log: logging.Logger, event: str, **fields: Any) -> Iterator[dict[str, Any]]:
    """One log line for the whole block, written at its end, however it ends; what is `note`d inside is in it, and `ms`."""
    token = _open_event.set(fields)
    began = time.perf_counter()
    try:
        yield fields
    finally:
        _open_event.reset(token)
        fields["ms"] = _since(began)
        log.info(event, extra=fields)


def note(**fields: Any) -> None:
    """Adds to the wide event that is open here; nothing when none is."""
    if (event := _open_event.get()) is not None:
        event.update(fields)


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Notes how long the block took, in ms."""
    began = time.perf_counter()
    try:
        yield
    finally:
        note(**{name: _since(began)})


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, process, ids. Exceptions by type and place, never by text."""

    def __init__(self) -> None:
        super().__init__()
        self._process = f"{socket.gethostname()}:{os.getpid()}"

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "process": self._process,
        }
        if (known := correlation.get()) is not None:
            line["correlation_id"] = known
        line.update({key: value for key, value in record.__dict__.items() if key not in _PLAIN})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[2])
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _places(trace: Any) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-8:]


def log_json(level: str = "INFO") -> None:
    """Makes every logger of this process write JSON lines to standard error. Safe to call twice."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for server in ("uvicorn", "uvicorn.error"):
        logging.getLogger(server).handlers.clear()
        logging.getLogger(server).propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # the query of /webhook holds the verify token
    for noisy in ("uvicorn", "alembic", "urllib3", "sqlalchemy"):
        logging.getLogger(noisy).setLevel("WARNING")
