"""Customers who write through the telephone's own HTTP interface, behind the proxy, as a browser does."""

import threading
from collections import Counter
from types import TracebackType
from typing import Any, Self

from tests.containers.engine import Containers
from tests.world import call, eventually

QUESTION = "¿A qué hora abrís?"


class Telephone:
    """The sandbox of a project, seen from this machine."""

    def __init__(self, containers: Containers) -> None:
        self.api = f"{containers.url}/sandbox/api"
        eventually(lambda: self.state()["numbers"], 60)
        self.number = self.state()["numbers"][0]["phone_number_id"]

    def state(self) -> dict[str, Any]:
        """Who is there, and what is still on its way."""
        status, found = call("GET", f"{self.api}/state")
        assert status == 200, found
        return dict(found)

    def asks(self, text: str = QUESTION) -> str:
        """A customer nobody has heard of asks; the answer is who that is."""
        status, customer = call("POST", f"{self.api}/customers", {})
        assert status == 201, customer
        chat = f"{self.api}/chats/{customer['id']}/{self.number}"
        status, message = call("POST", f"{chat}/messages", {"type": "text", "text": text})
        assert status == 201, message
        return str(customer["id"])

    def answers(self, customer: str) -> list[str]:
        """What the business wrote to a customer."""
        _, found = call("GET", f"{self.api}/chats/{customer}/{self.number}")
        return [message["text"] for message in found["messages"] if message["from"] == "business"]

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """Every entry of one kind."""
        entries: list[dict[str, Any]] = []
        while True:
            after = entries[-1]["seq"] if entries else 0
            page = call("GET", f"{self.api}/ledger?kind={kind}&after={after}&limit=5000")[1]["entries"]
            if not page:
                return entries
            entries += page

    def sends(self) -> Counter[str]:
        """How many replies each customer really got."""
        return Counter(entry["customer_id"] for entry in self.ledger("send") if entry["accepted"])

    def is_quiet(self) -> bool:
        """True when no webhook and no status is on its way."""
        state = self.state()
        return not state["pending_webhooks"] and not state["pending_statuses"]


class Trickle:
    """A new customer asks every `pause` seconds while the block runs; `asked` are all of them."""

    def __init__(self, telephone: Telephone, pause: float = 0.2) -> None:
        self._telephone, self._pause = telephone, pause
        self.asked: list[str] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._failure: BaseException | None = None

    def _run(self) -> None:
        try:
            while not self._ended.wait(self._pause):
                self.asked.append(self._telephone.asks())
        except (AssertionError, OSError) as error:
            self._failure = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        assert self._failure is None, self._failure
