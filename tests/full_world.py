"""A world at full size: web processes behind a balancer, Celery workers, PostgreSQL, a broker."""

import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from urllib3.exceptions import HTTPError

from src.accounts.agent_input import AgentInput, FaqInput
from src.accounts.create import create_agent
from src.accounts.key_holder import OWNER
from src.core import processes, schema
from src.core.instance import open_instance
from src.core.settings import Settings
from tests import launch
from tests.balancer import balancer
from tests.ports import free_port
from tests.world import NUMBER, Served, World, call, eventually

PROJECT = Path(__file__).resolve().parents[1]
WORKER = ["celery_worker.worker"]  # as `python -m` has it, and so are all commands here
BARE_WORKER = ["celery", "-A", "src.tasks", "worker", "--loglevel=info"]


class Service:
    """One process of ours, by its pid."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as file:
            self.process = launch.start(*command, env=environment, stdout=file, stderr=file)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(30)

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM; returns the exit code."""
        if self.alive:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def events(self) -> list[str]:
        """The lines of its log."""
        return self.log.read_text("utf-8", "replace").splitlines()


class FullWorld(World):
    """As `World`, in several processes: `webs` and `workers` may be killed, frozen, stopped, added."""

    owner_says: tuple[tuple[str, str], ...] = (
        ("¿A qué hora abren?", "A las nueve."),
        ("¿Dónde están?", "En la calle Mayor 7."),
    )

    def __init__(self, home: Path, database_url: str, broker_url: str, **settings: Any) -> None:
        webs, workers = settings.pop("webs", 1), settings.pop("workers", 1)
        self.worker_command = settings.pop("worker_command", WORKER)
        given = {"host": "127.0.0.1", "metrics_port": 0, **settings}
        super().__init__(home, database_url, celery_broker_url=broker_url, **given)
        self._wanted = (webs, workers)
        self.web_ports = [free_port() for _ in range(webs)]
        self.webs: list[Service] = []
        self.workers: list[Service] = []
        self._started = 0

    def prepare(self) -> None:
        """Migrates the database and makes the agent, before there is a platform."""
        self.instance = open_instance(Settings(_env_file=None, **self.settings()))
        schema.migrate(self.instance.database)
        faqs = [FaqInput(q=question, a=answer) for question, answer in self.owner_says]
        given = AgentInput(phone_number=NUMBER, phone_number_id=self.number_id, faqs=faqs)
        self.agent_id = create_agent(self.instance, OWNER, given)["agent_id"]

    def start(self) -> None:
        """Starts the balancer and every process, and waits until all are ready."""
        self._balancer = Served(balancer(self.web_ports), self.port)
        self.webs = [self.start_web(port) for port in self.web_ports]
        self.workers = [self.start_worker() for _ in range(self._wanted[1])]
        try:
            eventually(lambda: all(self.is_ready(port) for port in self.web_ports), 60)
            self.wait_for_workers(self._wanted[1])
        except AssertionError:
            for service in [*self.webs, *self.workers]:
                service.kill()
            raise

    def start_web(self, port: int) -> Service:
        return self._start("web", ["src", "web", "--port", str(port)])

    def start_worker(self, command: list[str] | None = None, **environment: str) -> Service:
        return self._start("worker", command or self.worker_command, **environment)

    def start_beat(self) -> Service:
        return self._start("beat", ["celery", "-A", "src.tasks", "beat"])

    def _start(self, kind: str, command: list[str], **more: str) -> Service:
        self._started += 1
        return Service(command, {**self.environment(), **more}, self.home / f"{kind}-{self._started}.log")

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Runs a command beside the processes, with their environment."""
        return subprocess.run(
            command,
            env=self.environment(),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """What a process of this world is given."""
        given = {key.upper(): str(value) for key, value in self.settings().items() if value is not None}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        covered = {name: value for name, value in os.environ.items() if name.startswith("COV")}
        return {**kept, **covered, **given}

    def is_ready(self, port: int) -> bool:
        try:
            return call("GET", f"http://127.0.0.1:{port}/ready")[0] == 200
        except (OSError, HTTPError):
            return False

    def wait_for_workers(self, count: int) -> None:
        """Until so many workers have told that they live."""

        def told() -> bool:
            with self.instance.database.read() as session:
                return len(processes.alive(session, "worker")) >= count

        eventually(told, 60)

    def stop(self) -> None:
        """Ends every process in good order."""
        for service in [*self.webs, *self.workers]:
            service.stop()
        self._balancer.stop()
        with closing(self.instance):
            pass

    def sql(self, statement: str) -> list[Any]:
        """Runs one statement in the platform's database."""
        with self.instance.database.transaction() as session:
            result = session.exec_driver_sql(statement)
            return list(result) if result.returns_rows else []
