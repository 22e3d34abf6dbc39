"""The door to Meta: sends messages, and translates every way in which that can fail."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
)

from src import VERSION
from src.core.errors import (
    MetaBusy,
    MetaDenied,
    MetaError,
    MetaRejected,
    MetaUncertain,
    MetaUnreachable,
)
from src.core.meta_hosts import DEFAULT, hosts_of, is_metas
from src.core.meta_proof import Answer, ProofRefused, Proofs
from src.core.telemetry import META_CALLS, META_SECONDS, a_result

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 12.0
REST_SECONDS = 3.0  # shorter than servers keep an idle connection

# Meta's error codes (Cloud API, Error codes). Whatever is not named here is never sent again.
BUSY = frozenset({1, 2, 4, 17, 613, 80007, 130429, 131000, 131016, 131056, 131057, 133004})
DENIED = frozenset({0, 3, 10, 104, 190, 368, 131005, 131031, 131042, 131048, 131064}) | frozenset(
    range(200, 300)
)
_HOURLY = frozenset({4, 17, 613, 80007, 131057})


def retry_seconds(error: MetaError, attempt: int) -> float:
    """How long to wait after attempt number `attempt` (from 1) ended with `error`.

    For the pair rate (131056: one message per 6 s to one person) Meta advises 4^X s; it recovers within 6 s, so that
    more than 30 s would only be silence. The limits of application and account are counted by the hour.
    """
    if error.code == 131056:
        return min(4.0 ** (attempt - 1), 30.0)
    if isinstance(error, MetaDenied) or error.code in _HOURLY:
        return 60.0
    return min(2.0 ** (attempt - 1), 30.0)


def error_for(code: int, reason: str) -> MetaError:
    """The error that says what to do about Meta's `code`."""
    if code in BUSY:
        return MetaBusy(code, reason)
    return MetaDenied(code, reason) if code in DENIED else MetaRejected(code, reason)


class _Fresh:
    """Connections that rested for long are made anew: the other side may be closing them at this very moment."""

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.rests_since = time.monotonic()
        super()._put_conn(conn)  # type: ignore[misc]

    def _get_conn(self, timeout: float | None = None) -> Any:
        conn = super()._get_conn(timeout)  # type: ignore[misc]
        if time.monotonic() - getattr(conn, "rests_since", math.inf) > REST_SECONDS:
            conn.close()  # it connects again by itself
        return conn


class _HTTPPool(_Fresh, urllib3.HTTPConnectionPool):
    pass


class _HTTPSPool(_Fresh, urllib3.HTTPSConnectionPool):
    pass


@dataclass(frozen=True)
class Line:
    """A number of ours, the token that may speak for it, and the secrets of which one is its app's, where known."""

    phone_number_id: str
    access_token: str
    app_secrets: tuple[str, ...] = ()


