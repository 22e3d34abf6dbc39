"""Questions over HTTP that end in time, and say why they were not answered."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError

from src.cli.checks.finding import SECONDS


@dataclass(frozen=True)
class Answer:
    """What a server said; `status` 0 when it said nothing, `text` is then the reason."""

    status: int
    text: str
    json: Any = None
    date: float | None = None  # seconds since 1970, by the server's clock


def ask(url: str, query: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Answer:
    """The answer to one GET; never raises, and follows no redirect."""
    timeout = urllib3.Timeout(total=SECONDS)
    with urllib3.PoolManager(retries=False, timeout=timeout) as http:
        try:
            answer = http.request("GET", url, fields=query, headers=headers, redirect=False)
        except HTTPError as error:
            reason = error.reason if isinstance(error, MaxRetryError) and error.reason else error
            return Answer(0, _reason(reason))
    text = answer.data.decode("utf-8", "replace")
    return Answer(answer.status, text, _parsed(text), _date(answer.headers.get("Date")))


def _reason(error: BaseException) -> str:
    """The reason without the address, whose query may hold a secret."""
    known = {
        "NameResolutionError": "its name is not known",
        "NewConnectionError": "nobody listens there",
        "ConnectTimeoutError": f"no connection in {SECONDS:.0f} s",
        "ReadTimeoutError": f"no answer in {SECONDS:.0f} s",
        "SSLError": "its certificate is not accepted",
    }
    return known.get(type(error).__name__, type(error).__name__)


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return None


def _date(header: str | None) -> float | None:
    try:
        return parsedate_to_datetime(header or "").timestamp()
    except ValueError:
        return None
