"""Who may do what without a key: in sandbox mode, a person at this very machine; nobody else."""

import re
from urllib.parse import urlsplit

from fastapi import Request

from src.accounts.admission import admit
from src.accounts.key_holder import Scope
from src.core.actor import known_as
from src.core.errors import Refusal
from src.core.instance import Instance
from src.core.peers import Peer, peers

_LOOPBACK_NAME = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)


class NotFromHere(Refusal):
    """Only this machine may do that without a key"""

    status = 403


class NotJson(Refusal):
    """The body must be JSON"""

    status = 415


def instance_of(request: Request) -> Instance:
    """The instance that the request came to."""
    found: Instance = request.app.state.instance
    return found


def is_local(request: Request) -> bool:
    """True for a request from this machine, under a name of its own (DNS may be rebound), through no proxy.

    The one proxy that only this machine can reach (LOCAL_PROXY) does not count: it adds its headers to what has
    come through another.
    """
    return _peer(request).is_near and _LOOPBACK_NAME.fullmatch(request.headers.get("host", "")) is not None


def is_https(request: Request) -> bool:
    """True for a request that came over https, to us or to a proxy that we trust."""
    return _peer(request).is_https


def _peer(request: Request) -> Peer:
    settings = instance_of(request).settings
    known = peers(settings.trusted_proxies, settings.local_proxy)
    if known.is_due(request.scope):
        known.look_up()
    return known.of(request.scope)


def is_open(request: Request) -> bool:
    """True when the page may show the instance's data, and change it, without a key."""
    return instance_of(request).settings.sandbox_mode and is_local(request)


def require_here(request: Request) -> None:
    """Raises `NotFromHere` or `NotJson` unless our own page in a browser on this machine asks, in sandbox mode."""
    _require_json(request)
    if not is_open(request):
        raise NotFromHere(
            "without a key this works in sandbox mode, from the machine on which Released runs, at http://127.0.0.1 "
            "or http://localhost; from elsewhere use POST /agent with the API key"
        )
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    if site not in ("same-origin", "none") or (origin is not None and not _is_own(request, origin)):
        raise NotFromHere("another site's page asked for this: open Released's own start page")
    known_as("page of this machine")


def require_here_or_key(request: Request) -> None:
    """As `require_here`, or a key as a bearer that may read agents. Raises `Unauthorized`, `Forbidden`."""
    given = request.headers.get("authorization")
    if given is None and is_open(request):
        require_here(request)
        return
    _require_json(request)
    kind, _, key = (given or "").partition(" ")
    bearer = key.strip() if kind.lower() == "bearer" else None
    admit(instance_of(request), request.scope, bearer, Scope.AGENTS_READ)


def _require_json(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise NotJson("send it with Content-Type: application/json")


def _is_own(request: Request, origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return (parts.scheme, parts.netloc.lower()) == (request.url.scheme, request.headers["host"].lower())
