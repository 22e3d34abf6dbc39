"""How often one key or one address may call, and how often an address may be wrong."""

import math
import time
from dataclasses import dataclass
from typing import Literal

from limits import RateLimitItem, parse

from src.api.counters import Counters
from src.core.instance import Instance
from src.core.peers import Peer

_RIGHT_LASTS = 3600.0  # s for which a key that was right goes on working from its address
_MOST_RIGHT = 10_000


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that a call is over: of `key`, `address` or `failures`, free again in so many seconds."""

    limit: Literal["key", "address", "failures"]
    rate: str
    retry_after: int


class Limits:
    """The limits of one instance. Identities are kept as keyed hashes."""

    def __init__(self, instance: Instance) -> None:
        settings = instance.settings
        self._hash = instance.keyring.passing
        self._rates: dict[str, tuple[str, RateLimitItem]] = {
            "key": (settings.rate_limit_key, parse(settings.rate_limit_key)),
            "address": (settings.rate_limit_address, parse(settings.rate_limit_address)),
            "failures": (settings.rate_limit_failures, parse(settings.rate_limit_failures)),
        }
        self._counters = Counters(settings.broker_url, settings.redis_prefix)
        self._right: dict[str, float] = {}

    async def exceeded(self, peer: Peer, key: str | None) -> Exceeded | None:
        """Counts a call that is no signed webhook; the limit that forbids it, if one does.

        `key` is what the peer gives as such. An address that was wrong too often is refused whatever it asks,
        unless with a key that was right from there within the hour: so nobody can lock out a neighbour behind the
        same address, and a guess is not even looked at.
        """
        if not peer.is_near:
            who = network_of(peer.address)
            if not self._was_right(peer, key) and (over := await self._look("failures", who)):
                return over
            if over := await self._hit("address", who):
                return over
        return await self._hit("key", key) if key else None

    async def wrong(self, peer: Peer, *, counts_as_call: bool = False) -> Exceeded | None:
        """Counts a wrong key, signature or verify token; the limit that the address is over now, if it is.

        `counts_as_call` where `exceeded` was not asked before.
        """
        if peer.is_near:
            return None
        who = network_of(peer.address)
        over = await self._hit("failures", who)
        return over or (await self._hit("address", who) if counts_as_call else None)

    def right(self, peer: Peer, key: str) -> None:
        """The key was right: it works from this address for an hour, however often others there are wrong."""
        now = time.monotonic()
        if len(self._right) >= _MOST_RIGHT:
            self._right = {one: until for one, until in self._right.items() if until > now}
        if len(self._right) < _MOST_RIGHT:
            self._right[self._pair(peer, key)] = now + _RIGHT_LASTS

    def _was_right(self, peer: Peer, key: str | None) -> bool:
        return key is not None and self._right.get(self._pair(peer, key), 0.0) > time.monotonic()

    def _pair(self, peer: Peer, key: str) -> str:
        return self._hash(f"{network_of(peer.address)} {key}").hex()

    async def _hit(self, limit: Literal["key", "address", "failures"], who: str) -> Exceeded | None:
        rate, item = self._rates[limit]
        free_at = await self._counters.hit(item, limit, self._hash(who).hex())
        return _exceeded(limit, rate, free_at)

    async def _look(self, limit: Literal["failures"], who: str) -> Exceeded | None:
        rate, item = self._rates[limit]
        return _exceeded(limit, rate, await self._counters.look(item, limit, self._hash(who).hex()))


def _exceeded(
    limit: Literal["key", "address", "failures"], rate: str, free_at: float | None
) -> Exceeded | None:
    if free_at is None:
        return None
    return Exceeded(limit, rate, max(1, math.ceil(free_at - time.time())))


def network_of(address: str) -> str:
    """An IPv6 subscriber has a /64, not an address."""
    return ":".join(address.split(":")[:4]) if ":" in address else address
