"""The ladder: the model, a second model, the FAQs, a person. On each rung something honest is said."""

import logging
from dataclasses import replace

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.types import String

from src.core.agent_config import AgentConfig
from src.core.brain_tables import paces
from src.core.database import now_ms
from src.core.errors import BrainBroke, BrainBusy, BrainError, BrainRefused, BrainUnreachable
from src.core.instance import Instance
from src.core.model_telemetry import RUNGS
from src.core.models import conversations
from src.messages import faq_answerer
from src.messages.actions.desk import Desk, Proposed
from src.messages.actions.outcome import Ended
from src.messages.brain import breaker, cache, pace
from src.messages.brain.consented import told
from src.messages.brain.drafting import Asking, CeilingReached, Drafting, Ungrounded, canary_of, checks_of
from src.messages.brain.grounding import CHECKS
from src.messages.brain.pace import MustWait
from src.messages.brain.reading import BRAIN
from src.messages.brain.relevant import relevant
from src.messages.brain.thought import CACHE, FAQ, MODEL, NOT_HELD, SHORTCUT, Asker, Thought
from src.messages.decide import MISSES, decide
from src.messages.decision import Decision, DecisionKind, Draft
from src.messages.intents import OPTED_OUT
from src.messages.question import Question

log = logging.getLogger(__name__)

AT_ONCE_MS = 1_500  # a slot that is no further away is waited for in the thread
RETRY_MS = 2_000  # a server that is busy or away is asked again after this, where it names no time
_SURE = (DecisionKind.ANSWER, DecisionKind.HANDOFF, DecisionKind.OFF_TOPIC, DecisionKind.SMALLTALK)
_NEEDS_NO_MODEL = ("chosen", "the owner's own question", "small talk", OPTED_OUT, "person")


_SLOTS = (
    select(conversations.c.slot_at, paces.c.next_at, now_ms())
    .join_from(conversations, paces, paces.c.agent_id == bindparam("agent", type_=String), isouter=True)
    .where(conversations.c.id == bindparam("of", type_=BigInteger))
)


class Fallen(Exception):
    """No model answers this question; `str()` says why in a word or two."""


def think(
    instance: Instance,
    question: Question,
    config: AgentConfig,
    asker: Asker,
    desk: Desk | None = None,
    deed: Ended | None = None,
) -> Thought:
    """What the bot says to this question, and why; turns, `ask`, evaluation and replay all come here.

    `deed` is what a tool has just done because the customer agreed: then that is what is told. Raises `MustWait` in a
    turn whose call may not start yet: the turn is then due again at its time.
    """
    faq = faq_answerer.draft(question, config)
    thought = _without_model(instance, question, config, asker, faq) if deed is None else None
    if thought is None:
        thought = _with_model(instance, Asking(question, config, asker, faq, desk, deed))
    RUNGS.labels(thought.rung).inc()
    return thought


def _without_model(
    instance: Instance, question: Question, config: AgentConfig, asker: Asker, faq: Draft
) -> Thought | None:
    """What needs no call: everything where there is no model, shortcuts, and what was asked before."""
    if instance.openai is None:
        return Thought(faq, decide(faq, config, question), FAQ, "no model is set")
    if _needs_no_model(faq, question):
        return Thought(faq, decide(faq, config, question), SHORTCUT, faq.reason)
    with instance.database.read() as session:
        known = cache.find(session, instance.keyring, asker.payer.agent_id, asker.version, question)
    if known is None:
        return None
    return Thought(known, decide(known, config, question, canary_of(instance)), CACHE, "asked before")


def _with_model(instance: Instance, asking: Asking) -> Thought:
    drafting = None
    try:
        if instance.openai is None:
            raise Fallen("no model is set")
        slot = _slot(instance, asking)
        payer = asking.asker.payer
        faqs = relevant(instance, asking.question, asking.config, payer, asking.faq)
        drafting = Drafting(instance, asking, faqs, slot)
        return _by_model(instance, asking, drafting)
    except MustWait:
        if asking.asker.conversation_id is not None:
            raise
        return _fallen(asking, drafting, Fallen("many wait"), "many wait")
    except (Fallen, Ungrounded) as failure:
        why = NOT_HELD if isinstance(failure, Ungrounded) else str(failure)
        log.info("model_not_used", extra={"why": why, "purpose": asking.asker.purpose})
        return _fallen(asking, drafting, failure, why)


