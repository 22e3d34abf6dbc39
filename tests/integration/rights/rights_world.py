"""A bakery with a customer of whom something lies in every table, and a look at all that a database holds."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import SQLModel

from src.core.brain_tables import spending
from src.core.conversation_tables import ActionState, actions
from src.core.models import notices
from tests import launch
from tests.integration.hearing.hearing_world import HearingWorld
from tests.world import call, eventually

NAME, NUMBER, USER_ID = "Eufrasia Quintanilla", "34655501234", "ES.90210555123450001234"
ASKED = "¿hacen envíos a Villarramiel de Campos?"
SPOKEN, NOTED = "quería un roscón de albaricoque", "prefiere que la llamen por la tarde"
WORDS = (NAME, "Eufrasia", NUMBER, "Villarramiel", "albaricoque", "por la tarde", "mazapanes")


class Rights(HearingWorld):
    """`world.lives()` gives the customer a life; `world.held()` is all that the database holds, opened."""

    def lives(self) -> int:
        """The customer writes, speaks, shows a picture, wants a person, is noted and answered; the conversation's id."""
        _, made = call(
            "POST", f"{self.sandbox}/api/customers", {"name": NAME, "wa_id": NUMBER, "kind": "both"}
        )
        self.customers.insert(0, made["id"])
        self.user_id = made["user_id"]
        self.is_a_bakery(handoff={"contact": "910 000 147", "whatsapp": "+34611203344"})
        self.says("hola", 1)  # the owner's own chat, so that they can be told there
        self.answers(1, 1)
        self.says(ASKED)
        self.speaks(SPOKEN)
        self.sends({"type": "image"})
        self.says("quiero hablar con una persona")
        found = eventually(self._waiting)
        conversation_id = int(found["id"])
        eventually(lambda: len(self.phone(1)) > 1)  # the owner was told
        assert self.api("POST", f"/conversation/{conversation_id}/note", {"text": NOTED})[0] == 201
        words = {"text": "Claro, de mazapanes tenemos tres."}
        assert self.api("POST", f"/conversation/{conversation_id}/reply", words)[0] == 201
        self._kept_beside(conversation_id, found)
        eventually(lambda: self._settled(conversation_id))
        return conversation_id

    def _settled(self, conversation_id: int) -> bool:
        """Has everything that was said to them arrived?"""
        said = self.api("GET", f"/conversation/{conversation_id}")[1]["messages"]
        return all(line["state"] in ("delivered", "read") for line in said if line["from"] != "customer")

    def _waiting(self) -> dict[str, Any] | None:
        return next((one for one in self.conversations() if one["holder"] == "waiting"), None)

    def _kept_beside(self, conversation_id: int, found: dict[str, Any]) -> None:
        """What else may name them: a tool's call, a webhook that nobody understood, what they cost."""
        raw = json.dumps({"odd": {"from": NUMBER, "name": NAME}}).encode()
        action = {"conversation_id": conversation_id, "call_id": "c1", "tool": "book", "created_at": 1}
        action |= {"arguments": {"who": NAME}, "state": ActionState.DONE, "result": {"text": NAME}}
        key = self.instance.keyring.lookup(f"user:{found['customer']['user_id']}").hex()
        with self.instance.database.transaction() as session:
            session.execute(insert(actions).values(action))
            for field, content in (
                ("errors", {"wa_id": NUMBER, "title": "x"}),
                ("poison", base64.b64encode(raw).decode()),
                ("errors", {"wa_id": "34655509999"}),
            ):
                session.execute(insert(notices).values(field=field, content=content, received_at=1))
            one = {"scope": f"customer:{key}", "period": "2026-11-20", "calls": 1, "cost": 7}
            session.execute(insert(spending).values(one))

    def held(self) -> dict[str, str]:
        """Everything in every table with what is sealed opened, as text."""
        with self.instance.database.read() as session:
            return {
                table.name: repr([tuple(row) for row in session.execute(select(table))])
                for table in SQLModel.metadata.sorted_tables
            }

    def files(self) -> list[Path]:
        """SQLite's files."""
        path = Path(self.instance.database.url.database or "")
        return [one for one in path.parent.glob(f"{path.name}*") if one.is_file()]

    def typed(self, *words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """`released customers …` on the instance's database."""
        env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(launch.PROJECT), "RELEASED_HOME": str(self.home)}
        env |= {"DATABASE_URL": str(self.settings()["database_url"])}
        return launch.run("src", "customers", *words, env=env, cwd=cwd or launch.PROJECT)
