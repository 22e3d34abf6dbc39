"""A host to deploy to: a real sshd on loopback, the real scripts behind its forced command, a stand-in for Docker."""

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.world import eventually

PROJECT = Path(__file__).resolve().parents[3]
RELEASE = PROJECT / "deploy/release"
IMAGE = "ghcr.io/acme/released"
SERVICES = ("db", "redis", "caddy", "web", "worker", "beat", "sandbox")
SECRET = "POSTGRES_PASSWORD=a-secret-of-this-host"
USER = pwd.getpwuid(os.getuid()).pw_name
SERVER = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""


def digest(number: int) -> str:
    """The digest of an image of these tests'."""
    return f"sha256:{number:064x}"


class Host:
    """What the operator has set up, and what the pipeline does with it."""

    def __init__(self, folder: Path, port: int, front: int) -> None:
        self.folder, self.port, self.front, self.project = folder, port, front, folder / "project"
        self.docker = folder / "docker"
        self.project.mkdir()
        self.docker.mkdir()
        (self.project / "docker-compose.yml").write_text("services: {}\n")
        (self.project / ".env").write_text(f"PORT={front}\n{SECRET}\n")
        (self.project / ".env").chmod(0o600)
        (folder / "release.conf").write_text(f"# set up once\nIMAGE={IMAGE}\nFOLDER={self.project}\n")
        for name in ("docker", "docker-compose"):
            source = Path(__file__).with_name("standin.py").read_text()
            (self.docker / name).write_text(f"#!{sys.executable} -IS\n{source}")
            (self.docker / name).chmod(0o755)
        empty = {
            "images": {},
            "containers": [],
            "pulled": [],
            "migrated": [],
            "made": 0,
            "gaps": 0,
            "ends": False,
        }
        (self.docker / "world").write_text(json.dumps({**empty, "served": False}))
        for number in range(1, 7):
            self.publishes(number)

    # What the world is like.

    @property
    def world(self) -> dict[str, Any]:
        """What the stand-in for Docker holds."""
        found: dict[str, Any] = json.loads((self.docker / "world").read_text())
        return found

    def publishes(self, number: int, broken: tuple[str, ...] = (), migrates: bool = True) -> None:
        """An image lies in the registry; the services that are named as broken never work in it."""
        world = self.world
        world["images"][digest(number)] = {"broken": broken, "migrates": migrates}
        (self.docker / "world").write_text(json.dumps(world))

    def has_deployed(self, *numbers: int) -> None:
        """As the host is after these deploys; `test_a_first_deploy_starts_everything` shows that it becomes so."""
        world, digests = self.world, [digest(number) for number in numbers]
        image = f"{IMAGE}@{digests[-1]}"
        made = [{"id": f"id{at}", "service": service, "image": image} for at, service in enumerate(SERVICES)]
        world |= {
            "containers": made,
            "made": len(made),
            "served": True,
            "pulled": digests,
            "migrated": digests,
        }
        (self.docker / "world").write_text(json.dumps(world))
        (self.project / ".env").write_text(f"PORT={self.front}\n{SECRET}\nRELEASED_IMAGE={image}\n")
        (self.project / ".release").mkdir(exist_ok=True)
        lines = [f"2026-11-02T10:00:00Z\tdeploy\t{one}\tok\n" for one in digests]
        (self.project / ".release/history").write_text("".join(lines))

    def runs(self, service: str = "web") -> list[str]:
        """The digests of a service's containers."""
        found = [one["image"] for one in self.world["containers"] if one["service"] == service]
        return [image.removeprefix(f"{IMAGE}@") for image in found]

    def broken_ones_end_at_once(self) -> None:
        """What does not work is started again and again."""
        (self.docker / "world").write_text(json.dumps({**self.world, "ends": True}))

    def everywhere(self, number: int) -> bool:
        """True when every service of ours runs one image, and as often as it should."""
        return all(self.runs(service) == [digest(number)] for service in ("web", "worker", "beat", "sandbox"))

    def commands(self) -> list[str]:
        """All that was asked of Docker."""
        written = self.docker / "commands"
        return written.read_text().splitlines() if written.exists() else []

    def results(self) -> list[str]:
        """What became of each deploy."""
        lines = (self.project / ".release/history").read_text().splitlines()
        return [line.split("\t")[3] for line in lines]

    # What the pipeline does.

    def environment(self, **given: str) -> dict[str, str]:
        """What a job of the pipeline has."""
        known = (self.folder / "host_key.pub").read_text().split()[:2]
        (self.folder / "job").mkdir(exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(self.folder / "job"),
            "DEPLOY_HOST": f"ssh://{USER}@127.0.0.1:{self.port}",
            "DEPLOY_KEY": (self.folder / "key").read_text(),
            "DEPLOY_KNOWN_HOSTS": f"[127.0.0.1]:{self.port} {' '.join(known)}",
            **given,
        }

    def begin(self, asked: str, **given: str) -> subprocess.Popen[str]:
        """Asks, and does not wait for the answer."""
        return subprocess.Popen(
            [RELEASE / "ask.sh", *asked.split(" ")],
            env=self.environment(**given),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ask(self, asked: str, **given: str) -> tuple[int, str]:
        """Exit code and all that was said."""
        asking = self.begin(asked, **given)
        said, _ = asking.communicate(timeout=60)
        return asking.returncode, said

    def deploy(self, number: int) -> tuple[int, str]:
        """As the pipeline deploys."""
        return self.ask(f"deploy {digest(number)}")

    def ssh(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The deploy key in other hands."""
        (self.folder / "known").write_text(self.environment()["DEPLOY_KNOWN_HOSTS"] + "\n")
        options = [
            "-F",
            "none",
            "-i",
            str(self.folder / "key"),
            "-o",
            f"UserKnownHostsFile={self.folder}/known",
        ]
        return subprocess.run(
            [words[0], *options, "-o", "BatchMode=yes", *words[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    # What goes wrong.

    def stalls_at(self, command: str) -> None:
        """The next command that holds these words waits until `goes_on`."""
        (self.docker / "stalled").unlink(missing_ok=True)
        (self.docker / "stall").write_text(command)

    def stalled(self) -> int:
        """Waits until a command waits; its process."""
        return int(
            eventually(lambda: (self.docker / "stalled").exists() and (self.docker / "stalled").read_text())
        )

    def waits_for_another(self, seconds: int) -> None:
        """A deploy waits so long for the one before."""
        (self.folder / "patience").write_text(str(seconds))

    def goes_on(self) -> None:
        """No command waits any more."""
        (self.docker / "stall").unlink()

    def lose_connection(self, asking: subprocess.Popen[str]) -> None:
        """The pipeline's ssh dies."""
        [ssh] = Path(f"/proc/{asking.pid}/task/{asking.pid}/children").read_text().split()
        os.kill(int(ssh), signal.SIGKILL)
        asking.communicate(timeout=60)

    def kill(self, everything: bool) -> None:
        """kill -9 of the stalled deploy, of its script alone or of what that has started too."""
        command = self.stalled()
        limit = parent(command)
        os.kill(parent(limit), signal.SIGKILL)
        if everything:
            os.kill(limit, signal.SIGKILL)
            os.kill(command, signal.SIGKILL)


def parent(process: int) -> int:
    """The process that started one."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


@contextmanager
def serving(folder: Path) -> Iterator[Host]:
    """A host that answers at its port of loopback."""
    with front(folder) as shown:
        host = Host(folder, free_port(), shown)
        for name in ("host_key", "key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True
            )
        path = f"{host.docker}:{os.environ['PATH']}"
        host.waits_for_another(60)
        patience = f"PATIENCE=2 LOCK_PATIENCE=$(cat {folder}/patience)"
        command = f"env PATH={path} {patience} {RELEASE}/release.sh {folder}/release.conf"
        key = (folder / "key.pub").read_text()
        (folder / "authorized_keys").write_text(f'command="{command}",restrict {key}')
        (folder / "sshd_config").write_text(SERVER.format(port=host.port, folder=folder))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # sshd as root wants it
        server = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-f", str(folder / "sshd_config"), "-E", str(folder / "sshd.log")]
        )
        try:
            eventually(lambda: server.poll() is None and answers(host.port))
            yield host
        finally:
            (host.docker / "stall").unlink(missing_ok=True)
            server.terminate()
            server.wait()


def answers(port: int) -> bool:
    """True when somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def front(folder: Path) -> Iterator[int]:
    """The port at which the project's proxy would answer `/ready`."""

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            quiet = (folder / "docker/no-workers").exists()
            workers = "none: start them" if quiet else "1 alive"
            body = json.dumps(
                {"status": "ok", "parts": {"database": "ok", "workers": workers}}, separators=(",", ":")
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ready)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
