"""A bakery whose customers send more than words, and what became of it in database, Meta's ledger and the model's."""

import base64
import json
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from src.core.conversation_tables import media
from src.core.models import messages
from src.core.states import MessageState
from src.messages import hearing
from tests.integration.brain.model_world import ModelWorld
from tests.world import eventually

SAMPLES = json.loads((Path(__file__).parents[3] / "sandbox/samples.json").read_text(encoding="ascii"))
TRANSCRIPTIONS = "/v1/audio/transcriptions"


def bytes_of(kind: str) -> bytes:
    """The file that the sandbox's telephone sends where none is given."""
    return base64.b64decode(SAMPLES[kind]["content"])


class HearingWorld(ModelWorld):
    """`world.sends({"type": "audio"})`, `world.speaks("…")`, then look at what was heard."""

    def speaks(self, words: str, customer: int = 0, **more: Any) -> str:
        """A customer sends a voice note in which the transcriber will hear these words."""
        self.model("reply", on="transcriptions", text=words, times=1)
        return self.sends({"type": "audio", **more}, customer)

    def of_kind(self, kind: str) -> list[Any]:
        """The customers' messages of a kind, oldest first, with what was heard of them and their file's row."""
        file = (media.c.state.label("file"), media.c.reason.label("why"), media.c.content.label("bytes"))
        found = (
            select(messages, media.c.mime, media.c.size, *file)
            .join_from(messages, media, media.c.message_id == messages.c.id, isouter=True)
            .where(messages.c.kind == kind)
            .order_by(messages.c.id)
        )
        with self.instance.database.read() as session:
            return list(session.execute(found))

    def heard(self, kind: str = "audio", count: int = 1) -> list[dict[str, Any]]:
        """What was heard of the customers' messages of a kind, once so many were answered."""

        def done() -> list[Any]:
            rows = self.of_kind(kind)
            return rows if sum(row.state != MessageState.RECEIVED for row in rows) >= count else []

        return [row.heard for row in eventually(done)]

    def transcribed(self) -> list[dict[str, Any]]:
        """Every request for a transcript."""
        return [one for one in self.asked() if one["path"].endswith(TRANSCRIPTIONS)]

    def talks(self) -> list[dict[str, Any]]:
        """Every request for an answer."""
        return [one for one in self.asked() if one["path"].endswith("/responses")]

    def fetched(self) -> int:
        """How many times a file was asked for at Meta."""
        return len(self.ledger("media_id"))

    def is_held(self) -> int:
        """A person has the conversation, so that what comes waits; returns its id."""
        self.says("hola")
        self.answers()
        (conversation,) = self.conversations()
        status, _ = self.api("POST", f"/conversation/{conversation['id']}/takeover")
        assert status < 300
        return int(conversation["id"])

    def waits(self, kind: str) -> int:
        """The id of the message of that kind, as soon as it is stored."""
        return int(eventually(lambda: self.of_kind(kind))[-1].id)

    def hears(self, conversation_id: int, seconds: float = 20.0) -> None:
        """Hears what waits in the conversation."""
        hearing.hear(self.instance, conversation_id, time.monotonic() + seconds)

    def ages(self, table: Any, column: str, hours: int) -> None:
        """Everything in a table is that much older."""
        with self.instance.database.transaction() as session:
            c = table.c[column]
            session.execute(update(table).values({column: c - hours * 3600 * 1000}))
