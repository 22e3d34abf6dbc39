"""A client's instance as a compose project of its own: `released-NAME`, with its own networks, volumes and port."""

from pathlib import Path

from src.accounts.backup.beside import ENDING
from src.cli.clients import edge
from src.cli.clients.docker import compose, docker
from src.cli.clients.folder import Client, Trouble, home, only_one

_IMAGE = "released-clients"
_built: list[str] = []  # an upgrade gives all of its clients the same, whatever is written meanwhile
_SERVICES = {"web", "worker", "beat", "db", "redis", "caddy"}


class Containers:
    """All of docker-compose.yml, with the client's `.env`."""

    patience = 300

    def __init__(self, client: Client) -> None:
        self._client = client
        self._label = f"label=com.docker.compose.project={client.project}"

    def start(self) -> None:
        """Brings up what does not run, from the image that the client has; builds one when it has none."""
        if "RELEASED_IMAGE" not in self._client.env():
            self._take_image()
        if not self._running() >= _SERVICES:
            self._compose("up", "-d", "--no-build")
        if domain := self._client.about()["domain"]:
            edge.add_site(self._client, domain)

    def stop(self) -> None:
        """Stops all containers in good order."""
        if self._running():
            self._compose("stop")

    def renew(self) -> None:
        """Builds this version's image and exchanges the containers."""
        self._take_image()
        self._compose("up", "-d", "--no-build")

    def backup(self, to: Path, key: Path) -> None:
        """Writes it into one sealed file. The key goes in over a pipe and stays in the container's memory."""
        web = docker(
            "ps", "-q", "--filter", self._label, "--filter", "label=com.docker.compose.service=web"
        ).split()
        if not web:
            raise Trouble(
                f"{self._client.name} is stopped: `released clients start {self._client.name}` first"
            )
        inside = f"/data/{to.name}"
        docker("exec", "-i", web[0], "sh", "-c", "umask 077; cat >/tmp/key", given=key.read_text())
        try:
            docker("exec", web[0], "released", "backup", "--to", inside, "--key-file", "/tmp/key")  # noqa: S108
            for ending in ("", ENDING):
                docker("cp", f"{web[0]}:{inside}{ending}", f"{to}{ending}")
                Path(f"{to}{ending}").chmod(0o600)
        finally:
            docker("exec", web[0], "rm", "-f", "/tmp/key", inside, inside + ENDING)  # noqa: S108

    def is_running(self) -> bool:
        """True while its web service runs."""
        return "web" in self._running()

    def is_failing(self) -> bool:
        """True while the engine starts something of it again and again."""
        return bool(docker("ps", "-q", "--filter", self._label, "--filter", "status=restarting").strip())

    def erase(self) -> None:
        """Removes containers, networks and volumes, and its site from the edge."""
        edge.remove_site(self._client)
        self._compose("down", "-v", "--remove-orphans")

    def trouble(self) -> str:
        """How to look into it."""
        return f"see `docker compose --env-file {self._client.env_file} logs --tail 20`"

    def _running(self) -> set[str]:
        form = '{{.Label "com.docker.compose.service"}}'
        return set(docker("ps", "--filter", self._label, "--format", form).split())

    def _compose(self, *words: str) -> str:
        return compose(*_project(self._client), *words)

    def _take_image(self) -> None:
        image = _image_of_now(self._client)
        with only_one(home()):
            self._client.change_env({"RELEASED_IMAGE": image})


def _project(client: Client) -> list[str]:
    files = ["-f", "docker-compose.yml", "-f", "deploy/edge/client.yml"]
    return ["-p", client.project, "--env-file", str(client.env_file), *files]


def _image_of_now(client: Client) -> str:
    """This version's image, built once by this process, under a name that no later build takes."""
    if not _built:
        compose(*_project(client), "build", "-q", "migrate", RELEASED_IMAGE=_IMAGE)
        number = (
            docker("image", "inspect", "--format", "{{.Id}}", _IMAGE).strip().removeprefix("sha256:")[:12]
        )
        docker("tag", _IMAGE, f"{_IMAGE}:{number}")
        _built.append(f"{_IMAGE}:{number}")
    return _built[0]
