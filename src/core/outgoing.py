"""The way out to every address that an owner gives: checked, pinned, over https, and bounded in time and size."""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BufferedReader, RawIOBase
from typing import Any

from src import VERSION
from src.core.addresses import OutgoingRefused, SocketAddress, Target, is_inside, read, resolve

__all__ = ["OutgoingAnswer", "OutgoingFailed", "OutgoingRefused", "call", "check"]

CONNECT_SECONDS = 3.0  # for one address of several; all of them together have the call's time
_CHUNK = 65_536


class OutgoingFailed(Exception):
    """The call brought no whole answer; `reason` is `unreachable`, `slow` or `too large`.

    `sent` is true where the request may have arrived all the same.
    """

    def __init__(self, reason: str, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


@dataclass(frozen=True)
class OutgoingAnswer:
    """What the other side said; `headers` by their names in small letters, `body` as it came, never unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check(url: str, private: str | None) -> None:
    """Raises `OutgoingRefused` when the address can never be called; what a name leads to shows at each call."""
    target = read(url, private)
    if is_inside(target):
        raise OutgoingRefused(
            f"{target.host} is not a public address: give one, or have the operator name it in OUTGOING_PRIVATE"
        )


def call(
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    max_bytes: int,
    private: str | None,
) -> OutgoingAnswer:
    """One request, whatever its status; a redirect is an answer, and no proxy of the environment is used.

    The name is resolved once and the connection goes to what was checked; certificate and `Host` keep the name.
    `private` is the setting OUTGOING_PRIVATE. Raises `OutgoingRefused`, and `OutgoingFailed` when there is no whole
    answer within `seconds` (for all of it) and `max_bytes`.
    """
    ends = time.monotonic() + seconds
    target = read(url, private)
    sock = _reach(target, ends)
    try:
        return _exchange(_Wire(sock, ends), target, method, body, headers, max_bytes)
    except TimeoutError:
        raise OutgoingFailed("slow", sent=True) from None
    except (OSError, http.client.HTTPException) as error:
        raise OutgoingFailed("unreachable", sent=True) from error
    finally:
        sock.close()


def _left(ends: float) -> float:
    """Seconds until then. Raises `TimeoutError` when there are none."""
    if (left := ends - time.monotonic()) <= 0:
        raise TimeoutError
    return left


def _reach(target: Target, ends: float) -> socket.socket:
    """A connection to the first of the target's addresses that takes one; nothing was sent where it raises."""
    failure: OSError = OSError("no address")
    try:
        for family, address in resolve(target, _left(ends)):
            try:
                return _connect(target, family, address, ends)
            except OSError as error:
                failure = error
    except OSError as error:
        failure = error
    raise OutgoingFailed(
        "slow" if isinstance(failure, TimeoutError) else "unreachable", sent=False
    ) from failure


def _connect(target: Target, family: int, address: SocketAddress, ends: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(min(CONNECT_SECONDS, _left(ends)))
        sock.connect(address)
        sock.settimeout(_left(ends))
        return sock if target.scheme == "http" else _tls().wrap_socket(sock, server_hostname=target.host)
    except OSError:
        sock.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Wire(RawIOBase):
    """What `http.client` takes for its connection: no single read or write may outlast the whole call's time."""

    def __init__(self, sock: socket.socket, ends: float) -> None:
        self._sock, self._ends = sock, ends

    def sendall(self, content: bytes) -> None:
        self._sock.settimeout(_left(self._ends))
        self._sock.sendall(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._ends))
        return self._sock.recv_into(buffer)

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(self)

    def close(self) -> None:
        """Nothing: an answer is read to its end after `http.client` is done with the connection."""


def _exchange(
    wire: _Wire, target: Target, method: str, body: bytes, headers: Mapping[str, str], max_bytes: int
) -> OutgoingAnswer:
    line = http.client.HTTPConnection(target.host, target.port)
    line.sock = wire  # it makes no connection of its own
    own = {"Host": target.name, "User-Agent": f"Released/{VERSION}", "Connection": "close"}
    line.request(method, target.path, body or None, {**headers, **own})
    response = line.getresponse()
    content = _content(response, max_bytes)
    named = {name.lower(): value for name, value in response.getheaders()}
    return OutgoingAnswer(response.status, named, content)


def _content(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    """The whole body. Raises `OutgoingFailed` when it is too large or cut off."""
    if (response.length or 0) > max_bytes:  # as it declares
        raise OutgoingFailed("too large", sent=True)
    content = bytearray()
    while len(content) <= max_bytes and (part := response.read(min(_CHUNK, max_bytes + 1 - len(content)))):
        content += part
    if len(content) > max_bytes:
        raise OutgoingFailed("too large", sent=True)
    if response.length:
        raise OutgoingFailed("unreachable", sent=True)  # it was cut off
    return bytes(content)
