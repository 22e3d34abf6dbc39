"""Hears and sees what waits in a conversation: each file once, each failure written down, no transaction open meanwhile."""

import logging
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from src.core.conversation_tables import MediaState
from src.core.database import AnyRow, now_ms
from src.core.instance import Instance
from src.core.openai_client import Usage
from src.core.telemetry import MEDIA
from src.messages.brain import money
from src.messages.brain.pace import MustWait
from src.messages.hearing.fetching import File, NotOpened, fetch
from src.messages.hearing.heard import Heard, HeardKind, transcript
from src.messages.hearing.transcribing import Transcriber, Unheard
from src.messages.hearing.waiting import Listener, keep, kept, listener, settle, waiting

log = logging.getLogger(__name__)

PICTURES = 5  # pictures of one turn that are fetched at most
LEAST_SECONDS = 2.0  # with less time nothing new is begun


def hear(instance: Instance, conversation_id: int, deadline: float) -> None:
    """Hears what the waiting messages of the conversation carry, until `deadline` (`time.monotonic()`).

    What became of each file is in `message.heard` and `media` afterwards, its failures too. Raises only `MustWait`,
    when a call may not start yet or the time is over; what was heard until then stays. Safe to call twice: what was
    heard is neither fetched nor paid again.
    """
    with instance.database.read() as session:
        found = listener(session, instance, conversation_id)
    if found is not None:
        _Ears(instance, found, deadline).hear()


class _Ears:
    def __init__(self, instance: Instance, of: Listener, deadline: float) -> None:
        self._instance, self._of, self._deadline = instance, of, deadline
        self._transcriber = Transcriber(instance, of, deadline)
        self._done = self._pictures = 0

    def hear(self) -> None:
        while rows := self._waiting():  # more may come while the first are heard
            self._hear_all(rows)

    def _waiting(self) -> Sequence[AnyRow]:
        with self._instance.database.read() as session:
            max_age = self._instance.settings.reply_max_age
            return waiting(session, self._of.conversation_id, max_age)

    def _hear_all(self, rows: Sequence[AnyRow]) -> None:
        for row in rows:
            began = time.monotonic()
            heard = self._hear(row)
            self._done += 1
            MEDIA.labels(row.kind, heard.kind.value).inc()
            told = {"conversation_id": self._of.conversation_id, "message_id": row.id, "kind": row.kind}
            told |= {"result": heard.kind.value, "reason": heard.reason}
            log.info("media_heard", extra={**told, "ms": round((time.monotonic() - began) * 1000)})

    def _hear(self, row: AnyRow) -> Heard:
        if row.kind not in ("audio", "image"):
            return self._settled(row, Heard(HeardKind.REFUSED, reason="not opened"))
        if self._instance.openai is None:
            return self._settled(row, Heard(HeardKind.FAILED, reason="no model"))
        try:
            return self._listen(row) if row.kind == "audio" else self._look(row)
        except NotOpened as failure:
            word = HeardKind.REFUSED if failure.state == MediaState.REFUSED else HeardKind.FAILED
            heard = Heard(word, reason=failure.reason)
            return self._settled(row, heard, state=failure.state, reason=failure.reason)

    def _look(self, row: AnyRow) -> Heard:
        """Keeps a picture for the model."""
        self._pictures += 1
        if self._pictures > PICTURES:
            return self._settled(row, Heard(HeardKind.REFUSED, reason="too many"))
        file = self._fetched(row)
        return self._settled(row, Heard(HeardKind.IMAGE), state=MediaState.FETCHED, **_about(file))

    def _listen(self, row: AnyRow) -> Heard:
        """Has a recording transcribed; the sound is kept only where there are no words for it."""
        file: File | None = None
        try:
            self._transcriber.prepare()
            file = self._sound(row)
            if self._left() < LEAST_SECONDS:
                raise MustWait(self._now())
            text, usage = self._transcriber.transcribe(file.content, file.mime, row.received_at)
        except MustWait:
            if file is not None:
                with self._instance.database.transaction() as session:
                    keep(session, row, MediaState.FETCHED, **_about(file))
            raise
        except Unheard as failure:
            return self._unheard(row, file, failure)
        with self._instance.database.transaction() as session:
            heard = transcript(text, self._paid(session, usage))
            if settle(session, row, heard):
                keep(session, row, MediaState.FETCHED, **(_about(file) | {"content": None}))
        return heard

    def _unheard(self, row: AnyRow, file: File | None, failure: Unheard) -> Heard:
        with self._instance.database.transaction() as session:
            cost = self._paid(session, failure.usage) if failure.usage is not None else 0
            heard = Heard(HeardKind.FAILED, reason=failure.reason, cost=cost)
            if settle(session, row, heard) and file is not None:
                keep(session, row, MediaState.FETCHED, **_about(file))
        return heard

    def _paid(self, session: Connection, usage: Usage) -> int:
        return money.record_use(session, self._instance.settings, self._of.payer, "transcribe", usage)

    def _sound(self, row: AnyRow) -> File:
        with self._instance.database.read() as session:
            before = kept(session, row.id)
        return self._fetched(row) if before is None else before

    def _fetched(self, row: AnyRow) -> File:
        if self._left() < LEAST_SECONDS:
            if self._done:
                raise MustWait(self._now())  # the next turn has time for the rest
            raise NotOpened(MediaState.FAILED, "no time")
        return fetch(self._instance, self._of.line, row.kind, row.content.get(row.kind), self._deadline)

    def _settled(self, row: AnyRow, heard: Heard, **file: Any) -> Heard:
        with self._instance.database.transaction() as session:
            if settle(session, row, heard) and file:
                keep(session, row, **file)
        return heard

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _now(self) -> int:
        with self._instance.database.read() as session:
            now: int = session.execute(select(now_ms())).scalar_one()
        return now


def _about(file: File) -> dict[str, Any]:
    return {"mime": file.mime, "size": len(file.content), "content": file.content}
