"""The address under which Meta reaches the instance: name, certificate, and whether it is really this instance."""

import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from src.cli.checks.finding import SECONDS, Finding, fail, ok, warn
from src.cli.checks.web import ask
from src.core.settings import Settings

_DAYS, _FEW_DAYS = 14, 3
_DAY = 24 * 3600


def public(settings: Settings, verify_token: str | None) -> Iterator[Finding]:
    """What can be seen of PUBLIC_URL from here; the name's owner may see it otherwise."""
    url = settings.public_url
    if url is None:
        yield _unset(settings)
        return
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    yield _scheme(settings, url)
    try:
        addresses = {found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        cure = f"make an A or AAAA record for {host} at your name server, or correct PUBLIC_URL"
        yield fail("public name", f"{host} is not known", error.strerror or str(error), cure)
        return
    yield ok("public name", f"{host} is {', '.join(sorted(map(str, addresses)))}")
    if parts.scheme == "https":
        yield _certificate(host, port)
    yield from _instance(url, verify_token)


def _unset(settings: Settings) -> Finding:
    if settings.sandbox_mode:
        return ok("public url", "not set; the sandbox needs none")
    cause = "Meta needs an https address to bring messages to"
    return warn("public url", "not set", cause, "set PUBLIC_URL=https://YOUR.HOST")


def _scheme(settings: Settings, url: str) -> Finding:
    if url.startswith("https://") or settings.sandbox_mode:
        return ok("public url", url)
    cure = "put a proxy with a certificate in front (docs/running.md) and set PUBLIC_URL=https://…"
    return fail("public url", url, "Meta calls https addresses only", cure)


def _certificate(host: str, port: int) -> Finding:
    cure = "look into the proxy's log; Caddy renews by itself when ports 80 and 443 are reached from outside"
    try:
        with (
            socket.create_connection((host, port), timeout=SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return fail(
            "certificate", "it is not accepted", f"{error.verify_message}; Meta would say the same", cure
        )
    except OSError as error:
        return fail("certificate", f"{host}:{port} does not speak TLS", error.strerror or str(error), cure)
    days = int((ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) // _DAY)
    found = f"ends in {days} days"
    if days < _FEW_DAYS:
        return fail("certificate", found, "it was not renewed", cure)
    if days < _DAYS:
        return warn("certificate", found, "it should have been renewed by now", cure)
    return ok("certificate", found)


def _instance(url: str, verify_token: str | None) -> Iterator[Finding]:
    health = ask(f"{url}/health")
    if health.status == 0:
        cure = "start the instance and the proxy, and open the port in the firewall"
        yield fail("public address", f"{url} does not answer", health.text, cure)
        return
    if health.status == 200 and isinstance(health.json, dict) and health.json.get("status") == "ok":
        yield ok("public address", f"/health answers, version {health.json.get('version')}")
    elif health.status in (401, 403, 404):
        yield ok("public address", f"it answers; /health is not shown outside ({health.status})")
    else:
        cure = "let the proxy pass everything on to this instance's HOST and PORT"
        yield fail(
            "public address",
            f"/health answers {health.status}",
            "another server, or a proxy without us",
            cure,
        )
    if verify_token is not None:
        yield _handshake(url, verify_token)


def _handshake(url: str, verify_token: str) -> Finding:
    """Meta's own question, with our own token: only this instance knows the answer."""
    challenge = str(secrets.randbelow(10**9))
    given = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
    answer = ask(f"{url}/webhook", given)
    if answer.status == 200 and answer.text == challenge:
        return ok("handshake", f"{url}/webhook is this instance")
    if answer.status == 403:
        return fail(
            "handshake",
            "the verify token is refused",
            "another instance answers there, or the running one was started with another META_VERIFY_TOKEN or SECRET_KEY",
            "point PUBLIC_URL at this instance, or start it again with these settings",
        )
    cure = "let the proxy pass /webhook with its query to this instance, without a redirect or a login"
    return fail(
        "handshake", f"/webhook answers {answer.status or answer.text}", "it does not reach us as it is", cure
    )
