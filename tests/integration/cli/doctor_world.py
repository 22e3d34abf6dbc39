"""What the tests of the doctor share: a look by the command, a Meta and a server that say what they are told."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from src.cli import released

Answers = Callable[[str, dict[str, str]], tuple[int, Any]]  # path and query: status and JSON or text


class Visit:
    """What `released doctor --json` said."""

    def __init__(self, *words: str, **settings: str | None) -> None:
        done = CliRunner().invoke(released, ["doctor", "--json", *words], env=settings)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        self.exit_code = done.exit_code
        self.document: dict[str, Any] = json.loads(done.output)
        self.checks = {check["name"]: check for check in self.document["checks"]}

    def state(self, name: str) -> str:
        """ok, warn or fail; every complaint has its cause and its cure."""
        check = self.checks[name]
        assert check["state"] == "ok" or (check["cause"] and check["cure"]), check
        return str(check["state"])

    def said(self, name: str) -> str:
        """All that was said of one check."""
        return " | ".join(str(value) for value in self.checks[name].values())

    def complaints(self) -> dict[str, str]:
        """What is not ok."""
        return {name: check["state"] for name, check in self.checks.items() if check["state"] != "ok"}


@contextmanager
def server(answers: Answers, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a server that answers every GET as it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            pairs = (pair.partition("=") for pair in query.split("&") if pair)
            status, body = answers(path, {name: value for name, _, value in pairs})
            raw = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.daemon_threads = True
    if context is not None:
        served.socket = context.wrap_socket(served.socket, server_side=True)
    threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"{'http' if context is None else 'https'}://127.0.0.1:{served.server_port}"
    finally:
        served.shutdown()
        served.server_close()


def certificate(folder: Path, days: float) -> tuple[ssl.SSLContext, Path]:
    """What a server of 127.0.0.1 needs, with a certificate for so many days, and the file that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "private.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
