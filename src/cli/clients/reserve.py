"""What a client needs of its own before it can start: secrets, a free port, settings that fit together."""

import secrets
import socket
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from src.cli.clients.folder import (
    Client,
    Trouble,
    checked,
    every_client,
    home,
    only_one,
    private,
    write_whole,
)

PORTS = range(8101, 9000)
# What each client gets from us, whatever a file of its settings says.
OURS = {
    *("PORT", "HOST", "METRICS_PORT", "RELEASED_HOME", "SANDBOX_URL", "DOMAIN"),
    *("DATABASE_URL", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"),
    *("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "REDIS_PASSWORD", "REDIS_PREFIX"),
    *("COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "RELEASED_ENV_FILE", "RELEASED_IMAGE"),
}
_HEAD = """\
# The client {name}, {phone_number}. Made by provision_client.sh; yours to change (docs/settings.md).
# After a change: released clients stop {name} && released clients start {name}. No quotes, no $.
"""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: `values` are a client's real settings, `port` and `domain` may be left to us."""

    phone_number: str
    embedded: bool
    kind: str
    port: int | None = None
    domain: str | None = None
    values: dict[str, str] = field(default_factory=dict, repr=False)


def reserve(client: Client, wanted: Wanted) -> None:
    """Writes down who the client is, and its settings.

    Safe to repeat, also after half of it was done. Raises `Trouble` when the client is another one, or stands in
    the way of itself.
    """
    with only_one(home()):
        about, before = client.about(), client.env()
        _refuse_another(client, about, wanted)
        settled = {
            "name": client.name,
            "phone_number": wanted.phone_number,
            "kind": about.get("kind", wanted.kind),
            "domain": wanted.domain or about.get("domain"),
        }
        values = _merged(client, settled, before, wanted)
        private(client.folder)
        if settled != about:
            client.tell(settled)
        if not before:
            lines = "".join(f"{key}={value}\n" for key, value in values.items())
            write_whole(client.env_file, _HEAD.format(**settled) + lines)
        elif values != before:
            client.change_env({key: value for key, value in values.items() if before.get(key) != value})


def _refuse_another(client: Client, about: dict[str, Any], wanted: Wanted) -> None:
    for other in every_client():
        if wanted.domain and other != client and other.about().get("domain") == wanted.domain:
            raise Trouble(f"{wanted.domain} leads to the client {other.name}: choose another --domain")
    if not about:
        return
    if about["phone_number"] != wanted.phone_number:
        raise Trouble(
            f"{client.name} has the number {about['phone_number']}, not {wanted.phone_number}: choose another name, "
            f"or first `released clients remove {client.name}`"
        )
    if (about["kind"] != "docker") != wanted.embedded:
        way = "in containers" if wanted.embedded else "without containers (--embedded)"
        raise Trouble(
            f"{client.name} runs {way}: repeat it so, or first `released clients remove {client.name}`"
        )


def _merged(client: Client, about: dict[str, Any], before: dict[str, str], wanted: Wanted) -> dict[str, str]:
    """The settings that the client has from now on. What was made once is never made anew."""
    given = dict(wanted.values)
    if wanted.domain:
        given.setdefault("PUBLIC_URL", f"https://{wanted.domain}")
        given["DOMAIN"] = wanted.domain
    if before:
        _refuse_exchange(client, before, wanted)
        values = {**before, **given}
    else:
        values = {**_made(client, about, _port(client, wanted.port)), **given}
    try:
        settings = checked(values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise Trouble(f"{name + ': ' if name else ''}{reason}") from None
    if before and checked(before).sandbox_mode and not settings.sandbox_mode:
        raise Trouble(
            f"{client.name} was made in the sandbox, and its number is registered there: "
            f"`released clients remove {client.name}`, then provision it anew with these settings"
        )
    return values


def _refuse_exchange(client: Client, before: dict[str, str], wanted: Wanted) -> None:
    if wanted.port not in (None, int(before["PORT"])):
        raise Trouble(
            f"{client.name} has the port {before['PORT']}, not {wanted.port}: leave --port out, or stop the client and "
            f"change PORT in {client.env_file}"
        )
    if wanted.values.get("SECRET_KEY", before["SECRET_KEY"]) != before["SECRET_KEY"]:
        raise Trouble(f"{client.name} has a SECRET_KEY, and what it stored is sealed with it: leave it out")


def _made(client: Client, about: dict[str, Any], port: int) -> dict[str, str]:
    """Fresh settings. Passwords are letters and digits, so that they fit into an address as they are."""
    values = {
        "APP_ENV": "prod",
        "PORT": str(port),
        "SECRET_KEY": secrets.token_hex(32),
        "API_KEY": f"rel_{secrets.token_hex(20)}",
        "META_VERIFY_TOKEN": secrets.token_hex(16),
        "REDIS_PREFIX": client.name,
        "RELEASED_DEMO": "0",
    }
    if about["kind"] != "docker":
        data = client.folder / "data"
        return {**values, "RELEASED_HOME": str(data), "DATABASE_URL": f"sqlite:///{data / 'released.db'}"}
    password = secrets.token_hex(20)
    return {
        **values,
        "RELEASED_HOME": "/data",
        "COMPOSE_PROJECT_NAME": client.project,
        "COMPOSE_FILE": "docker-compose.yml:deploy/edge/client.yml",
        "RELEASED_ENV_FILE": str(client.env_file),
        "POSTGRES_USER": "released",
        "POSTGRES_PASSWORD": password,
        "POSTGRES_DB": "released",
        "REDIS_PASSWORD": secrets.token_hex(20),
        "DATABASE_URL": f"postgresql://released:{password}@db:5432/released",
        "CELERY_BROKER_URL": "redis://redis:6379/0",
        "CELERY_RESULT_BACKEND": "redis://redis:6379/1",
    }


def _port(client: Client, wanted: int | None) -> int:
    """A port that no other client has and nobody listens at. Raises `Trouble`."""
    others = {one.env().get("PORT"): one.name for one in every_client() if one != client}
    if wanted is None:
        for port in PORTS:
            if str(port) not in others and _is_free(port):
                return port
        raise Trouble(f"no port from {PORTS.start} to {PORTS.stop - 1} is free: choose one with --port")
    if str(wanted) in others:
        raise Trouble(f"port {wanted} is the client {others[str(wanted)]}'s: choose another with --port")
    if not _is_free(wanted):
        raise Trouble(f"port {wanted} is taken by another program: end it, or choose another with --port")
    return wanted


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
