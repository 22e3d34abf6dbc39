"""Every answer, whoever gives it and however it ends, has the headers of the one table."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from src.api.headers import HTTPS, TABLE, kind_of
from src.main import create_app
from tests.integration.console.conftest import Desk
from tests.integration.edge.conftest import ask, elsewhere, instance, key_of
from tests.unit.test_docs import rows_below

MORE = [
    *(("GET", "/nowhere"), ("GET", "/static/nothing.js"), ("GET", "/static/start.js"), ("POST", "/")),
    *(("GET", "/webhook"), ("POST", "/webhook"), ("DELETE", "/webhook"), ("GET", "/language/xx")),
    *(("GET", "/sandbox/static/main.js"), ("GET", "/sandbox/static/index.html"), ("OPTIONS", "/agent")),
    *(("GET", "/openapi.json"), ("GET", "/static"), ("GET", "/sandbox/nowhere")),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with instance(tmp_path_factory.mktemp("headers")) as found:
        yield found


def routes_of(routes: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if getattr(route, "methods", None):
            path = re.sub(r"\{[^}]+\}", lambda name: "v26.0" if "version" in name[0] else "7", route.path)
            yield from ((method, prefix + path) for method in route.methods)
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router.routes, prefix)


def assert_what_a_browser_needs(answer: urllib3.BaseHTTPResponse) -> None:
    """Whatever the table says."""
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert not any("unsafe" in part or "*" in part for part in policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    is_file = answer.headers.get("ETag") is not None  # of ours, the same for everybody
    assert is_file or answer.headers["Cache-Control"] in ("no-store", "private")


def assert_of_the_table(path: str, answer: urllib3.BaseHTTPResponse, https: bool) -> None:
    own = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    for name, value in {**TABLE[kind_of(path, own)], **(HTTPS if https else {})}.items():
        found = answer.headers.getlist(name)
        if name == "Cache-Control" and found != [value]:
            assert found in (["no-cache"], ["private"]), (path, found)
        else:
            assert found == [value], (path, name)
    assert_what_a_browser_needs(answer)
    assert https or "Strict-Transport-Security" not in answer.headers
    kind = answer.headers.get("Content-Type", "")
    assert not answer.data or (kind if not kind.startswith("text/") else "charset=utf-8" in kind), path


@pytest.mark.parametrize("https", [True, False])
def test_every_route_that_there_is(desk: Desk, https: bool) -> None:
    app: Any = create_app(desk.instance).app
    every = set(MORE) | set(routes_of(app.api.routes))
    every |= set(routes_of(desk.beside.routes, "/sandbox"))
    assert len(every) > 70
    assert {"/agent/7/ask", "/metrics", "/docs", "/sandbox/v26.0/7/messages"} <= {path for _, path in every}
    for method, path in sorted(every):
        if path == "/sandbox/api/events":  # it never ends
            continue
        proxied = elsewhere("127.0.0.1") if https else {}
        assert_of_the_table(path, ask(desk, method, path, **proxied, **key_of(desk)), https)
        assert_of_the_table(path, ask(desk, method, path, **proxied), https)


def test_nothing_answers_trace(desk: Desk) -> None:
    for path in ("/", "/agent", "/webhook", "/health", "/docs", "/sandbox/", "/static/start.js", "/nowhere"):
        answer = ask(desk, "TRACE", path, X_Marked="seen", **key_of(desk))
        assert answer.status in (404, 405), path
        assert b"seen" not in answer.data


def test_an_answer_from_the_cache_keeps_its_policy(desk: Desk) -> None:
    for path in ("/static/start.js", "/sandbox/static/index.html"):
        whole = ask(desk, "GET", path)
        again = ask(desk, "GET", path, If_None_Match=whole.headers["ETag"])
        assert again.status == 304
        for name in ("Content-Security-Policy", "X-Content-Type-Options"):
            assert again.headers[name] == whole.headers[name]


def test_over_https_the_cookie_is_for_this_host_and_for_https_alone(desk: Desk) -> None:
    over_https = elsewhere("127.0.0.1")
    chosen = ask(desk, "GET", "/language/pt-BR", **over_https)
    cookie, *marks = chosen.headers["Set-Cookie"].split("; ")
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(marks)
    assert not any(mark.startswith("Domain") for mark in marks)
    shown = ask(desk, "GET", "/", Cookie=cookie, Accept_Language="es", **over_https)
    assert b'<html lang="pt-BR"' in shown.data
    # Without https a browser would not take it back; and what is set without https counts for nothing with it.
    plain = ask(desk, "GET", "/language/pt-BR").headers["Set-Cookie"]
    assert "__Host-" not in plain
    plainly = ask(desk, "GET", "/", Cookie=plain.partition(";")[0], Accept_Language="es", **over_https)
    assert b'<html lang="es"' in plainly.data


def test_only_the_telephone_may_ask_for_the_microphone(desk: Desk) -> None:
    assert "microphone=(self)" in ask(desk, "GET", "/sandbox/").headers["Permissions-Policy"]
    assert "microphone=()" in ask(desk, "GET", "/").headers["Permissions-Policy"]


def test_an_error_of_ours_has_them_too(tmp_path: Path) -> None:
    with instance(tmp_path) as desk:
        with desk.instance.database.transaction() as session:
            session.exec_driver_sql("ALTER TABLE agent RENAME TO elsewhere")
        answer = ask(desk, "GET", "/agent", **key_of(desk))
        assert answer.status == 503
        assert_of_the_table("/agent", answer, https=False)


def test_the_page_tells_the_table() -> None:
    told = {
        (row[0].strip("`"), row[1].strip("`")): row[2].strip("`")
        for row in rows_below("security/headers.md", "## The table")[1:]
    }
    common = set.intersection(*(set(row.items()) for row in TABLE.values()))
    table = {("every answer", name): value for name, value in [*common, *HTTPS.items()]}
    table |= {
        (kind, name): value
        for kind, row in TABLE.items()
        for name, value in row.items()
        if (name, value) not in common
    }
    assert told == table
