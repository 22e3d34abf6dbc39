"""Has a recording transcribed: in its turn, within the ceilings, and paid once."""

import time

from sqlalchemy import select

from src.core.database import now_ms
from src.core.errors import BrainBusy, BrainError, BrainUnreachable
from src.core.instance import Instance
from src.core.openai_client import Usage
from src.messages.brain import breaker, money, pace
from src.messages.brain.pace import MustWait
from src.messages.hearing.keywords import keywords, languages
from src.messages.hearing.waiting import Listener

AT_ONCE_MS = 1_500  # a slot that is no further away is waited for in the thread
PATIENCE_MS = 2_500  # how long a call waits until it may start
RETRY_MS = 2_000  # a transcriber that is busy or away is asked again after this, where it names no time


class Unheard(Exception):
    """A recording has no words; `reason` says why, and `usage` is of the call, where there was one."""

    def __init__(self, reason: str, usage: Usage | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.usage = usage


class Transcriber:
    """Transcribes for one conversation. Its first call has the conversation's slot, the others go between."""

    def __init__(self, instance: Instance, of: Listener, deadline: float) -> None:
        self._instance, self._of, self._deadline = instance, of, deadline
        self._slot: int | None = None
        self._reserved = False

    def prepare(self) -> None:
        """A call will be made. Raises `Unheard` at a ceiling, `MustWait` while its slot has not come."""
        settings, agent_id = self._instance.settings, self._of.payer.agent_id
        with self._instance.database.transaction() as session:
            ceiling = money.ceiling_reached(session, settings, self._of.payer)
            if ceiling is None and not self._reserved:
                rps = settings.openai_rps_per_agent
                self._slot = pace.reserve(session, agent_id, self._of.conversation_id, rps)
            now: int = session.execute(select(now_ms())).scalar_one()
        if ceiling is not None:
            raise Unheard(f"ceiling {ceiling}")
        if self._slot is not None and self._slot - now > AT_ONCE_MS:
            raise MustWait(self._slot)
        self._reserved = True

    def transcribe(self, sound: bytes, mime: str, asked_at: int) -> tuple[str, Usage]:
        """The words, and what the call used. Raises `Unheard`, or `MustWait` where it may work a little later.

        `asked_at` (ms) is when the recording came: nobody waits for a busy server longer than OPENAI_MAX_WAIT.
        """
        start = self._wait_for_start()
        client, model = self._instance.openai, self._instance.settings.openai_transcribe_model
        assert client is not None, "without a model nothing is transcribed"
        seconds = min(self._instance.settings.openai_timeout, self._deadline - time.monotonic())
        expected = keywords(self._of.config)
        try:
            found = client.transcribe(sound, mime, languages(self._of.config), expected, seconds, start.left)
        except BrainError as error:
            breaker.record(self._instance.database, model, error)
            usage = error.usage or Usage(model)
            if isinstance(error, BrainBusy | BrainUnreachable):
                self._wait_once_more(error, usage, asked_at)
            raise Unheard(error.result, usage) from error
        breaker.record(self._instance.database, model, None)
        return found

    def _wait_for_start(self) -> pace.Start:
        settings, slot = self._instance.settings, self._slot
        rps = settings.openai_rps_per_agent
        start = pace.start(self._instance.database, self._of.payer.agent_id, rps, PATIENCE_MS, slot)
        self._slot = None
        with self._instance.database.transaction() as session:
            pace.release(session, self._of.conversation_id)
            rests = breaker.is_open(session, settings.openai_transcribe_model)
        if rests:
            raise Unheard("the model rests")
        return start

    def _wait_once_more(self, error: BrainError, usage: Usage, asked_at: int) -> None:
        """Raises `MustWait` where the same call may work soon, and the customer has not waited too long yet."""
        settings = self._instance.settings
        retry = int((error.retry_after or 0) * 1000) or RETRY_MS
        with self._instance.database.transaction() as session:
            now: int = session.execute(select(now_ms())).scalar_one()
            is_soon = now + retry - asked_at <= settings.openai_max_wait * 1000
            if is_soon:
                money.record_use(session, settings, self._of.payer, "transcribe", usage)
        if is_soon:
            raise MustWait(now + retry) from error
