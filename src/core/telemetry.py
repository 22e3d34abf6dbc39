"""What the instance tells about itself: JSON log lines of events and ids, Prometheus metrics of states."""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson
from prometheus_client import Counter, Histogram

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)

MOVES = Counter("released_moves_total", "Rows that reached a state", ["table", "state"])
WEBHOOKS = Counter("released_webhook_requests_total", "Webhooks by the status answered", ["code"])
WEBHOOK_SECONDS = Histogram(
    "released_webhook_ack_seconds",
    "From a webhook's first byte to its acknowledgement",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
DUPLICATES = Counter("released_inbox_duplicates_total", "Messages that Meta delivered again")
TURNS = Counter("released_turns_total", "Turns by decision", ["decision"])
META_CALLS = Counter("released_meta_requests_total", "Calls to Meta by result", ["result"])
LEASES_LOST = Counter("released_lease_lost_total", "Turns that another worker had taken over")
REPLY_SECONDS = Histogram(
    "released_reply_latency_seconds",
    "From the oldest unanswered message's arrival to Meta's acceptance of the reply",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120),
)
TOO_LATE = Counter("released_too_late_total", "Messages and replies whose time was over; a person has them")

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, ids. Exceptions are given by type and place, never by text."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if (known := correlation.get()) is not None:
            line["correlation_id"] = known
        line.update({key: value for key, value in record.__dict__.items() if key not in _PLAIN})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[2])
        return orjson.dumps(line, default=str).decode()


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
