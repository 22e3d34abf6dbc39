"""Throwaway brokers for tests: a real Redis, a real RabbitMQ, each on a free port of loopback."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

PASSWORD = "a word & more"  # what a URL must quote


class Redis:
    """A Redis that wants a password; it can be stopped and started again, empty."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, policy: str = "noeviction") -> None:
        """Starts it and waits until it answers."""
        program = shutil.which("redis-server")
        assert program, "Redis is not installed: run  sudo apt-get install redis-server"
        options = {"port": str(self.port), "bind": "127.0.0.1", "requirepass": PASSWORD, "save": ""}
        options["maxmemory-policy"] = policy
        lines = [f'{name} "{value}"' for name, value in options.items()]
        configuration = self._folder / "redis.conf"
        configuration.write_text("\n".join(lines))
        self._process = _start([program, str(configuration)], self._folder)
        _wait(self.port, self._process)

    def stop(self) -> None:
        """kill -9: everything that it held is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None


@contextmanager
def redis() -> Iterator[Redis]:
    """A running Redis, stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="released-redis-", dir="/tmp"))
    server = Redis(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def rabbitmq() -> Iterator[str]:
    """The URL of a running RabbitMQ, stopped and removed afterwards."""
    program = next((p for p in ("/usr/lib/rabbitmq/bin/rabbitmq-server",) if Path(p).exists()), None)
    assert program, "RabbitMQ is not installed: run  sudo apt-get install rabbitmq-server"
    folder = Path(tempfile.mkdtemp(prefix="released-rabbit-", dir="/tmp"))
    port, distribution, names = free_port(), free_port(), free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"released{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
    }
    server = subprocess.Popen(
        [program],
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(port, server, 90)
        yield f"amqp://guest:guest@127.0.0.1:{port}//"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)
        subprocess.run(["epmd", "-port", str(names), "-kill"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _wait(port: int, server: subprocess.Popen[bytes], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        assert server.poll() is None, "the broker ended at its start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the broker did not start")
