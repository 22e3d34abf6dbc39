"""OpenAI's own client, made so that nothing surprises: one deadline for a call, no retries, no redirects, no proxies.

Its import takes half a second and tens of MB: only `openai_client` imports this, and only when it is needed.
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import httpcore2
import httpx2
import openai
from openai import RequestOptions

from src.core.errors import BrainDenied, BrainDown, BrainError, BrainInvalid, BrainUnreachable
from src.core.model_settings import ModelSettings
from src.core.openai_errors import error_for
from src.core.openai_types import Request

CONNECT_SECONDS = 5.0  # for each address of the server
REST_SECONDS = 3.0  # shorter than servers keep an idle connection

# The moment (of time.monotonic) at which the call of this thread must have ended.
_ends: ContextVar[float] = ContextVar("ends")
# Whom to tell, once, that the request of this thread's call has left.
_waiting: ContextVar[list[Callable[[], None]]] = ContextVar("waiting")


@contextmanager
def deadline(seconds: float, on_sent: Callable[[], None] | None = None) -> Iterator[None]:
    """Whatever is sent and received inside ends after `seconds`, also when each byte comes in time.

    `on_sent` is called once, in this thread, when a request has been written and its answer is waited for.
    """
    token = _ends.set(time.monotonic() + seconds)
    told = _waiting.set([on_sent] if on_sent else [])
    try:
        yield
    finally:
        _waiting.reset(told)
        _ends.reset(token)


def _left(late: type[Exception], most: float = float("inf")) -> float:
    seconds = _ends.get() - time.monotonic()
    if seconds <= 0:
        raise late("the time is over")
    return min(seconds, most)


class _Stream(httpcore2.NetworkStream):
    """A connection that waits no longer than the call may take; the timeouts that it is given do not count."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while _waiting.get():
            _waiting.get().pop()()
        return self._inner.read(max_bytes, _left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(httpcore2.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        seconds = _left(httpcore2.ConnectTimeout, CONNECT_SECONDS)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore2.SyncBackend):
    """Connects to the first address of a server that answers. A name server that is silent has its own time limit."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failed: Exception = httpcore2.ConnectError("the name has no address")
        for address in _addresses(host, port):
            seconds = _left(httpcore2.ConnectTimeout, CONNECT_SECONDS)
            try:
                return _Stream(super().connect_tcp(address, port, seconds, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore2.ConnectError("the name is not known") from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Wire:
    """The client of `OPENAI_BASE_URL`, safe to share between threads. Raises `BrainDenied` where that is no address."""

    def __init__(self, settings: ModelSettings) -> None:
        for chatty in ("openai", "httpx2", "httpcore2"):  # they would log addresses, and more when debugging
            logging.getLogger(chatty).setLevel("WARNING")
        tls = httpx2.create_ssl_context()
        transport = httpx2.HTTPTransport(verify=tls)
        transport._pool = httpcore2.ConnectionPool(
            ssl_context=tls, max_connections=None, keepalive_expiry=REST_SECONDS, network_backend=_Network()
        )
        http = httpx2.Client(transport=transport, trust_env=False, follow_redirects=False, timeout=None)
        try:
            self._client = openai.OpenAI(
                api_key=settings.openai_api_key,
                base_url=settings.openai_base_url,
                max_retries=0,
                http_client=http,
            )
        except httpx2.InvalidURL:
            raise BrainDenied("OPENAI_BASE_URL is no address") from None
        _rehearse()

    def exchange(
        self, request: Request, seconds: float, on_sent: Callable[[], None] | None
    ) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers of the answer. Raises BrainError's children."""
        try:
            with deadline(seconds, on_sent):
                answer = _sent(self._client, request)
        except (
            openai.OpenAIError,
            ValueError,
        ) as error:  # ValueError: what cannot be written as JSON or a header
            raise translated(error) from error
        return answer.content, answer.headers

    def close(self) -> None:
        """Ends all connections."""
        self._client.close()


def _sent(client: openai.OpenAI, request: Request) -> httpx2.Response:
    """By the client's ways for any address of the API: its methods for each one would go through every field anew,
    which takes a third of a call's CPU time, and load 5 MB of types of answers that nobody reads."""
    if request.fields is None:
        return client.get(request.path, cast_to=httpx2.Response)
    if request.file is None:
        return client.post(request.path, cast_to=httpx2.Response, body=request.fields)
    form: RequestOptions = {"headers": {"Content-Type": "multipart/form-data"}}
    return client.post(
        request.path, cast_to=httpx2.Response, body=request.fields, files={"file": request.file}, options=form
    )


@cache
def _rehearse() -> None:
    """Makes one call that leaves for nowhere: what the package builds with its first call takes a third of a second,
    which must not pass between the moment at which a call may start and its start."""
    nowhere = httpx2.MockTransport(lambda _request: httpx2.Response(200, json={}))
    with httpx2.Client(transport=nowhere) as http:
        client = openai.OpenAI(api_key="none", base_url="http://nowhere", max_retries=0, http_client=http)
        _sent(client, Request("/responses", {}))


def translated(error: openai.OpenAIError | ValueError) -> BrainError:
    """What to do about an error of OpenAI's client: it knows what never left this machine from what may have."""
    cause = error.__cause__
    if isinstance(error, openai.APIStatusError):
        return error_for(error.status_code, error.body, error.response.headers)
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        return BrainUnreachable(f"no connection ({type(cause).__name__})")
    if isinstance(cause, httpx2.LocalProtocolError | httpx2.UnsupportedProtocol) or isinstance(
        error, ValueError
    ):
        return BrainInvalid(f"it cannot be sent ({type(cause or error).__name__})")
    return BrainDown(f"no whole answer ({type(cause or error).__name__})")
