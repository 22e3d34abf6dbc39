"""The paid part of thinking: calls of one model with tools between them, checked by code, drafted anew once."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from src.core.agent_config import AgentConfig, Faq
from src.core.errors import BrainError, BrainGarbled
from src.core.instance import Instance
from src.core.model_telemetry import CHECKS_FAILED
from src.core.openai_types import Answer, Usage, Wish
from src.messages.actions.desk import Desk, Proposed, Told
from src.messages.actions.outcome import Ended
from src.messages.brain import breaker, money, pace
from src.messages.brain.grounding import CHECKS, Failure, examine
from src.messages.brain.prompt import RULES, prompt_of
from src.messages.brain.reading import draft_of
from src.messages.brain.thought import Asker, Call
from src.messages.decision import Draft
from src.messages.question import Question

log = logging.getLogger(__name__)

SECONDS = 36.0  # for all calls of one question together: a turn's deadline is 45 s
SECONDS_AFTER_DEED = 20.0  # … and after a tool's call, which may have taken up to 16 s
_LEAST_SECONDS = 2.0  # a call with less than this is not begun
_ROUNDS = 4  # calls of one draft at most: three tools and the answer
TURN_PATIENCE_MS = 2_500  # how long a turn's call waits in its thread until it may start
OTHERS_PATIENCE_MS = 15_000  # … and the call of whoever cannot come again

for _check in CHECKS:  # a series that appears only with its first event hides that event
    CHECKS_FAILED.labels(_check)


class Ungrounded(Exception):
    """Twice the draft said what its sources do not; `failures` are the last draft's."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(", ".join(failure.check for failure in failures))
        self.failures = tuple(failures)


class CeilingReached(Exception):
    """No money may be spent now; `str()` names the ceiling."""


@dataclass(frozen=True)
class Asking:
    """One question with all that its draft stands on; `faq` is what the FAQ answerer says to it."""

    question: Question
    config: AgentConfig
    asker: Asker
    faq: Draft
    desk: Desk | None
    deed: Ended | None


def canary_of(instance: Instance) -> str:
    """What stands in every prompt and may stand in no answer."""
    return instance.keyring.token("canary")


