"""Pages of other sites may call only if their exact origin is named, and never with cookies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.core.errors import InvalidSettings
from src.core.settings import load_settings
from tests.integration.console.conftest import Desk
from tests.integration.edge.conftest import ask, instance, key_of

APP = "https://app.example.com"
ASKS = {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "authorization"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with instance(tmp_path_factory.mktemp("cors"), allowed_origins=f"{APP}, *") as found:
        yield found


def allowed(desk: Desk, path: str, origin: str, method: str = "GET") -> str | None:
    answer = ask(desk, method, path, Origin=origin, **(key_of(desk)))
    assert "Access-Control-Allow-Credentials" not in answer.headers
    return answer.headers.get("Access-Control-Allow-Origin")


def test_a_named_origin_reads_the_api(desk: Desk) -> None:
    answer = ask(desk, "GET", "/agent", Origin=APP, **key_of(desk))
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert "Origin" in answer.headers["Vary"]
    assert allowed(desk, "/agent/nobody", APP) == APP  # an error can be read too


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://app.example.com", f"{APP}:8443", f"{APP}.evil.example", "null"]
)
def test_no_other_does(desk: Desk, origin: str) -> None:
    assert allowed(desk, "/agent", origin) is None
    assert ask(desk, "OPTIONS", "/agent", Origin=origin, **ASKS).status == 403


def test_everybody_may_read_what_needs_no_key(desk: Desk) -> None:
    assert allowed(desk, "/health", "https://anybody.example") == "*"
    assert allowed(desk, "/openapi.json", "https://anybody.example") == "*"


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/start/agent", "/webhook", "/sandbox/api/state", "/metrics", "/ready"]
)
def test_pages_webhook_and_sandbox_are_for_no_other_site(desk: Desk, path: str) -> None:
    assert allowed(desk, path, APP) is None
    answer = ask(desk, "OPTIONS", path, Origin=APP, **ASKS)
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/agent", "/agent/a/faqs", "/conversation/1/reply"])
def test_a_browser_may_ask_first_without_a_key(desk: Desk, path: str) -> None:
    answer = ask(desk, "OPTIONS", path, Origin=APP, **ASKS)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_unless_somebody_is_named_nobody_is(tmp_path: Path) -> None:
    with instance(tmp_path) as desk:
        assert allowed(desk, "/agent", APP) is None
        assert allowed(desk, "/health", APP) is None


@pytest.mark.parametrize(
    "setting", ["app.example.com", "https://app.example.com/", "https://*.example.com", "HTTPS://App.example"]
)
def test_what_is_no_exact_origin_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidSettings, match=r"ALLOWED_ORIGINS.*is not an origin"):
        load_settings(allowed_origins=setting)
