"""An instance behind a proxy of its own machine: whoever calls with these headers is somebody elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from tests.integration.console.conftest import Desk

PUBLIC = "https://bot.example.com"
_http = urllib3.PoolManager(retries=False, timeout=30)


@contextmanager
def instance(home: Path, **settings: Any) -> Iterator[Desk]:
    """A fresh instance in sandbox mode with these settings."""
    desk = Desk(home, **settings)
    try:
        yield desk
    finally:
        desk.stop()


def ask(desk: Desk, method: str, path: str, body: Any = b"", **headers: str) -> urllib3.BaseHTTPResponse:
    """The whole answer to one request, redirects not followed."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return _http.request(method, desk.url + path, body=body, headers=names, redirect=False)


def elsewhere(address: str = "203.0.113.9", scheme: str = "https") -> dict[str, str]:
    """What our proxy adds to a call from that address."""
    return {"X_Forwarded_For": address, "X_Forwarded_Proto": scheme}


def key_of(desk: Desk) -> dict[str, str]:
    """The header with the right key."""
    return {"Authorization": f"Bearer {desk.instance.api_key}"}
