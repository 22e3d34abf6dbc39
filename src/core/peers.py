"""Who is at the other end of a call: from which address, over https or not, from this very machine or through a proxy."""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, NamedTuple

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Scope = MutableMapping[str, Any]

_OF_A_PROXY = frozenset(
    (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip", b"via")
)
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
            *("169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?", re.IGNORECASE)
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")
_NAMES_LAST = 30.0  # s; a container keeps its address for as long as it runs
_NAMES_REST = 1.0  # s between two questions to the resolver, whoever calls


class Peer(NamedTuple):
    """Who is at the other end of a call, as far as headers of proxies can be believed."""

    address: str  # their own, not a proxy's; empty where nobody can tell
    is_near: bool  # from this machine, through no proxy but LOCAL_PROXY
    is_inside: bool  # at a loopback or private address
    is_https: bool
    is_forwarded: bool  # some proxy had it
    tells_scheme: bool  # a proxy of ours said whether it was https


class _Place(NamedTuple):
    """An address that could be read, in its one usual form."""

    address: str
    is_loopback: bool
    is_inside: bool


class Proxies(NamedTuple):
    """The setting TRUSTED_PROXIES in its parts."""

    networks: tuple[Network, ...]
    names: frozenset[str]

    def hold(self, address: str) -> bool:
        """Is the address in one of the networks?"""
        return bool(address) and any(ipaddress.ip_address(address) in network for network in self.networks)


def proxies_of(setting: str) -> Proxies:
    """Networks and host names, parted by commas. Raises `ValueError`, which names what cannot be read."""
    networks: list[Network] = []
    names = set()
    for entry in filter(None, (part.strip() for part in setting.split(","))):
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            if "/" in entry or ":" in entry or entry[-1].isdigit() or not _NAME.fullmatch(entry):
                raise ValueError(
                    f"{entry!r} is no address, network (10.0.0.0/8) or host name; parted by commas"
                ) from None
            names.add(entry)
    return Proxies(tuple(networks), frozenset(names))


class _Names:
    """The addresses behind host names, asked for now and then; a container has another after each start."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self.any = bool(names)
        self._known: dict[str, frozenset[str]] = {}
        self._asked = float("-inf")
        self._lock = threading.Lock()

    def is_due(self, host: str) -> bool:
        """Is what is known about `host` too old? Cheap."""
        known = any(host in addresses for addresses in self._known.values())
        return time.monotonic() - self._asked > (_NAMES_LAST if known else _NAMES_REST)

    def ask(self) -> None:
        """Asks the resolver, unless another thread does so now."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._known = {
                name: _addresses(name) or self._known.get(name, frozenset()) for name in self._names
            }
            self._asked = time.monotonic()
        finally:
            self._lock.release()

    def has(self, name: str | None, host: str) -> bool:
        """Did the name stand for this address when it was last asked for?"""
        return host in self._known.get(name or "", ())


class Peers:
    """Tells who is at the other end, for an instance with these settings."""

    def __init__(self, trusted_proxies: str, local_proxy: str | None) -> None:
        self._proxies = proxies_of(trusted_proxies)
        self._local_proxy = local_proxy
        self._names = _Names(self._proxies.names | ({local_proxy} if local_proxy else set()))
        self._is_within = lru_cache(maxsize=4096)(self._proxies.hold)

    def is_due(self, scope: Scope) -> bool:
        """Should `look_up` run before this call is judged? It may block for as long as the resolver takes."""
        return self._names.any and self._names.is_due(_nearest(scope).address)

    def look_up(self) -> None:
        """Learns anew which addresses our proxies have. For a thread that may wait."""
        self._names.ask()

    def of(self, scope: Scope) -> Peer:
        """Who sent this request (an ASGI scope)."""
        nearest = _nearest(scope)
        given = [one for one in scope["headers"] if one[0] in _OF_A_PROXY]
        secure = scope.get("scheme") == "https"
        if not given:
            near = nearest.is_loopback or self._names.has(self._local_proxy, nearest.address)
            return Peer(nearest.address, near, nearest.is_inside, secure, False, False)
        # Where uvicorn itself believed such headers, the port is 0, and the nearest place is whatever they say.
        if not (scope.get("client") or ("", 0))[1] or not self._is_trusted(nearest):
            return Peer(nearest.address, False, False, secure, True, False)
        scheme = _last(given, b"x-forwarded-proto").lower()
        found = self._behind(given, nearest)
        https = scheme == "https" if scheme else secure
        return Peer(found.address, False, found.is_inside, https, True, bool(scheme))

    def _behind(self, given: list[tuple[bytes, bytes]], nearest: _Place) -> _Place:
        """The first address from the right that is no proxy of ours."""
        line = b",".join(value for name, value in given if name == b"x-forwarded-for").decode("latin-1")
        found = nearest
        for part in reversed(line.split(",")):
            if part.strip():
                found = _read(part.strip())
                if not self._is_trusted(found):
                    break
        return found

    def _is_trusted(self, place: _Place) -> bool:
        return self._is_within(place.address) or any(
            self._names.has(name, place.address) for name in self._proxies.names
        )


@lru_cache(maxsize=16)
def peers(trusted_proxies: str, local_proxy: str | None) -> Peers:
    """The one who tells peers apart by these two settings, shared by all who ask in this process."""
    return Peers(trusted_proxies, local_proxy)


def note_right_key(scope: Scope, key_id: str) -> None:
    """Tells the edge that the key of this request was right, and which it is: it then goes on working from there."""
    scope.setdefault("state", {})["right_key"] = key_id


def _nearest(scope: Scope) -> _Place:
    return _read((scope.get("client") or ("", 0))[0])


def _addresses(name: str) -> frozenset[str]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset()
    return frozenset(str(address[4][0]) for address in found)


def _last(given: list[tuple[bytes, bytes]], wanted: bytes) -> str:
    values = [value for name, value in given if name == wanted]
    return values[-1].rpartition(b",")[2].strip().decode("latin-1") if values else ""


@lru_cache(maxsize=4096)
def _read(text: str) -> _Place:
    """The address without port or brackets, an IPv4 address in IPv6's clothes as IPv4; nowhere if it is none."""
    if match := _WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        found: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return _Place("", False, False)
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return _Place(str(found), found.is_loopback, any(found in network for network in _INSIDE))
