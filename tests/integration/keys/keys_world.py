"""A world of two tenants, and of agents that belong to none."""

import itertools
from functools import partial
from pathlib import Path
from typing import Any

from src.accounts.key_holder import OWNER, KeyHolder
from src.accounts.keys import KeyInput, make_key
from tests.world import World, call, eventually

FAQS = [{"q": "¿A qué hora abren?", "a": "A las nueve."}]
NOBODYS = "nobody's"  # without a tenant
TENANTS = ("acme", "zarpa", NOBODYS)
_numbers = itertools.count(200)


class Tenants(World):
    """Each of `TENANTS` has an agent with a number of its own, a conversation that waits, and a key that does nothing."""

    def __init__(self, home: Path, database_url: str | None = None, **settings: Any) -> None:
        super().__init__(home, database_url, **{"rate_limit_key": "100000/minute", **settings})
        self.agents: dict[str, str] = {}
        self.numbers: dict[str, tuple[str, str]] = {}
        self.chats: dict[str, int] = {}
        self.people: dict[str, str] = {}
        self.keys: dict[str, str] = {}

    def furnish(self) -> None:
        """Makes all of it."""
        for tenant in TENANTS:
            key = self.key("agents:write", tenant=tenant)
            self.numbers[tenant] = number, number_id = self.new_number()
            status, made = self.asks(key, "POST", "/agent", self.agent_body(number, number_id))
            assert status == 201, made
            self.agents[tenant] = made["agent_id"]
            self.chats[tenant] = self.chats_with(tenant)
            self.keys[tenant] = self.made("read", tenant=tenant)["key_id"]

    def chats_with(self, tenant: str) -> int:
        """A customer who is nobody else's writes to the tenant's number; the conversation's id once it waits."""
        _, made = call("POST", f"{self.sandbox}/api/customers", {"name": f"Cliente de {tenant}"})
        number_id = self.numbers[tenant][1]
        chat = f"{self.sandbox}/api/chats/{made['id']}/{number_id}/messages"
        assert call("POST", chat, {"type": "text", "text": "quiero hablar con una persona"})[0] == 201
        self.people[tenant] = made["wa_id"]
        found: int = eventually(partial(self.chat_of, number_id))
        return found

    def chat_of(self, number_id: str) -> int | None:
        """The conversation that waits at this number."""
        waiting = self.api("GET", "/conversation?holder=waiting")[1]["conversations"]
        return next((one["id"] for one in waiting if one["phone_number_id"] == number_id), None)

    def new_number(self) -> tuple[str, str]:
        """A number that nobody has here, registered with Meta, and its id."""
        number = f"+34600000{next(_numbers)}"
        status, made = call("POST", f"{self.sandbox}/api/numbers", {"phone_number": number, "name": "x"})
        assert status in (200, 201), made
        return number, made["phone_number_id"]

    def agent_body(self, number: str, number_id: str) -> dict[str, Any]:
        """What makes an agent at this number."""
        return {"phone_number": number, "phone_number_id": number_id, "faqs": FAQS}

    def made(self, *scopes: str, tenant: str = NOBODYS, by: KeyHolder = OWNER, **more: Any) -> dict[str, Any]:
        """A key, as whoever makes it sees it once."""
        whose = None if tenant == NOBODYS else tenant
        given = KeyInput(name="de prueba", scopes=frozenset(scopes), tenant=whose, **more)
        with self.instance.database.transaction() as session:
            return make_key(session, self.instance.keyring, by, given)

    def key(self, *scopes: str, tenant: str = NOBODYS) -> str:
        """The text of a key."""
        return str(self.made(*scopes, tenant=tenant)["key"])

    def asks(self, key: str | None, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        """Status and answer for whoever holds this key; None: for whoever sends none."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return call(method, self.url + path, body, **headers, **more)