class MetaClient:
    """Calls the Graph API below `base_url` (with its version), and reads files at `media_hosts` (MEDIA_HOSTS).

    Safe to share between threads.
    """

    def __init__(self, base_url: str, connections: int, media_hosts: str = DEFAULT) -> None:
        self.base_url = base_url
        self._media_hosts = hosts_of(media_hosts)
        self._proofs = Proofs()
        self._pool = urllib3.PoolManager(
            num_pools=4,
            maxsize=connections,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
        )
        self._pool.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def close(self) -> None:
        """Ends all connections. Safe to call twice."""
        self._pool.clear()

    def send(self, line: Line, address: dict[str, str], content: dict[str, Any], tracker: str) -> str:
        """Sends one message and returns its wamid. `tracker` comes back in every status (≤ 512 characters).

        Raises MetaUnreachable, MetaBusy, MetaDenied, MetaRejected, or MetaUncertain when it may have been accepted.
        """
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **address,
            **content,
            "biz_opaque_callback_data": tracker,
        }
        answer = self._post(f"{line.phone_number_id}/messages", line, body)
        try:
            return str(answer["messages"][0]["id"])
        except (KeyError, IndexError, TypeError):
            raise MetaUncertain(0, "Meta accepted the message without naming it") from None

    def mark_read(self, line: Line, wamid: str, typing: bool) -> None:
        """Gives the customer the blue ticks for `wamid` and all before it, and shows us typing for 25 s at most."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        self._post(f"{line.phone_number_id}/messages", line, body)

    def add_number(self, waba_id: str, line: Line, phone_number: str, name: str | None) -> str:
        """Adds `phone_number` (E.164) to the account, by the line's token, and returns its Phone Number ID."""
        body = {"cc": "", "phone_number": phone_number, "verified_name": name or phone_number}
        return str(self._post(f"{waba_id}/phone_numbers", line, body)["id"])

    def read_number(self, line: Line) -> dict[str, Any]:
        """The number's id, as Meta tells it to whoever may use it. Raises MetaError's children."""

        def ask(proof: dict[str, str]) -> dict[str, Any]:
            return self.get(line.phone_number_id, {"fields": "id", **proof}, line.access_token)

        return self.prove(line, ask)

    def get(self, path: str, query: dict[str, str], token: str | None = None) -> dict[str, Any]:
        """The JSON object at a path of the Graph API. Raises MetaError's children."""
        url = f"{self.base_url}/{path}?{urlencode(query)}"
        answer = self._ask("GET", url, token, {})
        return read_answer(answer.status, answer.data)

    def prove(self, line: Line, call: Callable[[dict[str, str]], Answer]) -> Answer:
        """What `call` returns, given the query that proves that we know the app's secret, where we do."""
        return self._proofs.prove(line.access_token, line.app_secrets, call)

    def stream(self, url: str, access_token: str, seconds: float) -> BaseHTTPResponse:
        """Begins to read an address of Meta's: status and headers are there, the caller reads and closes the rest.

        Each single read has `seconds` at most. Raises MetaRejected where the address is not Meta's: the token goes
        nowhere else. Raises MetaUnreachable or MetaUncertain; follows no redirect.
        """
        if not is_metas(url, self.base_url, self._media_hosts):
            raise MetaRejected(0, "the file is not at a host of Meta's")
        limits = urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)
        wanted = {"User-Agent": f"released/{VERSION}", "Accept-Encoding": "identity"}
        return self._ask("GET", url, access_token, wanted, timeout=limits, preload_content=False)

    def _post(self, path: str, line: Line, body: dict[str, Any]) -> dict[str, Any]:
        told, data = {"Content-Type": "application/json"}, orjson.dumps(body)

        def ask(proof: dict[str, str]) -> dict[str, Any]:
            url = f"{self.base_url}/{path}{'?' if proof else ''}{urlencode(proof)}"
            answer = self._ask("POST", url, line.access_token, told, body=data)
            return read_answer(answer.status, answer.data)

        return self.prove(line, ask)

    def _ask(
        self, method: str, url: str, token: str | None, headers: dict[str, str], **more: Any
    ) -> BaseHTTPResponse:
        whole = {**headers, "Authorization": f"Bearer {token}"} if token else headers
        try:
            with META_SECONDS.time():
                return self._pool.request(method, url, headers=whole, redirect=False, **more)
        except (NewConnectionError, ConnectTimeoutError, MaxRetryError) as error:
            META_CALLS.labels("unreachable").inc()
            raise MetaUnreachable(0, f"no connection to Meta ({type(error).__name__})") from error
        except HTTPError as error:
            META_CALLS.labels("uncertain").inc()
            raise MetaUncertain(0, f"Meta did not answer ({type(error).__name__})") from error


def read_answer(status: int, data: bytes) -> dict[str, Any]:
    """The JSON object of a Graph answer, counted by its result; else the error that says what to do."""
    try:
        answer = orjson.loads(data)
    except ValueError:
        answer = None
    if status == 200 and isinstance(answer, dict):
        META_CALLS.labels("ok").inc()
        return answer
    error = _error(status, answer)
    META_CALLS.labels(a_result(str(error.code or status))).inc()
    raise error


def _error(status: int, answer: Any) -> MetaError:
    envelope = answer.get("error") if isinstance(answer, dict) else None
    code = envelope.get("code") if isinstance(envelope, dict) else None
    if isinstance(envelope, dict) and code == 100 and "appsecret_proof" in str(envelope.get("message")):
        return ProofRefused(code, f"Meta answered {status}")
    if isinstance(code, int):
        return error_for(code, f"Meta answered {status}")
    if status == 429:
        return MetaBusy(0, "Meta answered 429")
    if 400 <= status < 500:
        return MetaRejected(0, f"Meta answered {status}")
    return MetaUncertain(0, f"Meta answered {status} without a reason")
