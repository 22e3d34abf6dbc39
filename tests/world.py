"""The world of a test: the platform with a fresh real database, the sandbox over HTTP, customers with telephones."""

import atexit
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, ClassVar, Self

import urllib3
import uvicorn

from sandbox.app import SandboxConfig, create_sandbox
from src.core import schema
from src.core.database import Database
from src.core.instance import Instance, open_instance
from src.core.keyring import Keyring
from src.core.settings import Settings
from src.main import create_app
from tests.ports import free_port

NUMBER = "+34600000147"
SECRET, TOKEN, API_KEY = "app-secret-of-the-tests", "EAAGtoken-of-the-tests", "rel_key-of-the-tests"
_http = urllib3.PoolManager(maxsize=64, retries=False, timeout=30)


def eventually(ask: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What `ask` returns as soon as it is true; an assertion error when it never is."""
    ends, pause = time.monotonic() + seconds, 0.01
    while not (found := ask()):
        assert time.monotonic() < ends, f"never came true: {ask}"
        time.sleep(pause)
        pause = min(0.1, pause * 1.3)  # asking takes time from what is waited for
    return found


def call(method: str, url: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON (or text) of one request; `body` is sent as JSON unless it is bytes."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    names = {key.replace("_", "-"): value for key, value in headers.items()}
    answer = _http.request(method, url, body=data, headers={"Content-Type": "application/json", **names})
    text = answer.data.decode()
    return answer.status, json.loads(text) if "json" in answer.headers.get(
        "Content-Type", ""
    ) and text else text


class Served:
    """An ASGI application behind a real socket, in a thread of this process."""

    def __init__(self, app: Any, port: int, proxy_headers: bool = False) -> None:
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            proxy_headers=proxy_headers,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        eventually(lambda: self._server.started or not self._thread.is_alive())
        assert self._server.started

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@cache
def _migrated_file() -> Path:
    path = Path(mkdtemp(prefix="released-migrated-")) / "released.db"
    atexit.register(rmtree, path.parent, ignore_errors=True)
    with closing(Database(f"sqlite:///{path}", Keyring("k" * 32))) as database:
        schema.migrate(database)
    return path


class World:
    """One business with its bot, and its customers. `world.says(…)`, then look at `world.phone`."""

    meta: ClassVar[Mapping[str, Any]] = {}  # what this Meta does otherwise: fields of `SandboxConfig`

    def __init__(self, home: Path, database_url: str | None = None, **settings: Any) -> None:
        self.home, self._database_url, self._settings = home, database_url, settings
        self.port, self._sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox = f"http://127.0.0.1:{self._sandbox_port}"
        self.faqs: list[dict[str, Any]] = []
        self.agent_id = ""

    def __enter__(self) -> Self:
        config = SandboxConfig(
            callback_url=f"{self.url}/webhook",
            app_secret=SECRET,
            access_token=TOKEN,
            database=str(self.home / "sandbox.db"),
            sent_delay=0.0,
            delivered_delay=0.0,
            **self.meta,
        )
        self._meta = Served(create_sandbox(config), self._sandbox_port)
        _, number = call("POST", f"{self.sandbox}/api/numbers", {"phone_number": NUMBER, "name": "Zarpa"})
        self.number_id = number["phone_number_id"]
        _, state = call("GET", f"{self.sandbox}/api/state")
        self.customers = [customer["id"] for customer in state["customers"]]
        self._begin_migrated()
        self.prepare()
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self.stop()
        self._meta.stop()

    def prepare(self) -> None:
        """What is to be there before the platform's first start."""

    def start(self) -> None:
        """Starts the platform, again after `stop`, over the same database."""
        settings = Settings(_env_file=None, **self.settings())
        self.instance: Instance = open_instance(settings)
        if not self.instance.database.sqlite:
            schema.migrate(self.instance.database)
        self._platform = Served(create_app(self.instance), self.port)

    def _begin_migrated(self) -> None:
        """A new SQLite file begins as a copy of a migrated one: to migrate takes longer than most tests."""
        path = self.home / "released.db"
        if self.settings()["database_url"] is None and not path.exists():
            copyfile(_migrated_file(), path)
            path.chmod(0o600)

    def settings(self) -> dict[str, Any]:
        """The platform's settings, by name."""
        given = {
            "released_home": self.home,
            "database_url": self._database_url,
            "port": self.port,
            "api_key": API_KEY,
            "meta_graph_url": f"{self.sandbox}/v26.0",
            "meta_access_token": TOKEN,
            "meta_app_secret": SECRET,
            "burst_wait_ms": 0,
            "worker_threads": 8,
        }
        return {**given, **self._settings}

    def stop(self) -> None:
        """Ends the platform as Ctrl-C does."""
        self._platform.stop()

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and answer of our JSON API, with the key."""
        return call(method, self.url + path, body, Authorization=f"Bearer {API_KEY}", **headers)

    def knows(self, question: str, answer: str, **more: Any) -> None:
        """The owner adds an FAQ; the first makes the agent."""
        self.faqs.append({"q": question, "a": answer, **more})
        if not self.agent_id:
            body = {"phone_number": NUMBER, "phone_number_id": self.number_id, "faqs": self.faqs}
            status, made = self.api("POST", "/agent", {**body, "handoff": {"contact": "910 000 147"}})
            assert status == 201, made
            self.agent_id = made["agent_id"]
        else:
            status, made = self.api("PUT", f"/agent/{self.agent_id}/faqs", {"faqs": self.faqs})
            assert status == 200, made

    def says(self, text: str, customer: int = 0) -> str:
        """A customer writes; returns the wamid."""
        return self.sends({"type": "text", "text": text}, customer)

    def sends(self, message: dict[str, Any], customer: int = 0) -> str:
        """A customer sends any message the telephone can; returns the wamid."""
        status, sent = call("POST", f"{self.chat_url(customer)}/messages", message)
        assert status == 201, sent
        return str(sent["id"])

    def chat(self, customer: int = 0) -> list[dict[str, Any]]:
        """Everything in the customer's chat, as the telephone shows it."""
        found: list[dict[str, Any]] = call("GET", self.chat_url(customer))[1]["messages"]
        return found

    def chat_url(self, customer: int = 0) -> str:
        """Where the sandbox keeps the customer's chat."""
        return f"{self.sandbox}/api/chats/{self.customers[customer]}/{self.number_id}"

    def phone(self, customer: int = 0) -> list[str]:
        """The texts that the business has sent to the customer."""
        return [shown(message) for message in self.chat(customer) if message["from"] == "business"]

    def answers(self, count: int = 1, customer: int = 0, seconds: float = 60.0) -> list[str]:
        """Waits until the customer has `count` answers, and returns them all."""
        eventually(lambda: len(self.phone(customer)) >= count, seconds)
        return self.phone(customer)

    def fault(self, **fault: Any) -> None:
        """Makes the sandbox's Meta fail as told."""
        status, answer = call("POST", f"{self.sandbox}/api/faults", fault)
        assert status in (200, 201), answer

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """Every request that reached Meta, of one kind."""
        entries: list[dict[str, Any]] = []
        while True:
            after = entries[-1]["seq"] if entries else 0
            page = call("GET", f"{self.sandbox}/api/ledger?kind={kind}&after={after}&limit=5000")[1][
                "entries"
            ]
            if not page:
                return entries
            entries += page

    def conversations(self) -> list[dict[str, Any]]:
        """The conversations as a person sees them."""
        found: list[dict[str, Any]] = self.api("GET", "/conversation")[1]["conversations"]
        return found


def shown(message: dict[str, Any]) -> str:
    """What a person reads in a bubble."""
    interactive = message.get("interactive")
    return str(interactive["body"]["text"] if interactive else message["text"])
