"""Docker's commands, as this machine has them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from tempfile import TemporaryFile

from src.cli.clients.folder import PROJECT, Trouble, held
from src.cli.clients.supervised import environment

_OF_DOCKER = (
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"),
    *("DOCKER_BUILDKIT", "COMPOSE_DOCKER_CLI_BUILD", "PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
)


def docker(*words: str, given: str | None = None, **env: str) -> str:
    """What `docker …` wrote. Raises `Trouble` with the last line of its errors."""
    return _run(["docker", *words], env, given)


def compose(*words: str, **env: str) -> str:
    """As `docker`, of compose in the project's folder."""
    return _run([*compose_command(), *words], env, None)


@cache
def compose_command() -> tuple[str, ...]:
    """The compose that is there. Raises `Trouble` when none is, or no engine answers."""
    if shutil.which("docker") is None:
        raise Trouble("there is no docker command: install Docker Engine, or provision with --embedded")
    docker("version", "--format", "{{.Server.Version}}")
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if plugin.returncode == 0:
        return ("docker", "compose")
    if shutil.which("docker-compose"):
        return ("docker-compose",)
    raise Trouble(
        "neither `docker compose` nor docker-compose is there: install one, or provision with --embedded"
    )


def _run(command: list[str], env: Mapping[str, str], given: str | None) -> str:
    kept = {name: os.environ[name] for name in _OF_DOCKER if name in os.environ}
    with TemporaryFile("w+", encoding="utf-8") as out, TemporaryFile("w+", encoding="utf-8") as errors:
        # Files, and our locks with them: when this process is killed, what it began goes on to its end, and the
        # next process waits for that.
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env={**environment(), **kept, **env},
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            stdout=out,
            stderr=errors,
            text=True,
            check=False,
            pass_fds=held(),
        )
        for file in (out, errors):
            file.seek(0)
        if done.returncode != 0:
            raise Trouble(f"`{' '.join(command)}` failed: {_cause(errors.read())}")
        return out.read()


def _cause(errors: str) -> str:
    """The line that tells most: compose ends with one that says only that there was an error."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()] or ["it said nothing"]
    named = [line for line in lines if line.startswith(("ERROR: for", "ERROR:", "Error"))]
    return (named or lines[-1:])[0][:300]
