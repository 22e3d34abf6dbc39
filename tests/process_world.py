"""A world whose platform is a process of its own, which can be killed."""

import os
import signal
from contextlib import closing
from typing import Any

from urllib3.exceptions import HTTPError

from src.accounts.agent_input import AgentInput, FaqInput
from src.accounts.create import create_agent
from src.accounts.key_holder import OWNER
from src.core import schema
from src.core.database import Database
from src.core.instance import open_instance
from src.core.keyring import Keyring
from src.core.security import secret_file
from src.core.settings import Settings
from tests import launch
from tests.world import NUMBER, World, call, eventually


class ProcessWorld(World):
    """As `World`; `kill()` is kill -9, and `crash` names the commit at which the next start dies by itself."""

    crash = ""
    module = "tests.e2e.crash.server"
    owner_says: tuple[tuple[str, str], ...] = ()  # FAQs of an agent that is there from the first start

    def prepare(self) -> None:
        """Migrates the database and makes the agent, before there is a platform."""
        with closing(open_instance(Settings(_env_file=None, **self.settings()))) as instance:
            schema.migrate(instance.database)
            if self.owner_says:
                faqs = [FaqInput(q=question, a=answer) for question, answer in self.owner_says]
                given = AgentInput(phone_number=NUMBER, phone_number_id=self.number_id, faqs=faqs)
                self.agent_id = create_agent(instance, OWNER, given)["agent_id"]

    def start(self) -> None:
        """Starts the platform's process and waits until it is ready."""
        self.database = Database(
            self._database_url or f"sqlite:///{self.home}/released.db",
            Keyring(secret_file(self.home / "secret_key", 32)),
        )
        own = {key.upper(): str(value) for key, value in self.settings().items() if value is not None}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._log = (self.home / "platform.log").open("ab")
        self.process = launch.start(
            self.module,
            env={**kept, **own, "CRASH": self.crash, "DATABASE_URL": str(self.database_url)},
            stdout=self._log,
            stderr=self._log,
        )
        eventually(lambda: self.process.poll() is not None or self._ready(), 60)
        assert self.process.poll() is None, (self.home / "platform.log").read_text()[-3000:]

    @property
    def database_url(self) -> str:
        return self._database_url or f"sqlite:///{self.home}/released.db"

    def _ready(self) -> bool:
        try:
            return call("GET", f"{self.url}/ready")[0] == 200
        except (OSError, HTTPError):
            return False

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.died()

    def died(self, seconds: float = 30.0) -> int:
        """Waits until the process is dead and returns its exit code."""
        code = self.process.wait(seconds)
        self._log.close()
        self.database.close()
        return code

    def stop(self) -> None:
        """Ends the platform as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.died()

    def sql(self, statement: str) -> list[Any]:
        """Runs one statement in the platform's database."""
        with self.database.transaction() as session:
            result = session.exec_driver_sql(statement)
            return list(result) if result.returns_rows else []
