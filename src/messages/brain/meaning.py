"""Search by meaning, where a model for it is set: vectors of an agent's FAQs, made once and kept by their content.

It never holds up an answer: while the vectors are made (in a thread, at the pace of all calls), and whenever a call
cannot be made or fails, the search by words is all there is.
"""

import logging
import math
import threading
import time
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from src.core.agent_config import AgentConfig, Faq
from src.core.brain_tables import embeddings, paces
from src.core.database import insert_into, now_ms
from src.core.errors import BrainError
from src.core.instance import Instance
from src.core.model_telemetry import EMBEDDINGS
from src.core.openai_types import Usage
from src.messages.brain import breaker, money, pace
from src.messages.brain.choose import ALSO
from src.messages.brain.money import Payer
from src.messages.brain.pace import MustWait
from src.messages.brain.vectors import Vector, Vectors, packed, unit, unpacked
from src.messages.decision import Ranked
from src.messages.shelf import Shelf

log = logging.getLogger(__name__)

DIMENSIONS = 256
BATCH = 256  # texts of one call
NEAREST = 64  # FAQs that a search finds
QUESTION_SECONDS = 4.0  # for the one call that a question needs
QUESTION_PATIENCE_MS = 1_100  # … and how long it may wait until it may start: a pace of one a second
FAQ_SECONDS = 30.0
FAQ_PATIENCE_MS = 60_000
_LONGEST = 8_000  # characters of a text: a model reads 8,192 tokens (OpenAI: Vector embeddings)
_AT_ONCE = 500  # rows of one statement
_CROWDED_MS = 2_200  # the next free slot is so far away, at one call a second, where more than one turn waits

REST_SECONDS = 60.0  # after vain work on an agent's vectors

_shelf = Shelf[tuple[str, Vectors]]()  # with the model that made them
_not_before: dict[str, float] = {}  # by agent: vectors are being made, or that failed, until then
_lock = threading.Lock()


class NotNow(Exception):
    """No vectors can be had now; `str()` is the word that the metric shows."""


def nearest(instance: Instance, config: AgentConfig, payer: Payer, text: str) -> tuple[Ranked, ...]:
    """The FAQs nearest to the text in meaning, best first; none where that cannot be known now. Never raises for it.

    One call of the model. While vectors of FAQs are missing they are made in a thread, and nothing is found.
    """
    model = instance.settings.openai_embedding_model
    if instance.openai is None or model is None or not text.strip():
        return ()
    try:
        vectors = _vectors(instance, config, payer, model)
        asked = _embedded(instance, payer, [text], QUESTION_SECONDS, QUESTION_PATIENCE_MS)
    except NotNow as reason:
        EMBEDDINGS.labels(str(reason)).inc()
        return ()
    EMBEDDINGS.labels("ok").inc()
    return vectors.nearest(asked[0], NEAREST)


def learn(instance: Instance, config: AgentConfig, payer: Payer) -> int:
    """Makes the vectors that are missing, and returns how many. Safe to call twice, and in several processes.

    Raises `NotNow` where a call cannot be made; what was made until then is kept.
    """
    made = 0
    keys = _keys(instance, config)
    while missing := _missing(instance, keys)[:BATCH]:
        texts = [keys[key] for key in missing]
        vectors = _embedded(instance, payer, texts, FAQ_SECONDS, FAQ_PATIENCE_MS)
        with instance.database.transaction() as session:
            for key, vector in zip(missing, vectors, strict=True):
                row = {"key": key, "vector": packed(vector), "created_at": now_ms()}
                insert = insert_into(session.dialect.name, embeddings).values(**row)
                session.execute(insert.on_conflict_do_nothing())
        made += len(missing)
    return made


def _vectors(instance: Instance, config: AgentConfig, payer: Payer, model: str) -> Vectors:
    """The FAQs' vectors; `NotNow` while some are missing, and then they begin to be made."""
    kept = _shelf.find(config)
    if kept is not None and kept[0] == model:
        return kept[1]
    if time.monotonic() < _not_before.get(payer.agent_id, 0.0):
        raise NotNow("not_ready")
    keys = _keys(instance, config)
    stored = _stored(instance, list(keys))
    if len(stored) < len(keys):
        _begin(instance, config, payer)
        raise NotNow("not_ready")
    ids = [faq.id for faq in config.faqs]
    vectors = Vectors(ids, [stored[_key(instance, _text(faq))] for faq in config.faqs])
    _shelf.put(config, (model, vectors))
    return vectors