def _needs_no_model(faq: Draft, question: Question) -> bool:
    """A tap, a choice, the owner's own words, plain small talk, a call for a person: nothing is to be understood."""
    plain = bool(question.tapped) or faq.reason in _NEEDS_NO_MODEL
    return (plain or not "".join(question.texts).strip()) and not question.images


def _slot(instance: Instance, asking: Asking) -> int | None:
    """The slot of this turn, which has come; None for who is no turn and goes between.

    Raises `MustWait` when it comes later, `Fallen` where the customer would wait too long for it.
    """
    asker = asking.asker
    if asker.conversation_id is None:
        return None
    settings, agent_id = instance.settings, asker.payer.agent_id
    with instance.database.transaction() as session:
        held, free, now = session.execute(_SLOTS, {"of": asker.conversation_id, "agent": agent_id}).one()
        waits_until = (free or now) - (asker.asked_at or now)
        if held is None and waits_until > settings.openai_max_wait * 1000 and asking.faq.kind in _SURE:
            raise Fallen("many wait")
        slot = pace.reserve(session, agent_id, asker.conversation_id, settings.openai_rps_per_agent)
    if slot - now > AT_ONCE_MS:
        raise MustWait(slot)
    return slot


def _by_model(instance: Instance, asking: Asking, drafting: Drafting) -> Thought:
    drafted, model = _first_that_answers(instance, asking.asker, drafting)
    if isinstance(drafted, Proposed):
        decision: Decision = drafted.decision
        draft = Draft(decision.kind, asking.faq.language, "to be confirmed", brain=BRAIN)
    else:
        draft = drafted
        decision = decide(draft, asking.config, asking.question, drafting.canary)
        if asking.deed is None and not drafting.used_tools:
            payer = asking.asker.payer
            with instance.database.transaction() as session:
                cache.keep(
                    session, instance.keyring, payer.agent_id, asking.asker.version, asking.question, draft
                )
    return Thought(
        draft, decision, MODEL, model, checks_of((), CHECKS), tuple(drafting.calls), drafting.in_prompt
    )


def _fallen(asking: Asking, drafting: Drafting | None, failure: Fallen | Ungrounded, why: str) -> Thought:
    """The FAQ answerer's word. What it cannot say is a person's affair at once: the bot is not at its best."""
    calls = tuple(drafting.calls) if drafting else ()
    if asking.deed is not None:
        return replace(told(asking.deed, asking.config, asking.faq.language), calls=calls)
    failures = failure.failures if isinstance(failure, Ungrounded) else ()
    return Thought(
        asking.faq,
        decide(asking.faq, asking.config, replace(asking.question, misses=MISSES)),
        FAQ,
        why,
        checks_of(failures, CHECKS) if failures else {},
        calls,
        drafting.in_prompt if drafting else (),
    )


def _first_that_answers(instance: Instance, asker: Asker, drafting: Drafting) -> tuple[Draft | Proposed, str]:
    """The first model's draft, else the second's. Raises `Ungrounded`, `MustWait`, or `Fallen` when none is left."""
    settings = instance.settings
    why, retry = "the model rests", None
    for model in filter(None, (settings.openai_model, settings.openai_second_model)):
        with instance.database.transaction() as session:  # the first after a rest writes down that it tries
            if breaker.is_open(session, model):
                continue
        try:
            return drafting.draft(model), model
        except CeilingReached as ceiling:
            raise Fallen(f"ceiling {ceiling}") from None
        except BrainError as error:
            why = error.result
            if isinstance(error, BrainBusy | BrainUnreachable):
                retry = int((error.retry_after or 0) * 1000) or RETRY_MS
            if isinstance(error, BrainBroke | BrainRefused):
                break  # the account is the same, and so is the question
    if retry is not None:
        _wait_once_more(instance, asker, retry)
    raise Fallen(why)


def _wait_once_more(instance: Instance, asker: Asker, retry: int) -> None:
    """Puts the turn off while the customer has not waited too long yet."""
    if asker.conversation_id is None or asker.asked_at is None:
        return
    with instance.database.transaction() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
        pace.release(session, asker.conversation_id)
    if now + retry - asker.asked_at <= instance.settings.openai_max_wait * 1000:
        raise MustWait(now + retry)
