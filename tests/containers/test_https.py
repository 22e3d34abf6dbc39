"""With DOMAIN, the proxy speaks HTTPS to the world, and plain HTTP to this machine alone."""

import socket
import ssl
from collections.abc import Iterator

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from tests.containers.engine import Containers
from tests.ports import free_port
from tests.world import call, eventually

DOMAIN = "bot.localhost"  # a name for which Caddy signs by itself
ROOT = "/data/caddy/pki/authorities/local/root.crt"


class Edge:
    """The public side of a project."""

    def __init__(self, containers: Containers) -> None:
        self.containers, self.plain, self.secure = containers, free_port(), free_port()
        self.env = {
            "COMPOSE_FILE": "docker-compose.yml:deploy/compose.https.yml",
            "DOMAIN": DOMAIN,
            "PUBLIC_URL": f"https://{DOMAIN}",
            "HTTP_PORT": f"127.0.0.1:{self.plain}",
            "HTTPS_PORT": f"127.0.0.1:{self.secure}",
        }

    def get(self, path: str) -> urllib3.BaseHTTPResponse:
        """One request over HTTPS, which trusts what this Caddy signs and nothing else."""
        trusted = ssl.create_default_context(cadata=self.containers.execute("caddy", "cat", ROOT))
        with urllib3.HTTPSConnectionPool(
            "127.0.0.1", self.secure, ssl_context=trusted, server_hostname=DOMAIN, assert_hostname=DOMAIN
        ) as pool:
            return pool.request("GET", path, headers={"Host": DOMAIN}, redirect=False, retries=False)

    def answers(self) -> bool:
        """True when there is a certificate, and the platform behind it."""
        try:
            return self.get("/health").status == 200
        except (AssertionError, HTTPError):
            return False


@pytest.fixture(scope="module")
def edge(containers: Containers) -> Iterator[Edge]:
    made = Edge(containers)
    containers.compose("up", "-d", "--no-deps", "caddy", "web", **made.env)
    try:
        eventually(made.answers, 60)
        yield made
    finally:
        containers.compose("up", "-d", "--no-deps", "caddy", "web")
        eventually(containers.is_ready, 60)


def test_https_comes_with_the_headers_that_keep_a_browser_safe(edge: Edge) -> None:
    headers = edge.get("/").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"]


def test_over_plain_http_pages_lead_to_https_and_nothing_else_does(edge: Edge) -> None:
    plain = f"http://127.0.0.1:{edge.plain}"
    for path in ("/", "/docs", "/static/start.js", "/language/es"):
        with urllib3.PoolManager(retries=False) as pool:
            answer = pool.request("GET", plain + path, headers={"Host": DOMAIN}, redirect=False)
        assert (answer.status, answer.headers["Location"]) == (308, f"https://{DOMAIN}{path}")
    for method, path in (("GET", "/agent"), ("POST", "/webhook"), ("POST", "/"), ("GET", "/health")):
        assert call(method, plain + path, Host=DOMAIN)[0] == 403


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_older_tls_than_1_2_is_not_spoken(edge: Edge, version: ssl.TLSVersion) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", edge.secure), timeout=10) as line,
        pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"),
    ):
        old.wrap_socket(line, server_hostname=DOMAIN)


def test_the_world_sees_neither_telephone_nor_figures(edge: Edge) -> None:
    for path in ("/sandbox/", "/sandbox/api/state", "/metrics", "/ready"):
        assert edge.get(path).status == 404


def test_the_webhook_is_there_for_meta_and_the_telephone_for_this_machine(edge: Edge) -> None:
    assert edge.get("/webhook?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1").status == 403
    assert call("GET", f"{edge.containers.url}/sandbox/api/state")[0] == 200
