"""The world of a business whose people are told when a customer waits."""

from typing import Any

from sqlalchemy import select, update

from src.core.conversation_tables import alerts
from src.core.database import now_ms
from src.core.models import conversations
from tests.world import NUMBER, World, eventually

FAQS = [
    {"q": "¿A qué hora abren?", "a": "A las nueve."},
    {"q": "¿Dónde están?", "a": "En la calle Mayor, 3."},
]
A_PERSON = "quiero hablar con una persona"


class Desk(World):
    """As `World`, with one agent whose `handoff` is given."""

    def opens(self, **handoff: Any) -> dict[str, Any]:
        """Makes the agent; returns the answer of POST /agent."""
        body = {"phone_number": NUMBER, "phone_number_id": self.number_id, "faqs": FAQS, "name": "Zarpa"}
        status, made = self.api("POST", "/agent", {**body, "handoff": handoff})
        assert status == 201, made
        self.agent_id = made["agent_id"]
        found: dict[str, Any] = made
        return found

    def waiting(self) -> dict[str, Any]:
        """The one conversation that waits for a person."""
        (found,) = eventually(lambda: [c for c in self.conversations() if c["holder"] == "waiting"])
        return dict(found)

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert, oldest first, as the database has it."""
        with self.instance.database.read() as session:
            return [dict(row._mapping) for row in session.execute(select(alerts).order_by(alerts.c.id)).all()]

    def settled(self) -> list[tuple[str, str, str | None]]:
        """Channel, state and error of every alert, once none is queued."""
        eventually(lambda: self.alerts() and all(row["state"] != "queued" for row in self.alerts()))
        return [(row["channel"], str(row["state"]), row["error"]) for row in self.alerts()]

    def put_off(self) -> dict[str, Any]:
        """The one alert, once an attempt was in vain and the next has its time."""
        return dict(eventually(lambda: [row for row in self.alerts() if row["error"] is not None])[0])

    def hurry(self) -> None:
        """The time of every next attempt has come."""
        with self.instance.database.transaction() as session:
            session.execute(update(alerts).where(alerts.c.state == "queued").values(next_attempt_at=now_ms()))

    def time_passes(self, ms: int, **columns: Any) -> None:
        """Every conversation's times lie that much further back."""
        times = {
            name: conversations.c[name] - ms
            for name in ("held_at", "last_inbound_at", "unanswered_since", "last_at")
        }
        with self.instance.database.transaction() as session:
            session.execute(update(conversations).values({**times, **columns}))
