"""A client's instance over HTTP: is it there, is it ours, which agent answers at its number."""

import secrets
import time
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from src.cli.clients.folder import Client, Trouble

_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=2, read=30))


class Door:
    """The loopback port of one client, with its API key."""

    def __init__(self, client: Client) -> None:
        env = client.env()
        self._name = client.name
        self._key = env["API_KEY"]
        self.url = f"http://127.0.0.1:{env['PORT']}"

    def _ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        given = {"Authorization": f"Bearer {self._key}", **headers}
        answer = _http.request(method, self.url + path, json=body, headers=given)
        try:
            return answer.status, answer.json()
        except ValueError:
            return answer.status, {}

    def _get(self, path: str) -> Any:
        status, found = self._ask("GET", path)
        if status != 200:
            raise Trouble(
                f"{self._name}: GET {path} was answered {status}: {found.get('detail', 'see its log')}"
            )
        return found

    def is_ready(self) -> bool:
        """True when this client's instance, and no other program, takes and answers messages."""
        try:
            return self._ask("GET", "/ready")[0] == 200 and self._ask("GET", "/agent")[0] == 200
        except HTTPError:
            return False

    def version(self) -> str | None:
        """Which version answers; None when nobody does."""
        try:
            return str(self._get("/health")["version"])
        except (HTTPError, Trouble, KeyError):
            return None

    def agents(self) -> list[dict[str, Any]]:
        """Its agents, as `GET /agent` tells them."""
        found: list[dict[str, Any]] = self._get("/agent")["agents"]
        return found

    def add_agent(self, body: dict[str, Any]) -> dict[str, Any]:
        """Makes the agent, or finds the one that the number has. A request without an answer is repeated, once made."""
        key = secrets.token_hex(16)
        for attempt in range(5):
            try:
                status, answer = self._ask("POST", "/agent", body, **{"Idempotency-Key": key})
            except HTTPError:
                status, answer = 503, {}
            if status == 201:
                return dict(answer)
            if status == 409 and "agent_id" in answer:
                return self._get(f"/agent/{answer['agent_id']}")  # type: ignore[no-any-return]
            if status < 500:
                break
            time.sleep(2**attempt / 4)
        raise Trouble(
            f"{self._name}: the agent could not be made: {answer.get('detail', f'status {status}')}"
        )

    def check_answers(self) -> str | None:
        """What is wrong with the first agent that should answer its first FAQ; None when nothing is."""
        for agent in self.agents():
            if agent["status"] != "live":
                continue
            first = self._get(f"/agent/{agent['agent_id']}/faqs")["faqs"][0]["q"]
            status, said = self._ask("POST", f"/agent/{agent['agent_id']}/ask", {"texts": [first]})
            if status != 200 or said["decision"] != "answer":
                got = said.get("decision", f"status {status}")
                return f"agent {agent['agent_id']} does not answer its own first question ({got})"
        return None