def _keys(instance: Instance, config: AgentConfig) -> dict[bytes, str]:
    """Every text of the FAQs by its key; what two FAQs share once."""
    return {_key(instance, text): text for text in map(_text, config.faqs)}


def _text(faq: Faq) -> str:
    return "\n".join((faq.q, *faq.also[:ALSO], faq.a))[:_LONGEST]


def _key(instance: Instance, text: str) -> bytes:
    model = instance.settings.openai_embedding_model
    return instance.keyring.lookup(f"embedding|{model}|{DIMENSIONS}|{text}")


def _stored(instance: Instance, keys: Sequence[bytes]) -> dict[bytes, Vector]:
    c = embeddings.c
    found: dict[bytes, Vector] = {}
    with instance.database.read() as session:
        for at in range(0, len(keys), _AT_ONCE):
            some = select(c.key, c.vector).where(c.key.in_(keys[at : at + _AT_ONCE]))
            found.update((bytes(row.key), unpacked(row.vector)) for row in session.execute(some))
    return found


def _missing(instance: Instance, keys: Iterable[bytes]) -> list[bytes]:
    stored = _stored(instance, list(keys))
    return [key for key in keys if key not in stored]


def _begin(instance: Instance, config: AgentConfig, payer: Payer) -> None:
    """Makes the missing vectors in a thread, unless one of this process does so, or did so in vain a moment ago."""
    with _lock:
        if time.monotonic() < _not_before.get(payer.agent_id, 0.0):
            return
        _not_before[payer.agent_id] = math.inf
    mine = Payer(payer.agent_id, None)  # no customer pays for it
    threading.Thread(target=_learn, args=(instance, config, mine), name="meaning", daemon=True).start()


def _learn(instance: Instance, config: AgentConfig, payer: Payer) -> None:
    rests = REST_SECONDS
    try:
        made = learn(instance, config, payer)
        log.info("faqs_embedded", extra={"agent_id": payer.agent_id, "count": made})
        rests = 0.0
    except NotNow as reason:
        log.warning("faqs_not_embedded", extra={"agent_id": payer.agent_id, "why": str(reason)})
    except Exception:  # the outermost frame of its thread: words alone answer, until it is tried again
        log.exception("faqs_not_embedded", extra={"agent_id": payer.agent_id, "why": "failed"})
    finally:
        with _lock:
            _not_before[payer.agent_id] = time.monotonic() + rests


def _embedded(
    instance: Instance, payer: Payer, texts: Sequence[str], seconds: float, patience_ms: int
) -> list[Vector]:
    """Vectors of unit length, by one call. Raises `NotNow`."""
    settings, model, client = instance.settings, instance.settings.openai_embedding_model, instance.openai
    if client is None or model is None:
        raise NotNow("off")
    _look(instance, payer, model)
    client.warm_up()
    try:
        start = pace.start(instance.database, payer.agent_id, settings.openai_rps_per_agent, patience_ms)
        vectors, usage = client.embed(texts, model, DIMENSIONS, seconds, start.left)
    except MustWait:
        raise NotNow("busy") from None
    except BrainError as error:
        breaker.record(instance.database, model, error)
        if error.usage is not None:
            _pay(instance, payer, error.usage)
        raise NotNow(error.result) from None
    breaker.record(instance.database, model, None)
    _pay(instance, payer, usage)
    return [unit(vector) for vector in vectors]


def _look(instance: Instance, payer: Payer, model: str) -> None:
    """Raises `NotNow` where the call may not be made, or would take its time from customers who wait."""
    settings = instance.settings
    waits = select(paces.c.next_at - now_ms()).where(paces.c.agent_id == payer.agent_id)
    with instance.database.transaction() as session:
        if (session.execute(waits).scalar() or 0) * settings.openai_rps_per_agent > _CROWDED_MS:
            raise NotNow("busy")
        if money.ceiling_reached(session, settings, payer) is not None:
            raise NotNow("ceiling")
        if breaker.is_open(session, model):
            raise NotNow("rests")


def _pay(instance: Instance, payer: Payer, usage: Usage) -> None:
    with instance.database.transaction() as session:
        money.record_use(session, instance.settings, payer, "embed", usage)
