"""A sandbox's OpenAI behind a real socket, what is ordered of it, and a prompt as the platform writes them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openai
import urllib3
import uvicorn

from sandbox.app import SandboxConfig, create_sandbox
from sandbox.server import Server
from tests.world import eventually

Json = dict[str, Any]

FAQS = (
    {"id": "f1", "q": "¿A qué hora abren?", "a": "Abrimos a las 9:00."},
    {"id": "f2", "q": "¿Cuánto cuesta el envío?", "a": "El envío cuesta 4,95 €."},
)
_http = urllib3.PoolManager(maxsize=16, retries=False, timeout=30)


def strict(**properties: Any) -> Json:
    """A strict schema of an object."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT: Json = {"type": "string"}
TEXTS: Json = {"type": "array", "items": TEXT}
SCHEMA = strict(
    decision={"type": "string", "enum": ["answer", "clarify", "handoff", "off_topic", "smalltalk"]},
    quotes={"type": "array", "items": strict(source_id=TEXT, text=TEXT)},
    source_ids=TEXTS,
    options=TEXTS,
    language=TEXT,
    answer=TEXT,
    handoff_reason=TEXT,
)


def parts(*said: str) -> tuple[str, ...]:
    """The input of a request: the FAQs, then what the customer wrote."""
    lines = "\n".join(json.dumps(faq, ensure_ascii=False) for faq in FAQS)
    return f"<faqs>\n{lines}\n</faqs>", f"<customer>{json.dumps(said, ensure_ascii=False)}</customer>"


class Model:
    """A sandbox's OpenAI at `url`."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1"
        self._control = f"{url}/api/openai"

    def client(self, key: str = "sk-any", **more: Any) -> openai.OpenAI:
        """The official client, which tries once."""
        return openai.OpenAI(api_key=key, base_url=self.url, max_retries=0, timeout=20, **more)

    def control(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        """Status and JSON of the control API."""
        answer = _http.request(method, f"{self._control}/{path}", json=body)
        return answer.status, json.loads(answer.data) if answer.data else None

    def orders(self, on: str, act: str, **more: Any) -> None:
        """Puts a rule into force."""
        status, answer = self.control("POST", "rules", {"on": on, "act": act, **more})
        assert status == 201, answer

    def lawful(self) -> None:
        """Ends all rules."""
        assert self.control("DELETE", "rules")[0] == 204

    def ledger(self) -> list[Json]:
        """Every request, oldest first."""
        return list(self.control("GET", "ledger?limit=10000")[1]["entries"])


@contextmanager
def model_server(**settings: Any) -> Iterator[Model]:
    """A sandbox in a thread of this process."""
    config = SandboxConfig(callback_url="http://127.0.0.1:9/webhook", app_secret="app-secret", **settings)
    sandbox = create_sandbox(config)
    server = Server(uvicorn.Config(sandbox, port=0, log_config=None, timeout_graceful_shutdown=1), sandbox)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started or not thread.is_alive())
    try:
        yield Model(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(20)
