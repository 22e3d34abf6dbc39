"""The doctor asks the address under which Meta reaches the instance: name, certificate, and who answers there."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.doctor_world import Visit, certificate, server
from tests.ports import free_port

VERIFY = "a-word-of-ours"


def visit(public_url: str, home: Path, **settings: str) -> Visit:
    """What is found of the address."""
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "released.db").touch(mode=0o600)
    given = {"RELEASED_HOME": str(home), "PUBLIC_URL": public_url, "META_VERIFY_TOKEN": VERIFY}
    return Visit(**given, **settings)


def instance(path: str, query: dict[str, str]) -> tuple[int, Any]:
    """What this instance answers."""
    if path == "/health":
        return 200, {"status": "ok", "version": "0.1.0"}
    if query.get("hub.verify_token") != VERIFY:
        return 403, "no"
    return 200, query["hub.challenge"]


def hidden(path: str, query: dict[str, str]) -> tuple[int, Any]:
    """This instance behind a proxy that shows its health to nobody."""
    return (404, "no") if path == "/health" else instance(path, query)


def another_instance(path: str, query: dict[str, str]) -> tuple[int, Any]:
    """An instance with another verify token."""
    return (403, "no") if path == "/webhook" else instance(path, query)


def another_server(path: str, _query: dict[str, str]) -> tuple[int, Any]:
    """Any web server."""
    return (200, "It works!") if path == "/webhook" else (500, "It does not")


def test_an_address_that_is_ours_is_well(tmp_path: Path) -> None:
    for answers in (instance, hidden):
        with server(answers) as url:
            found = visit(url, tmp_path)
            assert [
                found.state(name) for name in ("public url", "public name", "public address", "handshake")
            ] == ["ok"] * 4


def test_another_instance_and_another_server_are_told_apart(tmp_path: Path) -> None:
    with server(another_instance) as url:
        found = visit(url, tmp_path)
        assert (found.state("public address"), found.state("handshake")) == ("ok", "fail")
        assert "verify token is refused" in found.said("handshake")
    with server(another_server) as url:
        found = visit(url, tmp_path)
        assert (found.state("public address"), found.state("handshake")) == ("fail", "fail")


def test_a_name_that_is_not_known_and_an_address_without_a_server_are_found(tmp_path: Path) -> None:
    found = visit("https://nowhere.invalid", tmp_path)
    assert found.state("public name") == "fail"
    assert "public address" not in found.checks
    found = visit(f"http://127.0.0.1:{free_port()}", tmp_path)
    assert "nobody listens there" in found.said("public address")
    assert VERIFY not in str(found.document)


def test_meta_wants_https(tmp_path: Path) -> None:
    live = {"META_ACCESS_TOKEN": "EAAGtoken", "META_APP_SECRET": "secret"}
    with server(instance) as url:
        assert visit(url, tmp_path).state("public url") == "ok"
        assert visit(url, tmp_path, **live).state("public url") == "fail"


@pytest.mark.parametrize(("days", "state"), [(60, "ok"), (10.5, "warn"), (1.5, "fail"), (-1, "fail")])
def test_a_certificate_is_read_before_it_ends(tmp_path: Path, days: float, state: str) -> None:
    context, trusted = certificate(tmp_path, days)
    with server(instance, context) as url:
        found = visit(url, tmp_path / "home", SSL_CERT_FILE=str(trusted))
    assert found.state("certificate") == state
    assert ("expired" in found.said("certificate")) == (days < 0)


def test_a_certificate_that_nobody_vouches_for_is_found(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path, 60)
    with server(instance, context) as url:
        found = visit(url, tmp_path / "home")
    assert found.state("certificate") == "fail"
    assert "self-signed" in found.said("certificate")


def test_an_address_without_tls_is_found(tmp_path: Path) -> None:
    with server(instance) as url:
        found = visit(url.replace("http://", "https://"), tmp_path)
    assert "does not speak TLS" in found.said("certificate")
