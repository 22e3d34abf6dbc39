"""The edge: one Caddy for all clients of this machine, with ports 80 and 443; each client adds one site file."""

import os
import time
from pathlib import Path

from src.cli.clients.docker import compose, docker
from src.cli.clients.folder import Client, Trouble, home, only_one, private, write_whole

PROJECT_NAME = "released-edge"
_ALIAS = "released-edge"  # the name by which a client's web container knows it: TRUSTED_PROXIES in deploy/edge/client.yml
_SITE = """\
{domain} {{
	import safe
	reverse_proxy {project}:8080 {{
		import patience
	}}
}}
"""


def add_site(client: Client, domain: str) -> None:
    """Has the edge show the client at `domain`; the other sites go on meanwhile. Safe to call twice."""
    site = _site(client)
    private(home() / ".edge")
    site.parent.mkdir(mode=0o755, exist_ok=True)  # the proxy's user reads it; no secret lies there
    with only_one(home() / ".edge"):
        edge = _up()
        write_whole(site, _SITE.format(domain=domain, project=client.project))
        site.chmod(0o644)
        _connect_all(edge)
        try:
            _load(edge)  # also when the site was there: whoever wrote it may have been cut off here
        except Trouble:
            site.unlink()
            raise


def remove_site(client: Client) -> None:
    """The client's domain is no longer answered; its network is free to go. Safe to call twice."""
    site = _site(client)
    if not site.parent.is_dir():
        return
    with only_one(home() / ".edge"):
        site.unlink(missing_ok=True)
        if edge := _container():
            _load(edge)
            if _network(client) in _networks(edge, "{{$name}} "):
                docker("network", "disconnect", _network(client), edge)


def _site(client: Client) -> Path:
    return home() / ".edge/sites" / f"{client.name}.caddy"


def _up() -> str:
    """The edge's container, started when it does not run."""
    if edge := _container():
        return edge
    env_file = home() / ".edge/.env"
    if not env_file.exists():
        ports = {
            name: os.environ.get(name, port)
            for name, port in (("EDGE_HTTP_PORT", "80"), ("EDGE_HTTPS_PORT", "443"))
        }
        values = {**ports, "EDGE_SITES": str(home() / ".edge/sites")}
        write_whole(env_file, "".join(f"{name}={value}\n" for name, value in values.items()))
    compose("-p", PROJECT_NAME, "--env-file", str(env_file), "-f", "deploy/edge/compose.yml", "up", "-d")
    return _container()


def _container() -> str:
    return docker(
        "ps", "-q", "--no-trunc", "--filter", f"label=com.docker.compose.project={PROJECT_NAME}"
    ).strip()


def _network(client: Client) -> str:
    return f"{client.project}_front"


def _networks(edge: str, told: str) -> set[str]:
    """The edge's networks, as far as the template `told` (of `$name` and `$it`) tells them."""
    form = "{{range $name, $it := .NetworkSettings.Networks}}" + told + "{{end}}"
    return set(docker("inspect", "--format", form, edge).split())


def _connect_all(edge: str) -> None:
    """Connects the edge with every client that has a site; a new container of it knows none."""
    wanted = {_network(Client(site.stem)) for site in (home() / ".edge/sites").glob("*.caddy")}
    there = set(docker("network", "ls", "--format", "{{.Name}}").split())
    named = _networks(edge, '{{range $it.Aliases}}{{if eq . "' + _ALIAS + '"}}{{$name}} {{end}}{{end}}')
    for network in sorted((wanted & there) - named):
        if network in _networks(edge, "{{$name}} "):
            docker("network", "disconnect", network, edge)
        docker("network", "connect", "--alias", _ALIAS, network, edge)


def _load(edge: str) -> None:
    for pause in (0.2, 0.5, 1, 2, 4, 0):
        try:
            docker(
                "exec", edge, "caddy", "reload", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"
            )
            return
        except Trouble as error:
            if "refused" not in error.detail or not pause:
                raise
            time.sleep(pause)  # it has just been started