class Drafting:
    """Drafts of one question. `calls` are all that were made, also those that failed."""

    def __init__(self, instance: Instance, asking: Asking, faqs: Sequence[Faq], slot: int | None) -> None:
        self._instance, self._asking = instance, asking
        self._slot = slot  # of the first call; the others go between
        self._ends = time.monotonic() + (SECONDS if asking.deed is None else SECONDS_AFTER_DEED)
        self._faqs = faqs
        self._done: list[tuple[Wish, str]] = []
        self._told: dict[str, str] = {}
        self.calls: list[Call] = []
        self.canary = canary_of(instance)
        if asking.deed is not None:
            call = asking.deed.call
            self._add(Wish(call.id, call.tool, call.arguments), f"tool:{call.tool}:0", asking.deed.text)

    def _add(self, wish: Wish, source_id: str, text: str) -> None:
        self._told[source_id] = text
        self._done.append((wish, f"[{source_id}] {text}"))

    @property
    def in_prompt(self) -> tuple[str, ...]:
        """The FAQs that the model saw."""
        return tuple(faq.id for faq in self._faqs)

    @property
    def used_tools(self) -> bool:
        """Did the draft need what is this customer's alone?"""
        return bool(self._done)

    def draft(self, model: str) -> Draft | Proposed:
        """A draft that holds, or an action that the customer must confirm first.

        Raises BrainError's children, `Ungrounded`, `CeilingReached`, `MustWait`.
        """
        failures: tuple[Failure, ...] = ()
        for is_last in (False, True):
            try:
                proposed = self._proposed(model, [failure.why for failure in failures])
            except BrainGarbled:
                if is_last:
                    raise
                continue
            if isinstance(proposed, Proposed):
                return proposed
            failures = examine(proposed, self._asking.config, self._asking.question, self.canary, RULES)
            if not failures:
                return proposed
            for check in {failure.check for failure in failures}:
                CHECKS_FAILED.labels(check).inc()
            log.info("draft_rejected", extra={"checks": sorted({f.check for f in failures}), "last": is_last})
        raise Ungrounded(failures)

    def _proposed(self, model: str, rejected: Sequence[str]) -> Draft | Proposed:
        for _ in range(_ROUNDS):
            answer = self._call(model, rejected)
            if answer.content is not None:
                asking = self._asking
                ranked = asking.faq.ranked
                return draft_of(answer.content, asking.question, asking.config, ranked, self._told)
            for wish in answer.wishes:
                if (proposed := self._grant(wish)) is not None:
                    return proposed
        raise BrainGarbled("the model asks for tools and does not answer")

    def _grant(self, wish: Wish) -> Proposed | None:
        """Runs a tool that only reads; one that changes something is handed back, for the customer to confirm."""
        if self._asking.desk is None:
            self._done.append((wish, "There is no such tool."))
            return None
        outcome = self._asking.desk.run(wish)
        if isinstance(outcome, Proposed):
            return outcome
        if isinstance(outcome, Told):
            self._add(wish, outcome.source_id, outcome.text)
        else:
            self._done.append((wish, outcome.why))
        return None

    def _call(self, model: str, rejected: Sequence[str]) -> Answer:
        client = self._instance.openai
        assert client is not None, "the ladder comes here only with a model"
        asking, payer = self._asking, self._asking.asker.payer
        prompt = prompt_of(
            asking.question,
            asking.config,
            self._faqs,
            canary=self.canary,
            memory_tokens=self._instance.settings.memory_tokens,
            cache_key=f"{payer.agent_id}.{asking.asker.version}",
            customer=(payer.customer_key or b"").hex(),
            functions=asking.desk.functions if asking.desk else (),
            done=tuple(self._done),
            rejected=rejected,
        )
        client.warm_up()
        # All that can be done before it is done: from here on the request only leaves.
        start = self._wait_for_start()
        seconds = min(self._instance.settings.openai_timeout, self._ends - time.monotonic())
        purpose = "redraft" if rejected else asking.asker.purpose
        began = time.monotonic()
        try:
            answer = client.answer(prompt, model, seconds, start.left)
        except BrainError as error:
            breaker.record(self._instance.database, model, error)
            self._note(purpose, error.result, error.usage or Usage(model), began)
            raise
        breaker.record(self._instance.database, model, None)
        self._note(purpose, "ok", answer.usage, began)
        return answer

    def _wait_for_start(self) -> pace.Start:
        if self._ends - time.monotonic() < _LEAST_SECONDS:
            raise BrainGarbled("there is no time left for another call")
        settings, payer = self._instance.settings, self._asking.asker.payer
        with self._instance.database.read() as session:
            ceiling = money.ceiling_reached(session, settings, payer)
        if ceiling is not None:
            raise CeilingReached(ceiling)
        slot, self._slot = self._slot, None
        is_turn = self._asking.asker.conversation_id is not None
        patience = TURN_PATIENCE_MS if is_turn else OTHERS_PATIENCE_MS
        return pace.start(
            self._instance.database, payer.agent_id, settings.openai_rps_per_agent, patience, slot
        )

    def _note(self, purpose: str, result: str, usage: Usage, began: float) -> None:
        asker = self._asking.asker
        with self._instance.database.transaction() as session:
            if asker.conversation_id is not None:
                pace.release(session, asker.conversation_id)
            cost = money.record_use(session, self._instance.settings, asker.payer, purpose, usage)
        self.calls.append(Call(purpose, result, usage, cost, round((time.monotonic() - began) * 1000)))


def checks_of(failures: Sequence[Failure], names: Sequence[str]) -> Mapping[str, str]:
    """Every check by name: `ok`, or why it failed."""
    failed = {failure.check: failure.why for failure in failures}
    return {name: failed.get(name, "ok") for name in names}
