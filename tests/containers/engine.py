"""A Docker engine, and a compose project of this test run's own."""

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

from urllib3.exceptions import HTTPError

from tests.ports import free_port
from tests.world import call, eventually

PROJECT = Path(__file__).resolve().parents[2]
SHIPPED = (
    "Dockerfile",
    ".dockerignore",
    "docker-compose.yml",
    "deploy",
    "requirements.txt",
    "requirements-dev.txt",
    "src",
    "sandbox",
    "evals",
    "migrations",
    "celery_worker",
)
IMAGE = f"released-test-{secrets.token_hex(3)}"


def run(
    *command: str, cwd: Path | None = None, env: dict[str, str] | None = None, seconds: float = 540
) -> str:
    """What a command wrote; its errors are shown when it fails."""
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def missing() -> str | None:
    """What is missing for these tests, and how to get it; None when they can run."""
    if shutil.which("docker") is None:
        return "no docker command: install Docker Engine, or set PATH"
    if subprocess.run(["docker", "info"], capture_output=True, timeout=30, check=False).returncode != 0:
        return "`docker info` fails: start the Docker engine, or name it in DOCKER_HOST"
    return None if compose_command() else "neither `docker compose` nor docker-compose is installed"


def compose_command() -> list[str]:
    """The compose that this machine has; the plugin comes first."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, timeout=30, check=False)
    if plugin.returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else []


class Containers:
    """A copy of what is shipped, with an `.env` of its own, as a compose project of a random name at a free port."""

    def __init__(self, home: Path, env: str) -> None:
        self.home, self.name, self.port = home, f"released-test-{secrets.token_hex(3)}", free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._compose = compose_command()
        home.mkdir(exist_ok=True)
        for name in SHIPPED:
            source = PROJECT / name
            if source.is_dir():
                shutil.copytree(source, home / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, home / name)
        (home / ".env").write_text(env)

    def compose(self, *arguments: str, **env: str) -> str:
        """Runs compose in this project."""
        given = {**os.environ, "PORT": str(self.port), "RELEASED_IMAGE": IMAGE, **env}
        return run(*self._compose, "-p", self.name, *arguments, cwd=self.home, env=given)

    def ids(self, service: str) -> list[str]:
        """The containers of a service that run."""
        return self._list(f"label=com.docker.compose.service={service}")

    def _list(self, *filters: str, everything: bool = False) -> list[str]:
        asked = [
            part
            for one in (f"label=com.docker.compose.project={self.name}", *filters)
            for part in ("--filter", one)
        ]
        return run("docker", "ps", "-q", "--no-trunc", *(["-a"] if everything else []), *asked).split()

    def inspect(self) -> dict[str, dict[str, Any]]:
        """Every container of the project as the engine knows it, by service; of several the last."""
        found = json.loads(run("docker", "inspect", *self._list(everything=True)))
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def execute(self, service: str, *command: str) -> str:
        """What a command wrote inside a container of a service."""
        return run("docker", "exec", self.ids(service)[0], *command)

    def kill(self, service: str) -> None:
        """kill -9 from outside, so that the engine sees a crash and not a wish; waits until another runs."""
        [container, *_] = self.ids(service)
        before = self._process(container)
        os.kill(before, 9)
        eventually(lambda: self._process(container) not in (0, before), 60)

    def _process(self, container: str) -> int:
        return int(run("docker", "inspect", "--format", "{{.State.Pid}}", container))

    def is_healthy(self, service: str, count: int = 1) -> bool:
        """True when that many containers of a service run and each says that it works."""
        found = self.ids(service)
        asked = [
            run("docker", "inspect", "--format", "{{.State.Health.Status}}", one).strip() for one in found
        ]
        return len(found) == count and set(asked) == {"healthy"}

    def is_ready(self) -> bool:
        """True when the platform takes and answers messages."""
        try:
            return bool(call("GET", f"{self.url}/ready")[0] == 200)
        except (OSError, HTTPError):
            return False

    def leftovers(self) -> list[str]:
        """What the engine still has of the project: containers, volumes, networks."""
        label = ["--filter", f"label=com.docker.compose.project={self.name}"]
        return [
            *self._list(everything=True),
            *run("docker", "volume", "ls", "-q", *label).split(),
            *run("docker", "network", "ls", "-q", *label).split(),
        ]
