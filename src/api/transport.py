"""In production: nothing but https from elsewhere, and from elsewhere nothing but what PUBLIC_URL shows."""

import logging
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from src.api.problems import problem
from src.core.edge_telemetry import REFUSED
from src.core.peers import Peer, Scope
from src.core.settings import Settings

log = logging.getLogger(__name__)

_FOR_OPERATORS = ("/ready", "/metrics")
_PAGES = ("/docs", "/static/", "/language/")

UNSET = (
    "PUBLIC_URL is not set, and in production (APP_ENV=prod) this instance then serves its own machine alone: put a "
    "proxy with a certificate in front (docs/running.md), set PUBLIC_URL=https://YOUR.HOST and start it again"
)
_UNTRUSTED = (
    "a proxy passed this on, and nobody this instance trusts says that it came over https: name the proxy in "
    "TRUSTED_PROXIES, and let it send X-Forwarded-For and X-Forwarded-Proto"
)


class Transport:
    """The rule of one instance; in development everything passes."""

    def __init__(self, settings: Settings) -> None:
        self._strict = settings.app_env == "prod"
        self._public_url = settings.public_url
        if settings.serves_this_machine_only:
            log.warning("serves_this_machine_only", extra={"why": "PUBLIC_URL is not set"})

    def refuse(self, scope: Scope, peer: Peer) -> Response | None:
        """The answer to a call that may not pass: 403, or 308 for a page that is to be read over https."""
        path: str = scope["path"]
        if not self._strict or peer.is_near:
            return None
        if path in _FOR_OPERATORS:
            return (
                None
                if peer.is_inside
                else _refused("not_from_here", f"{path} is for this machine and its network")
            )
        if path == "/health" and peer.is_inside:
            return None
        if self._public_url is None:
            return _refused("not_from_here", UNSET)
        if peer.is_https:
            return None
        if peer.is_forwarded and not peer.tells_scheme:
            return _refused("plain_http", _UNTRUSTED)
        if scope["method"] in ("GET", "HEAD") and (path == "/" or path.startswith(_PAGES)):
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(self._public_url + quote(path) + (f"?{query}" if query else ""), 308)
        return _refused(
            "plain_http", f"what was sent could be read on its way: call {self._public_url}{quote(path)}"
        )


def _refused(reason: str, detail: str) -> Response:
    REFUSED.labels(reason).inc()
    title = "Only https is served" if reason == "plain_http" else "Not from this address"
    return problem(403, title, detail)
