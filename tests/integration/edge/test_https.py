"""In production nothing is served over plain http, but to this machine, and to monitoring inside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.api.edge import Edge
from src.core.errors import InvalidSettings
from src.core.peers import Peer
from src.core.settings import load_settings
from src.main import create_app
from tests.integration.console.conftest import Desk
from tests.integration.edge.conftest import PUBLIC, ask, elsewhere, instance, key_of
from tests.ports import free_port
from tests.world import Served, call


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with instance(tmp_path_factory.mktemp("public"), app_env="prod", public_url=PUBLIC) as found:
        yield found


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with instance(tmp_path_factory.mktemp("hidden"), app_env="prod") as found:
        yield found


def test_a_plain_public_address_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidSettings, match="PUBLIC_URL must begin with https"):
        load_settings(app_env="prod", public_url="http://bot.example.com")
    assert load_settings(app_env="dev", public_url="http://bot.example.com").public_url


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/agent"), ("POST", "/webhook"), ("POST", "/start/agent"), ("POST", "/")]
)
def test_what_would_carry_a_secret_is_refused_and_not_redirected(
    public: Desk, method: str, path: str
) -> None:
    answer = ask(public, method, path, b"{}", **elsewhere(scheme="http"), **key_of(public))
    assert (answer.status, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert f"call {PUBLIC}{path}" in answer.json()["detail"]
    assert "Location" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/docs", "/static/start.js", "/language/es?x=1"])
def test_pages_lead_to_https(public: Desk, path: str) -> None:
    answer = ask(public, "GET", path, **elsewhere(scheme="http"))
    assert (answer.status, answer.headers["Location"]) == (308, PUBLIC + path)


def test_over_https_everything_works(public: Desk) -> None:
    assert ask(public, "GET", "/agent", **elsewhere(), **key_of(public)).status == 200
    assert ask(public, "GET", "/", **elsewhere()).status == 200
    assert ask(public, "POST", "/webhook", b"{}", **elsewhere()).status == 401
    assert ask(public, "GET", "/health", **elsewhere()).status == 200


def test_a_proxy_that_does_not_tell_is_named_and_no_page_leads_in_a_circle(public: Desk) -> None:
    answer = ask(public, "GET", "/", X_Forwarded_For="203.0.113.9")
    assert answer.status == 403
    assert "TRUSTED_PROXIES" in answer.json()["detail"]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("path", ["/ready", "/metrics"])
def test_what_operators_look_at_is_not_for_the_world(public: Desk, path: str, scheme: str) -> None:
    assert ask(public, "GET", path, **elsewhere(scheme=scheme)).status == 403
    assert ask(public, "GET", path, **elsewhere("10.0.0.7", scheme)).status == 200
    assert ask(public, "GET", path).status == 200


def test_health_is_told_inside_without_https(public: Desk) -> None:
    assert ask(public, "GET", "/health", **elsewhere("10.0.0.7", "http")).status == 200
    assert ask(public, "GET", "/health", **elsewhere(scheme="http")).status == 403


def test_this_machine_is_served_without_https(public: Desk) -> None:
    assert ask(public, "GET", "/agent", **key_of(public)).status == 200
    assert public.hears("¿A qué hora abren?", public.make()) == "A las nueve."


def test_without_a_public_address_only_this_machine_is_served(hidden: Desk) -> None:
    for path in ("/", "/agent", "/health", "/sandbox/"):
        answer = ask(hidden, "GET", path, **elsewhere(), **key_of(hidden))
        assert answer.status == 403, path
        assert "PUBLIC_URL" in answer.json()["detail"]
        assert ask(hidden, "GET", path, **key_of(hidden)).status == 200
    assert ask(hidden, "GET", "/metrics", **elsewhere("10.0.0.7", "http")).status == 200
    assert hidden.hears("¿A qué hora abren?", hidden.make()) == "A las nueve."


def test_it_says_so_at_its_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with instance(tmp_path / "a", app_env="prod"):
        assert "serves_this_machine_only" in caplog.messages
    caplog.clear()
    with instance(tmp_path / "b", app_env="prod", public_url=PUBLIC):
        assert "serves_this_machine_only" not in caplog.messages


def test_a_stranger_who_comes_directly_gains_nothing_by_headers(public: Desk) -> None:
    edge: Edge = create_app(public.instance)
    for given in ({}, {"x-forwarded-proto": "https", "x-forwarded-for": "127.0.0.1"}):
        headers = [(name.encode(), value.encode()) for name, value in given.items()]
        scope = {"type": "http", "client": ("203.0.113.9", 5), "headers": headers, "scheme": "http"}
        peer: Peer = edge.peers.of(scope)
        refused = edge.transport.refuse(
            {**scope, "path": "/agent", "method": "GET", "query_string": b""}, peer
        )
        assert refused is not None
        assert refused.status_code == 403


def test_bare_uvicorn_is_as_safe(public: Desk) -> None:
    port = free_port()
    served = Served(create_app(public.instance, {"/sandbox": public.beside}), port, proxy_headers=True)
    try:

        def status(path: str, **headers: str) -> int:
            return call("GET", f"http://127.0.0.1:{port}{path}", **headers, **key_of(public))[0]

        assert status("/agent", **elsewhere()) == 200
        assert status("/agent", **elsewhere(scheme="http")) == 403
        for address in ("203.0.113.9", "127.0.0.1", "10.0.0.7"):
            assert status("/metrics", **elsewhere(address)) == 403
        assert status("/metrics") == 200
    finally:
        served.stop()
