"""The headers that every answer has, by what it is: one table, told in `docs/security/headers.md`."""

from functools import lru_cache

Headers = list[tuple[bytes, bytes]]

_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_TELEPHONE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NOTHING = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

# By what the answer is. An answer's own header of the same name comes first.
TABLE = {
    "page": {**_ALWAYS, "Content-Security-Policy": _PAGE, "Permissions-Policy": _NOTHING},
    "telephone": {
        **_ALWAYS,
        "Content-Security-Policy": _TELEPHONE,
        "Permissions-Policy": _NOTHING.replace("microphone=()", "microphone=(self)"),
    },
    "other": {
        **_ALWAYS,
        "Content-Security-Policy": "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
        "Permissions-Policy": _NOTHING,
    },
}
HTTPS = {
    "Strict-Transport-Security": "max-age=31536000"
}  # a year; whether subdomains too is the owner's to say


def is_page(path: str, own: Headers) -> bool:
    """Is an answer at `path` with these headers a page?"""
    for name, value in own:
        if name == b"content-type":
            return value.startswith(b"text/html")
    return path.endswith(("/", ".html"))  # a browser takes a 304's headers for the page that it has kept


def kind_of(path: str, own: Headers) -> str:
    """The row of the table for it."""
    if not is_page(path, own):
        return "other"
    return "telephone" if path.startswith("/sandbox/") else "page"


def complete(path: str, own: Headers, https: bool) -> Headers:
    """The answer's own headers, and those of the table that it does not have."""
    return own + _missing(kind_of(path, own), https, frozenset(name for name, _ in own))


@lru_cache(maxsize=256)
def _missing(kind: str, https: bool, there: frozenset[bytes]) -> Headers:
    table = {**TABLE[kind], **(HTTPS if https else {})}
    found = [(name.lower().encode(), value.encode()) for name, value in table.items()]
    return [one for one in found if one[0] not in there]
