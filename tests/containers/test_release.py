"""The host's side of a deploy with a real engine and a real registry: by digest, while customers write."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from urllib3.exceptions import HTTPError

from tests.containers.engine import IMAGE, PROJECT, Containers, run
from tests.containers.telephone import QUESTION, Telephone, Trickle
from tests.containers.test_survival import assert_one_answer_each, webhooks_since
from tests.ports import free_port
from tests.world import eventually

SERVICES = ("web", "worker", "beat", "sandbox")
REGISTRY = """\
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
NEXT = "LABEL org.opencontainers.image.revision=next"
BROKEN = """\
USER 0
RUN sed -i 's/^  web) .*/  web) exit 1 ;;/' /app/.venv/bin/start-role
USER 10001:10001
"""


class Registry:
    """A registry of this test's own, and what is published there."""

    def __init__(self, port: int) -> None:
        self.name = f"127.0.0.1:{port}/released"

    def publish(self, tag: str, change: str = "") -> str:
        """The digest of the image of these tests, with a change."""
        name = f"{self.name}:{tag}"
        subprocess.run(
            ["docker", "build", "-q", "-t", name, "-"],
            input=f"FROM {IMAGE}\n{change}\n",
            text=True,
            check=True,
            capture_output=True,
        )
        run("docker", "push", "-q", name)
        digests = run("docker", "image", "inspect", "--format", '{{join .RepoDigests " "}}', name).split()
        run("docker", "image", "rm", name)
        return next(one for one in digests if one.startswith(self.name)).rpartition("@")[2]


@pytest.fixture(scope="module")
def registry(containers: Containers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Depends on the project whose start has built the image."""
    if shutil.which("docker-registry") is None:
        pytest.skip("docker-registry is not installed: run  sudo apt-get install docker-registry")
    folder, port = tmp_path_factory.mktemp("registry"), free_port()
    (folder / "config.yml").write_text(REGISTRY.format(folder=folder, port=port))
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(["docker-registry", "serve", folder / "config.yml"], stdout=log, stderr=log)
    try:
        eventually(lambda: b"listening on" in (folder / "log").read_bytes())
        yield Registry(port)
    finally:
        server.terminate()
        server.wait()


class Patient(Telephone):
    """Waits while the sandbox, which stands in for Meta, is exchanged itself."""

    def asks(self, text: str = QUESTION) -> str:
        """A customer nobody has heard of asks, as soon as there is somebody to ask."""
        ends = time.monotonic() + 60
        while True:
            try:
                return super().asks(text)
            except (AssertionError, HTTPError):
                if time.monotonic() > ends:
                    raise
                time.sleep(0.2)


class Released(Containers):
    """A project that is deployed and not started by hand."""

    def __init__(self, home: Path, registry: Registry) -> None:
        super().__init__(home, (PROJECT / ".env.example").read_text())
        env = (home / ".env").read_text().replace("PORT=8080\n", f"PORT={self.port}\n")
        (home / ".env").write_text(env)
        (home / "release.conf").write_text(f"IMAGE={registry.name}\nFOLDER={home}\nPROJECT={self.name}\n")

    def asked(self, command: str) -> subprocess.CompletedProcess[str]:
        """As sshd starts it for the pipeline's key."""
        given = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "DOCKER_HOST")}
        return subprocess.run(
            [PROJECT / "deploy/release/release.sh", self.home / "release.conf"],
            env={**given, "SSH_ORIGINAL_COMMAND": command},
            capture_output=True,
            text=True,
            timeout=540,
            check=False,
        )

    def images(self) -> set[str]:
        """The digests of what runs of ours."""
        form = "{{.Config.Image}}"
        found = [
            run("docker", "inspect", "--format", form, one)
            for service in SERVICES
            for one in self.ids(service)
        ]
        return {image.strip().rpartition("@")[2] for image in found}

    def begun(self, command: str, line: str) -> subprocess.Popen[str]:
        """As `asked`, until it says a line."""
        asking = subprocess.Popen(
            [PROJECT / "deploy/release/release.sh", self.home / "release.conf"],
            env={**os.environ, "SSH_ORIGINAL_COMMAND": command},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert asking.stdout is not None
        assert any(said.startswith(line) for said in asking.stdout), line
        return asking


def kill_session(leader: subprocess.Popen[str]) -> None:
    """kill -9 of a process and of all that it has started, until nothing of it is left."""
    while found := list(_of_session(leader.pid)):
        for pid in found:
            with suppress(ProcessLookupError):  # it may have ended
                os.kill(pid, signal.SIGKILL)
    leader.communicate()


def _of_session(leader: int) -> Iterator[int]:
    """The processes of a session that live: one of them may start another between two looks."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may have ended
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state not in "ZX":
                yield int(path.parent.name)


@pytest.fixture(scope="module")
def host(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """A project that the first version was deployed to."""
    made = Released(tmp_path_factory.mktemp("deployed") / "shipped", registry)
    try:
        done = made.asked(f"deploy {registry.publish('1')}")
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.compose("down", "-v", "-t", "5")
        form = "{{.Repository}}@{{.Digest}}"
        for one in run("docker", "image", "ls", "--digests", "--format", form, registry.name).split():
            run("docker", "image", "rm", one)


@pytest.fixture(scope="module")
def customers(host: Released) -> Patient:
    """The telephone of that project."""
    return Patient(host)


def test_a_version_is_deployed_while_customers_write_and_a_broken_one_goes_back(
    registry: Registry, host: Released, customers: Patient
) -> None:
    [first] = host.images()
    following, broken = registry.publish("2", NEXT), registry.publish("3", BROKEN)
    customers.asks()
    eventually(customers.is_quiet, 30)
    since = customers.ledger("webhook")[-1]["seq"]
    with Trickle(customers, pause=0.05) as trickle:
        done = host.asked(f"deploy {following}")
        assert done.returncode == 0, done.stdout + done.stderr
        assert host.images() == {following}
        done = host.asked(f"deploy {broken}")
        assert done.returncode == 1, done.stdout + done.stderr
        assert "the new web does not work: it " in done.stderr, done.stderr
        assert host.images() == {following}
        time.sleep(1)
    assert_one_answer_each(host, customers, trickle.asked)
    results = webhooks_since(customers, since)
    assert all(statuses[-1] == 200 for statuses in results.values())
    # A connection that was accepted in the very moment of the end is closed unanswered, and sent again.
    assert len([1 for statuses in results.values() if statuses != [200]]) <= 1, results

    assert host.asked("rollback").returncode == 0
    assert host.images() == {first}
    assert f"current  {registry.name}@{first}" in host.asked("status").stdout


@pytest.mark.parametrize("step", ["Exchanging web", "Exchanging worker"])
def test_after_a_kill_9_the_next_deploy_puts_all_in_order(
    registry: Registry, host: Released, customers: Patient, step: str
) -> None:
    [first] = host.images()
    with Trickle(customers) as trickle:
        deploying = host.begun(f"deploy {registry.publish('2', NEXT)}", step)
        time.sleep(2)
        kill_session(deploying)
        assert "was cut off" in host.asked("status").stdout
        done = host.asked(f"deploy {first}")
        assert done.returncode == 0, done.stdout + done.stderr
    assert host.images() == {first}
    assert [len(host.ids(service)) for service in SERVICES] == [1, 1, 1, 1]
    assert_one_answer_each(host, customers, trickle.asked)
