"""What becomes of the business's messages: sent, delivered, read or failed, each told by a webhook."""

import asyncio
import json
import time
from typing import Any

from sandbox import chats, courier, payloads
from sandbox.chats import Message
from sandbox.config import SandboxConfig
from sandbox.people import Customer, Number, find_customer, find_number
from sandbox.store import Row, Store, dumps


class Receipts:
    """Keeps the appointments of a store's statuses; `run` is its life."""

    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self._store = store
        self._config = config
        self._bell = asyncio.Event()

    def promise(self, message: Message, failure: dict[str, Any] | None, at_once: bool) -> None:
        """Makes the appointments of a message that was accepted now; a `failure` is then its only status."""
        config = self._config
        if failure is not None:
            steps = [("failed", config.sent_delay)]
        elif message.type == "reaction":
            steps = [("sent", config.sent_delay)]  # Meta: a reaction has no other status
        else:
            steps = [("sent", config.sent_delay), ("delivered", config.delivered_delay)]
            steps += [] if config.read_delay is None else [("read", config.read_delay)]
        now, error = time.time(), None if failure is None else dumps(failure)
        for status, delay in steps:
            self._store.write(
                "INSERT INTO due_statuses (wamid, status, due_at, error) VALUES (?, ?, ?, ?)",
                *(message.id, status, now if at_once else now + delay, error),
            )
        self._bell.set()

    async def run(self) -> None:
        """Keeps the appointments until it is cancelled."""
        while True:
            self._bell.clear()
            self.keep_appointments()
            due_at = self._store.value("SELECT min(due_at) FROM due_statuses")
            pause = None if due_at is None else max(0.0, due_at - time.time())
            try:
                await asyncio.wait_for(self._bell.wait(), pause)
            except TimeoutError:
                continue

    def keep_appointments(self) -> None:
        """Gives out every status whose time has come."""
        query = "SELECT * FROM due_statuses WHERE due_at <= ? ORDER BY due_at, seq"
        due = self._store.rows(query, time.time())
        if not due:
            return
        with self._store.transaction():
            for row in due:
                self._keep(row)

    def _keep(self, row: Row) -> None:
        self._store.write("DELETE FROM due_statuses WHERE seq = ?", row["seq"])
        message = chats.find(self._store, row["wamid"])
        assert message is not None, "messages are never deleted"
        self._give(message, row["status"], None if row["error"] is None else json.loads(row["error"]))

    def read_by(self, customer: Customer, number: Number) -> None:
        """The customer has seen the chat: `read` for each message; a `delivered` still to come is skipped."""
        with self._store.transaction():
            for message in chats.unseen(self._store, customer, number):
                waiting = self._store.rows("SELECT status FROM due_statuses WHERE wamid = ?", message.id)
                self._store.write("DELETE FROM due_statuses WHERE wamid = ?", message.id)
                if "sent" in [row["status"] for row in waiting]:
                    self._give(message, "sent", None)
                self._give(message, "read", None)

    def _give(self, message: Message, status: str, error: dict[str, Any] | None) -> None:
        # Meta prices `sent` and the first of delivered and read.
        priced = status in ("sent", "delivered") or (status == "read" and message.status == "sent")
        if status != "sent":
            chats.move(self._store, message, status, error)
            message = chats.find(self._store, message.id) or message
        number = find_number(self._store, message.phone_number_id)
        assert number is not None, "numbers are never deleted"
        customer = None if message.customer_id is None else find_customer(self._store, message.customer_id)
        body = payloads.status(self._config.waba_id, number, customer, message, status, time.time(), priced)
        state = "held" if message.receipts == "hold" else "waiting"
        for _ in range(2 if message.receipts == "duplicate" else 1):
            courier.post(self._store, message.lane, [message.id], status, body, state)
