"""Which pages of other sites may call us: those that ALLOWED_ORIGINS names, and never with cookies."""

from src.api.headers import Headers, is_page
from src.core.peers import Scope

OPEN_TO_ALL = ("/health", "/openapi.json")  # what `*` opens: nobody needs a key for these
_OURS = ("/webhook", "/sandbox", "/start", "/ready", "/metrics", "/docs", "/static", "/language")
_METHODS = b"GET, POST, PUT, PATCH, DELETE"
_MAY_SEND = b"Authorization, Content-Type, Idempotency-Key"
_MAY_READ = b"Retry-After"


class Cors:
    """The rule of one instance; `origins` are exact, `*` among them opens what needs no key."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._named = origins - {"*"}
        self._all = "*" in origins

    def allowed(self, scope: Scope, own: Headers) -> Headers:
        """What an answer with these headers of its own tells a browser; pages are for nobody else's pages."""
        path: str = scope["path"]
        if not (self._named or self._all) or _is_ours(path) or is_page(path, own):
            return []
        return [*self._grant(scope), (b"vary", b"Origin")]

    def _grant(self, scope: Scope) -> Headers:
        origin = next((value for name, value in scope["headers"] if name == b"origin"), b"")
        if self._all and scope["path"] in OPEN_TO_ALL:
            return [(b"access-control-allow-origin", b"*")]
        if origin.decode("latin-1") in self._named:
            return [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _MAY_READ)]
        return []

    def preflight(self, scope: Scope) -> Headers | None:
        """What is told a browser that asks whether a page may call, nothing if not; None where nobody asks that.

        `allowed` adds the origin.
        """
        names = {name for name, _ in scope["headers"]}
        if scope["method"] != "OPTIONS" or not {b"origin", b"access-control-request-method"} <= names:
            return None
        if _is_ours(scope["path"]) or not self._grant(scope):
            return []
        return [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _MAY_SEND),
            (b"access-control-max-age", b"600"),
        ]


def _is_ours(path: str) -> bool:
    """Is this for Meta, our own pages or the operator, and never for another site's page?"""
    return path == "/" or path.startswith(_OURS)
