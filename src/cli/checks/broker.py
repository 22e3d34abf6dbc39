"""The broker: is it there, does it know us, would it throw away what it is given?"""

import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import redis
from kombu.connection import Connection
from kombu.exceptions import KombuError

from src.cli.checks.finding import SECONDS, Finding, fail, ok, warn
from src.core.settings import Settings

_START = "start it; workers answer without it, up to a second later"


def broker(settings: Settings) -> Iterator[Finding]:
    """What the broker says of itself."""
    url = settings.broker_url
    if url is None:
        yield ok("broker", "none: one process does everything")
        return
    parts = urlsplit(url)
    where = f"{parts.hostname}:{parts.port or (5672 if parts.scheme.startswith('amqp') else 6379)}"
    if parts.scheme in ("redis", "rediss"):
        yield from _redis(url, where)
    elif parts.scheme in ("amqp", "amqps"):
        yield _amqp(url, where)
    else:
        yield warn("broker", f"{parts.scheme}://", "not known to this command", "use redis:// or amqp://")


def _redis(url: str, where: str) -> Iterator[Finding]:
    with redis.Redis.from_url(
        url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=None
    ) as client:
        try:
            server: dict[str, Any] = client.info()
        except redis.AuthenticationError as error:
            cure = "give Redis and REDIS_PASSWORD (or CELERY_BROKER_URL) the same password"
            yield fail("broker", f"Redis at {where} refuses us", _line(error), cure)
            return
        except (redis.RedisError, OSError, ssl.SSLError) as error:
            yield fail("broker", f"Redis at {where} does not answer", _line(error), _START)
            return
    yield ok("broker", f"Redis {server['redis_version']} at {where}")
    yield _memory(server)
    yield _persistence(server)
    if not urlsplit(url).password and urlsplit(url).hostname not in ("localhost", "127.0.0.1", "::1"):
        cure = "set requirepass there and REDIS_PASSWORD here"
        yield warn("redis password", "none", "whoever reaches Redis may ring our bells", cure)


def _memory(server: dict[str, Any]) -> Finding:
    policy, most, used = server.get("maxmemory_policy"), server.get("maxmemory", 0), server["used_memory"]
    found = f"{policy}, {used / 1e6:,.1f} MB" + (f" of {most / 1e6:,.0f}" if most else "")
    if policy != "noeviction":
        return warn(
            "redis policy",
            found,
            "when its memory is full, Redis throws away queues without a word",
            "`redis-cli CONFIG SET maxmemory-policy noeviction`, and the same in redis.conf",
        )
    if most and used > 0.9 * most:
        cure = "raise maxmemory, or find what else uses this Redis"
        return warn("redis policy", found, "its memory is nearly full; then it refuses every bell", cure)
    return ok("redis policy", found)


def _persistence(server: dict[str, Any]) -> Finding:
    for key, what in (("rdb_last_bgsave_status", "snapshot"), ("aof_last_write_status", "append-only file")):
        if server.get(key, "ok") != "ok":
            return fail(
                "redis persistence",
                f"the last {what} failed",
                "Redis refuses to be written to until it can save again",
                "look into Redis's log: its disk is full, or its folder belongs to another user",
            )
    aof = "append-only file" if server.get("aof_enabled") else "no append-only file"
    return ok("redis persistence", f"{aof}; bells may be lost, messages are in the database")


def _amqp(url: str, where: str) -> Finding:
    connection: Any = Connection(url, connect_timeout=SECONDS)  # type: ignore[no-untyped-call]
    try:
        connection.connect()
        server = connection.connection.server_properties
    except (KombuError, OSError, *connection.connection_errors, *connection.channel_errors) as error:
        refused = "ACCESS_REFUSED" in str(error)
        cure = "correct user and password in CELERY_BROKER_URL" if refused else _START
        what = "refuses us" if refused else "does not answer"
        return fail("broker", f"the broker at {where} {what}", _line(error), cure)
    finally:
        connection.release()
    return ok("broker", f"{server.get('product', 'AMQP')} {server.get('version', '')} at {where}")


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
