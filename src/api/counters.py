"""Counts calls in sliding windows with the library `limits`: in Redis where there is one, else in memory."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

log = logging.getLogger(__name__)

_WAIT = 0.25  # s that a call waits for Redis
_REST = 5.0  # s for which memory counts after Redis has failed
_MOST = 100_000  # counters in memory

Found = TypeVar("Found")


class Memory(MemoryStorage):
    """The library's, but it looks for what is over once a second, not at every call, and keeps so many at most."""

    def __init__(self) -> None:
        super().__init__()
        self._swept = 0.0

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Counts, and says how many there are now."""
        now = time.time()
        if now - self._swept >= 1:
            self._swept = now
            for old in [one for one, ends in self.expirations.items() if ends <= now]:
                await self.clear(old)
        if len(self.storage) >= _MOST:
            await self.reset()
        await self.get(key)
        self.storage[key] += amount
        self.expirations.setdefault(key, now + expiry)
        return self.storage[key]


class Counters:
    """Counters that all processes share through `broker_url`, if it leads to Redis; below `prefix`."""

    def __init__(self, broker_url: str | None, prefix: str) -> None:
        self._memory = SlidingWindowCounterRateLimiter(Memory())
        self._shared = _in_redis(broker_url, prefix)
        self._away = _failures_of(self._shared) if self._shared else ()
        self._rests_until = 0.0

    async def hit(self, item: RateLimitItem, *who: str) -> float | None:
        """Counts one; when the next is free, in seconds since 1970, if this one was too many (and not counted)."""

        async def count(limiter: SlidingWindowCounterRateLimiter) -> float | None:
            return None if await limiter.hit(item, *who) else await _free_at(limiter, item, who)

        return await self._with(count)

    async def look(self, item: RateLimitItem, *who: str) -> float | None:
        """As `hit`, without counting."""

        async def look(limiter: SlidingWindowCounterRateLimiter) -> float | None:
            return None if await limiter.test(item, *who) else await _free_at(limiter, item, who)

        return await self._with(look)

    async def _with(self, ask: Callable[[SlidingWindowCounterRateLimiter], Awaitable[Found]]) -> Found:
        if self._shared is not None and time.monotonic() >= self._rests_until:
            try:
                async with asyncio.timeout(_WAIT):
                    return await ask(self._shared)
            except self._away as error:  # no call fails because nobody can count it
                self._rests_until = time.monotonic() + _REST
                log.warning("limits_in_memory", extra={"error": type(error).__name__})
        return await ask(self._memory)


async def _free_at(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, who: tuple[str, ...]
) -> float:
    return float((await limiter.get_window_stats(item, *who)).reset_time)


def _failures_of(limiter: SlidingWindowCounterRateLimiter) -> tuple[type[Exception], ...]:
    known = limiter.storage.base_exceptions
    return (*(known if isinstance(known, tuple) else (known,)), OSError)


def _in_redis(broker_url: str | None, prefix: str) -> SlidingWindowCounterRateLimiter | None:
    if not (broker_url or "").startswith(("redis://", "rediss://")):
        return None
    storage = RedisStorage(
        f"async+{broker_url}",
        implementation="redispy",
        key_prefix=f"{prefix}:limit",
        socket_timeout=_WAIT,
        socket_connect_timeout=_WAIT,
    )
    return SlidingWindowCounterRateLimiter(storage)
