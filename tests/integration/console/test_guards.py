"""Without a key, only our own page in a browser on this machine may ask for anything."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.requests import Request

from src.console.guards import is_local
from src.core.instance import open_instance
from src.core.settings import Settings
from tests.integration.console.conftest import FAQS, NUMBER, Desk
from tests.world import call

AGENT = {"phone_number": NUMBER, "faqs": FAQS}
PREVIEW = {"text": "P: ¿Abren?\nR: Sí."}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "released.example"},
        {"Host": "127.0.0.1.example:80"},
        {"Host": "localhost.example"},
        {"Host": "[::2]"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://[::1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"X_Forwarded_For": "203.0.113.9"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
def test_another_site_host_or_proxy_is_refused(quiet_desk: Desk, headers: dict[str, str]) -> None:
    assert quiet_desk.post("/start/agent", AGENT, **headers)[0] == 403
    assert quiet_desk.post("/start/preview", PREVIEW, **headers)[0] in (401, 403)
    assert call("GET", f"{quiet_desk.url}/agent", Authorization=f"Bearer {quiet_desk.instance.api_key}")[
        1
    ] == {"agents": []}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_what_a_foreign_form_could_send_is_refused(quiet_desk: Desk, kind: str) -> None:
    for path, body in (("/start/agent", AGENT), ("/start/preview", PREVIEW)):
        status, problem = quiet_desk.post(path, body, Content_Type=kind)
        assert (status, problem["status"]) in ((415, 415), (422, 422))


def test_our_own_page_is_admitted_under_each_name_of_this_machine(desk: Desk) -> None:
    for host in (
        f"127.0.0.1:{desk.port}",
        f"localhost:{desk.port}",
        f"[::1]:{desk.port}",
        f"LOCALHOST:{desk.port}",
    ):
        own = {"Host": host, "Origin": f"http://{host.lower()}", "Sec_Fetch_Site": "same-origin"}
        assert desk.post("/start/preview", PREVIEW, **own)[0] == 200, host
    assert desk.post("/start/agent", AGENT, Content_Type="application/json; charset=utf-8")[0] == 201


def test_from_elsewhere_the_page_shows_nothing_and_the_key_opens_the_preview(desk: Desk) -> None:
    desk.make(name="Panadería Sol")
    page = desk.get("/", Host="released.example")[1]
    assert "Panadería" not in page
    assert "api_key" in page
    assert str(desk.instance.settings.released_home) not in page
    key = {"Authorization": f"Bearer {desk.instance.api_key}"}
    assert desk.post("/start/preview", PREVIEW, Host="released.example", **key)[0] == 200
    assert (
        desk.post("/start/preview", PREVIEW, Host="released.example", Authorization="Bearer wrong")[0] == 401
    )


def test_behind_the_proxy_that_only_this_machine_reaches_a_person_is_at_the_machine(tmp_path: Path) -> None:
    peer, host = ("192.0.2.7", 5), (b"host", b"localhost:8080")

    def seen(proxy: str | None, *headers: tuple[bytes, bytes]) -> bool:
        instance = open_instance(Settings(_env_file=None, released_home=tmp_path, local_proxy=proxy))
        app = FastAPI()
        app.state.instance = instance
        instance.close()
        return is_local(Request({"type": "http", "client": peer, "headers": [host, *headers], "app": app}))

    assert seen("192.0.2.7")
    assert not seen("192.0.2.7", (b"x-forwarded-for", b"203.0.113.9"))
    assert not seen("192.0.2.8")
    assert not seen("no-such-name.invalid")
    assert not seen(None)


@pytest.mark.parametrize(
    ("peer", "local"),
    [
        (("127.0.0.1", 5), True),
        (("::1", 5), True),
        (("::ffff:127.0.0.1", 5), True),
        (("127.9.9.9", 5), True),
        (("192.0.2.7", 5), False),
        (("::ffff:192.0.2.7", 5), False),
        (("2001:db8::1", 5), False),
        (("testclient", 5), False),
        (None, False),
    ],
)
def test_only_a_loopback_peer_is_local(quiet_desk: Desk, peer: tuple[str, int] | None, local: bool) -> None:
    app = FastAPI()
    app.state.instance = quiet_desk.instance
    request = {"type": "http", "client": peer, "headers": [(b"host", b"localhost:8080")], "app": app}
    assert is_local(Request(request)) is local
