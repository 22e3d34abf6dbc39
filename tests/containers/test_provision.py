"""Clients in containers beside each other: provisioned, cut off and completed, behind one edge, and removed."""

import secrets
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from tests.containers.engine import PROJECT, compose_command, run
from tests.e2e.provision.fleet import Fleet
from tests.ports import free_port
from tests.world import eventually

ROOT = "/data/caddy/pki/authorities/local/root.crt"
EDGE = "label=com.docker.compose.project=released-edge"


def of_project(name: str, kind: str) -> list[str]:
    everything = ["-a"] if kind == "container" else []
    return run(
        "docker", kind, "ls", "-q", *everything, "--filter", f"label=com.docker.compose.project={name}"
    ).split()


class World:
    """A fleet of this test's own, and its edge at ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.fleet, self.names = Fleet(folder / "clients"), [f"test-{secrets.token_hex(3)}" for _ in range(2)]
        self.secure = free_port()

    def add(self, name: str) -> list[str]:
        return ["clients", "add", name, "+34600000147", "--domain", f"{name}.localhost"]

    def provision(self, name: str) -> None:
        done = self.fleet.run(*self.add(name))
        assert done.returncode == 0, done.stdout + done.stderr

    def get(self, name: str, path: str) -> int:
        """Status of one request over HTTPS."""
        domain = f"{name}.localhost"
        edge = run("docker", "ps", "-q", "--filter", EDGE).strip()
        trusted = ssl.create_default_context(cadata=run("docker", "exec", edge, "cat", ROOT))
        with urllib3.HTTPSConnectionPool(
            "127.0.0.1", self.secure, ssl_context=trusted, server_hostname=domain, assert_hostname=domain
        ) as pool:
            return pool.request("GET", path, headers={"Host": domain}, redirect=False, retries=False).status

    def is_begun(self, name: str) -> bool:
        return (self.fleet.folder / name / ".env").exists() and "RELEASED_IMAGE" in self.fleet.env(name)

    def is_shown(self, name: str) -> bool:
        try:
            return self.get(name, "/health") == 200
        except HTTPError:
            return False

    @contextmanager
    def watched(self, name: str) -> Iterator[Counter[int]]:
        """What a client's domain answers in the meantime, by status; 0 where nothing did."""
        seen: Counter[int] = Counter()
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.1):
                try:
                    seen[self.get(name, "/health")] += 1
                except HTTPError:
                    seen[0] += 1

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield seen
        finally:
            ended.set()
            watcher.join()

    def end(self) -> None:
        images = {self.fleet.env(name)["RELEASED_IMAGE"] for name in self.names if self.is_begun(name)}
        for name in self.names:
            self.fleet.run("clients", "remove", name, "--yes", "--purge")
        for image in images:
            subprocess.run(["docker", "image", "rm", image], capture_output=True, check=False)
        env_file = self.fleet.folder / ".edge/.env"
        if env_file.exists():
            words = (
                "-p",
                "released-edge",
                "--env-file",
                str(env_file),
                "-f",
                "deploy/edge/compose.yml",
                "down",
                "-v",
            )
            run(*compose_command(), *words, cwd=PROJECT)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    if run("docker", "ps", "-aq", "--filter", EDGE).strip():
        pytest.skip("this machine has an edge of its own")
    made = World(tmp_path)
    monkeypatch.setenv("EDGE_HTTP_PORT", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("EDGE_HTTPS_PORT", f"127.0.0.1:{made.secure}")
    try:
        yield made
    finally:
        made.end()


def test_clients_share_an_edge_and_nothing_else(world: World) -> None:
    first, second = world.names
    cut_off = world.fleet.begin(*world.add(first))
    eventually(
        lambda: run("docker", "ps", "-q", "--filter", f"label=com.docker.compose.project=released-{first}"),
        300,
    )
    cut_off.kill()
    cut_off.communicate()
    world.provision(first)
    eventually(lambda: world.is_shown(first), 60)
    before = (
        (world.fleet.folder / first / ".env").read_bytes(),
        sorted(of_project(f"released-{first}", "container")),
    )
    with world.watched(first) as seen:
        world.provision(second)
        world.provision(first)
    assert set(seen) == {200}, seen
    after = (
        (world.fleet.folder / first / ".env").read_bytes(),
        sorted(of_project(f"released-{first}", "container")),
    )
    assert before == after
    eventually(lambda: world.is_shown(second), 60)
    for name in world.names:
        assert "ejemplo" in world.fleet.asks(name, "¿qué es este bot?")
        assert len(world.fleet.api(name, "/agent")["agents"]) == 1
        for path in ("/sandbox/", "/metrics", "/ready"):
            assert world.get(name, path) == 404
    assert [line.split()[5] for line in world.fleet.care("list").splitlines()[1:]] == ["healthy"] * 2
    with world.watched(second) as seen:
        world.fleet.care("remove", first, "--yes")
    assert set(seen) == {200}, seen
    for kind in ("container", "volume", "network"):
        assert of_project(f"released-{first}", kind) == []
    assert list((world.fleet.folder / ".backups").glob(f"{first}-*.backup"))
    world.fleet.care("upgrade", second)
    world.fleet.care("stop", second)
    world.fleet.care("start", second)
    assert "ejemplo" in world.fleet.asks(second, "¿qué es este bot?")
