"""Brings webhooks to the callback: signed, in order within a chat as far as it goes, until a 200."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from sandbox import chats, ledger
from sandbox.config import SandboxConfig
from sandbox.store import Row, Store, dumps

AT_ONCE = 16
_PATIENCE_AT_END = 1.0


def post(
    store: Store, lane: str, wamids: list[str], status: str | None, body: str, state: str = "waiting"
) -> None:
    """Gives the courier a webhook with the caller's commit; one that is `held` waits for `release`."""
    store.write(
        "INSERT INTO webhooks (lane, wamids, status, body, state, made_at) VALUES (?, ?, ?, ?, ?, ?)",
        *(lane, dumps(wamids), status, body, state, time.time()),
    )


def release(store: Store) -> None:
    """Lets all held webhooks go, in the order in which they were made."""
    columns = "lane, wamids, status, body, made_at"
    store.write(
        f"INSERT INTO webhooks ({columns}, state) "
        f"SELECT {columns}, 'waiting' FROM webhooks WHERE state = 'held' ORDER BY seq"
    )
    store.write("DELETE FROM webhooks WHERE state = 'held'")


def pending(store: Store) -> int:
    """How many webhooks have not been answered with 200, the held ones too."""
    return int(store.value("SELECT count(*) FROM webhooks WHERE state NOT IN ('delivered', 'dropped')"))


def sign(app_secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256 for these bytes."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


class Courier:
    """Delivers what a store's webhooks table holds, each lane one by one, several lanes at once."""

    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self._store = store
        self._config = config
        self._lanes: dict[str, deque[int]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._retries: set[asyncio.Task[None]] = set()
        self._seen = 0
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
        timeout = urllib3.Timeout(connect=config.callback_timeout, read=config.callback_timeout)
        self._http = urllib3.PoolManager(maxsize=AT_ONCE, retries=False, timeout=timeout)

    def start(self) -> None:
        """Takes up what an earlier process left, all of it due now."""
        with self._store.transaction():
            for row in self._store.rows("SELECT * FROM webhooks WHERE state = 'posting' ORDER BY seq"):
                self._store.write("UPDATE webhooks SET state = 'waiting' WHERE seq = ?", row["seq"])
                self._record(row, None, "the sandbox ended before the answer", 0.0)
        self._store.listeners.append(self._look)
        self._look()

    async def stop(self) -> None:
        """Begins nothing more and gives what is under way a second; the rest waits for the next start."""
        self._store.listeners.remove(self._look)
        for lane in self._lanes.values():
            lane.clear()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=_PATIENCE_AT_END)
        for task in (*self._tasks.values(), *self._retries):
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.clear()

    async def first_attempts(self, lane: str) -> None:
        """Returns when everything in the lane has been tried once."""
        if lane in self._tasks:
            await asyncio.wait([self._tasks[lane]])

    def _look(self) -> None:
        query = "SELECT seq, lane FROM webhooks WHERE state = 'waiting' AND seq > ? ORDER BY seq"
        for row in self._store.rows(query, self._seen):
            self._seen = row["seq"]
            self._lanes.setdefault(row["lane"], deque()).append(row["seq"])
            if row["lane"] not in self._tasks:
                self._tasks[row["lane"]] = asyncio.create_task(self._walk(row["lane"]))

    async def _walk(self, lane: str) -> None:
        queue = self._lanes[lane]
        while queue:
            await self._attempt(queue.popleft())
        del self._lanes[lane], self._tasks[lane]

    async def _attempt(self, seq: int) -> None:
        async with self._slots:
            with self._store.transaction():
                self._store.write(
                    "UPDATE webhooks SET state = 'posting', attempt = attempt + 1 WHERE seq = ?", seq
                )
            row = self._store.row("SELECT * FROM webhooks WHERE seq = ?", seq)
            assert row is not None, "only held webhooks are deleted"
            began = time.monotonic()
            loop = asyncio.get_running_loop()
            answer, error = await loop.run_in_executor(self._threads, self._post, row["body"].encode("ascii"))
        self._settle(row, answer, error, time.monotonic() - began)

    def _post(self, body: bytes) -> tuple[int | None, str | None]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": sign(self._config.app_secret, body),
        }
        try:
            answer = self._http.request(
                "POST", self._config.callback_url, body=body, headers=headers, redirect=False
            )
        except HTTPError as error:
            return None, type(error).__name__
        return answer.status, None

    def _settle(self, row: Row, answer: int | None, error: str | None, seconds: float) -> None:
        late = time.time() - row["made_at"] > self._config.give_up_after
        state = "delivered" if answer == 200 else "dropped" if late else "waiting"
        with self._store.transaction():
            self._store.write("UPDATE webhooks SET state = ? WHERE seq = ?", state, row["seq"])
            self._record(row, answer, error, seconds)
            if state == "delivered" and row["status"] is None:
                self._tick(json.loads(row["wamids"]))
        if state == "waiting":
            retry = asyncio.create_task(self._retry(row["seq"], row["attempt"]))
            self._retries.add(retry)
            retry.add_done_callback(self._retries.discard)

    async def _retry(self, seq: int, attempt: int) -> None:
        ladder = self._config.retry_delays
        await asyncio.sleep(ladder[min(attempt, len(ladder)) - 1])
        await self._attempt(seq)

    def _tick(self, wamids: list[str]) -> None:
        """The customer's telephone shows two grey ticks: the business's server has the messages."""
        for message in chats.find_all(self._store, wamids):
            if message.status == "sent":
                chats.move(self._store, message, "delivered")

    def _record(self, row: Row, answer: int | None, error: str | None, seconds: float) -> None:
        entry: dict[str, Any] = {
            "wamids": json.loads(row["wamids"]),
            "status": row["status"],
            "attempt": row["attempt"],
        }
        entry |= {"http_status": answer, "error": error, "seconds": round(seconds, 4)}
        ledger.record(self._store, "webhook", entry, webhook=row["seq"])
