"""Which address of another server may be called: read once, resolved once, and public unless the operator says so."""

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from functools import cache
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

# Addresses that are public by the registries, and lead to this machine, its neighbours or a provider's inside.
_NEVER_V4 = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")  # the rest is not the internet: ::/96, NAT64, fc00::/7 …
_NEVER_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(
    r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)"
)  # a resolver takes it for an address: 2130706433, 0x7f.1
_ENTRY = re.compile(r"(.+?)(?::(\d{1,5}))?")
_DEFAULT_PORTS = {"https": 443, "http": 80}

SocketAddress = tuple[Any, ...]


class OutgoingRefused(Exception):
    """The address is not one that may be called; `str()` says why."""


@dataclass(frozen=True)
class Target:
    """An address in its parts; `is_private` where the operator allows it by name."""

    scheme: str
    host: str
    port: int
    path: str
    is_private: bool

    @property
    def name(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def read(url: str, private: str | None) -> Target:
    """The parts of `url`, read once, so that what is checked is what is called. Raises `OutgoingRefused`.

    `private` is the setting OUTGOING_PRIVATE: `host` or `host:port`, parted by commas. Nobody is asked here what a
    name leads to.
    """
    if not re.fullmatch(r"[!-~]{1,2000}", url):
        raise OutgoingRefused("the address has spaces or letters outside ASCII: write the host as xn--…")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OutgoingRefused("the address cannot be read") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise OutgoingRefused("the address must begin with https://")
    if "@" in parts.netloc or "\\" in url:
        raise OutgoingRefused("the address must not hold a user name or password")
    if not _is_host(host):
        raise OutgoingRefused("the address names no host in its plain form")
    port = port or _DEFAULT_PORTS[parts.scheme]
    is_private = not {(host, None), (host, port)}.isdisjoint(_allowed(private or ""))
    if parts.scheme == "http" and not is_private:
        raise OutgoingRefused("the address must begin with https://, unless OUTGOING_PRIVATE names its host")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, is_private)


def is_inside(target: Target) -> bool:
    """Does its host, without asking anybody, lead to this machine or another that is not public?"""
    if target.host == "localhost" or target.host.endswith(".localhost"):
        return not target.is_private
    try:
        return not target.is_private and not is_public(target.host)
    except ValueError:  # a name
        return False


def _is_host(host: str) -> bool:
    """A name, or an address in its one usual form: nothing else that some resolver reads as an address."""
    try:
        if ":" in host:
            return "%" not in host and ipaddress.IPv6Address(host) is not None
        if _NUMBER.fullmatch(host):
            return ipaddress.IPv4Address(host) is not None
    except ValueError:
        return False
    return len(host) <= 253 and _NAME.fullmatch(host) is not None


@cache
def _allowed(private: str) -> frozenset[tuple[str, int | None]]:
    """Hosts, each with its port or for all ports."""
    entries = [_ENTRY.fullmatch(entry) for entry in private.lower().replace(",", " ").split()]
    return frozenset((e[1].strip("[]"), int(e[2]) if e[2] else None) for e in entries if e)


def resolve(target: Target, seconds: float) -> list[tuple[int, SocketAddress]]:
    """Families and addresses of the target, all of them public unless it is private.

    Raises `OutgoingRefused` when one is not, `TimeoutError`, and `OSError` when there is none. A thread of its own
    asks, because a resolver keeps to no time but its own.
    """
    answers: SimpleQueue[list[tuple[int, SocketAddress]] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            answers.put([(family, address) for family, _, _, _, address in found])
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    if not target.is_private and not all(is_public(str(address[0])) for _, address in answer):
        raise OutgoingRefused(f"{target.host} is not at a public address")
    return answer


def is_public(address: str) -> bool:
    """Does the numeric address lead to another machine of the public internet?"""
    found = ipaddress.ip_address(address)
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _NEVER_V4)
    return found in _GLOBAL_V6 and not any(found in network for network in _NEVER_V6)
