"""Agents: made from one request, changed by numbered versions, reached by one number each."""

import secrets
import string
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from src.accounts.agent_input import AgentChange, AgentInput, FaqsInput
from src.accounts.faq_ids import number_faqs
from src.accounts.idempotency import remember, remembered
from src.accounts.numbers import add_number, normalise_number, resolve_id
from src.core.agent_config import AgentConfig, Handoff
from src.core.database import AnyRow, now_ms
from src.core.errors import AgentExists, AgentNotFound
from src.core.instance import Instance
from src.core.models import AgentStatus, agent_versions, agents

_LETTERS = string.ascii_letters + string.digits
_CONFIGS_KEPT = 64
_CONFIGS: dict[tuple[str, int], AgentConfig] = {}


def create_agent(instance: Instance, given: AgentInput, idempotency_key: str | None = None) -> dict[str, Any]:
    """Makes an agent that answers at once: {agent_id, phone_number_id, status, warnings?}.

    Safe to call twice with the same key. Raises AgentExists, NumberNotRegistered, NumberTaken, KeyReused.
    """
    try:
        return _create(instance, given, idempotency_key)
    except IntegrityError:  # another request came first, and is now to be seen
        return _create(instance, given, idempotency_key)


def _create(instance: Instance, given: AgentInput, idempotency_key: str | None) -> dict[str, Any]:
    request = given.model_dump_json()
    with instance.database.read() as session:
        if (before := remembered(session, instance.keyring, idempotency_key, request)) is not None:
            return before
    number, warning = normalise_number(given.phone_number)
    _refuse_second(instance, number, given.phone_number_id)
    phone_number_id = resolve_id(instance, number, given.phone_number_id, given.name)
    with instance.database.transaction() as session:
        if (before := remembered(session, instance.keyring, idempotency_key, request)) is not None:
            return before
        _refuse_present(session, number, phone_number_id)
        add_number(session, number, phone_number_id)
        agent_id = _insert(session, given, number, phone_number_id)
        answer: dict[str, Any] = {"agent_id": agent_id, "phone_number_id": phone_number_id, "status": "ok"}
        if warning:
            answer["warnings"] = [warning]
        remember(session, instance.keyring, idempotency_key, request, answer)
    return answer


def _refuse_second(instance: Instance, number: str, phone_number_id: str | None) -> None:
    with instance.database.read() as session:
        _refuse_present(session, number, phone_number_id)


def _refuse_present(session: Connection, number: str, phone_number_id: str | None) -> None:
    c = agents.c
    found = session.execute(
        select(c.id, c.phone_number).where(
            c.status != AgentStatus.REMOVED,
            or_(c.phone_number == number, c.phone_number_id == phone_number_id),
        )
    ).first()
    if found:
        raise AgentExists(
            f"{found.phone_number} has the agent {found.id}: change it with PUT /agent/{found.id}/faqs, "
            f"or remove it with DELETE /agent/{found.id}",
            agent_id=found.id,
        )


def _insert(session: Connection, given: AgentInput, number: str, phone_number_id: str) -> str:
    agent_id = "asst_" + "".join(secrets.choice(_LETTERS) for _ in range(24))
    faqs, next_faq = number_faqs(given.faqs, (), 1)
    session.execute(
        insert(agents).values(
            id=agent_id,
            phone_number=number,
            phone_number_id=phone_number_id,
            status=AgentStatus.LIVE,
            version=0,
            next_faq=next_faq,
            created_at=now_ms(),
        )
    )
    config = AgentConfig(
        faqs=faqs, **given.model_dump(include={"name", "instructions", "language", "handoff"})
    )
    _add_version(session, agent_id, config, "created")
    return agent_id


def _add_version(session: Connection, agent_id: str, config: AgentConfig, change: str, **values: Any) -> None:
    session.execute(
        update(agents).where(agents.c.id == agent_id).values(version=agents.c.version + 1, **values)
    )
    version = session.execute(select(agents.c.version).where(agents.c.id == agent_id)).scalar_one()
    session.execute(
        insert(agent_versions).values(
            agent_id=agent_id,
            version=version,
            config=config.model_dump(mode="json"),
            change=change,
            created_at=now_ms(),
        )
    )


def _row(session: Connection, agent_id: str, *, lock: bool = False) -> AnyRow:
    statement = select(agents).where(agents.c.id == agent_id, agents.c.status != AgentStatus.REMOVED)
    found = session.execute(statement.with_for_update() if lock else statement).first()
    if found is None:
        raise AgentNotFound(f"no agent has the id {agent_id}; GET /agent lists them")
    return found


def load_config(session: Connection, agent_id: str, version: int) -> AgentConfig:
    """One version of an agent. It never changes, so that each process opens it once."""
    if (known := _CONFIGS.get((agent_id, version))) is not None:
        return known
    c = agent_versions.c
    config = session.execute(
        select(c.config).where(c.agent_id == agent_id, c.version == version)
    ).scalar_one()
    while len(_CONFIGS) >= _CONFIGS_KEPT:
        _CONFIGS.pop(next(iter(_CONFIGS)), None)
    return _CONFIGS.setdefault((agent_id, version), AgentConfig.model_validate(config))


def show_agent(session: Connection, agent_id: str) -> dict[str, Any]:
    """The agent with its settings, without its FAQs: {agent_id, phone_number, …, faqs: how many}."""
    return _shown(session, _row(session, agent_id))


def _shown(session: Connection, row: AnyRow) -> dict[str, Any]:
    config = load_config(session, row.id, row.version)
    return {
        "agent_id": row.id,
        "phone_number": row.phone_number,
        "phone_number_id": row.phone_number_id,
        "status": row.status,
        "version": row.version,
        "created_at": row.created_at,
        "faqs": len(config.faqs),
        **config.model_dump(mode="json", exclude={"faqs"}),
    }


def list_agents(session: Connection) -> list[dict[str, Any]]:
    """Every agent that was not removed, oldest first, as `show_agent` gives it."""
    c = agents.c
    rows = session.execute(select(agents).where(c.status != AgentStatus.REMOVED).order_by(c.created_at, c.id))
    return [_shown(session, row) for row in rows.all()]


def agents_ever(session: Connection) -> int:
    """How many agents were ever made, removed ones too."""
    return session.execute(select(func.count()).select_from(agents)).scalar_one()


def list_faqs(session: Connection, agent_id: str) -> list[dict[str, Any]]:
    """The FAQs as they are answered now: [{id, q, a, also, title}]."""
    row = _row(session, agent_id)
    return [faq.model_dump(mode="json") for faq in load_config(session, agent_id, row.version).faqs]


def list_versions(session: Connection, agent_id: str) -> list[dict[str, Any]]:
    """What was changed and when, newest first: [{version, change, created_at}]."""
    _row(session, agent_id)
    c = agent_versions.c
    statement = (
        select(c.version, c.change, c.created_at).where(c.agent_id == agent_id).order_by(c.version.desc())
    )
    return [dict(row._mapping) for row in session.execute(statement)]


def change_agent(session: Connection, agent_id: str, given: AgentChange) -> dict[str, Any]:
    """Changes what is given and returns the agent; each change is a version."""
    row = _row(session, agent_id, lock=True)
    config = load_config(session, agent_id, row.version)
    wanted = {key: getattr(given, key) for key in given.model_fields_set - {"paused"}}
    if wanted.get("language", "") is None:
        del wanted["language"]
    if wanted.get("handoff", "") is None:
        wanted["handoff"] = Handoff()
    changed = config.model_copy(update=wanted)
    if changed != config:
        _add_version(session, agent_id, changed, "changed " + ", ".join(sorted(wanted))[:30])
    if given.paused is not None:
        _pause(session, row, changed, given.paused)
    return show_agent(session, agent_id)


def _pause(session: Connection, row: AnyRow, config: AgentConfig, paused: bool) -> None:
    status = AgentStatus.PAUSED if paused else AgentStatus.LIVE
    if row.status != status:
        _add_version(session, row.id, config, "paused" if paused else "resumed", status=status)


def replace_faqs(session: Connection, agent_id: str, given: FaqsInput) -> list[dict[str, Any]]:
    """Puts these FAQs in the place of all others, as one version; returns them with their ids."""
    row = _row(session, agent_id, lock=True)
    config = load_config(session, agent_id, row.version)
    faqs, next_faq = number_faqs(given.faqs, config.faqs, row.next_faq)
    if faqs != config.faqs:
        _add_version(session, agent_id, config.model_copy(update={"faqs": faqs}), "faqs", next_faq=next_faq)
    return list_faqs(session, agent_id)


def remove_agent(session: Connection, agent_id: str) -> None:
    """Ends the agent; its number is free for another. Its versions stay."""
    row = _row(session, agent_id, lock=True)
    config = load_config(session, agent_id, row.version)
    _add_version(session, agent_id, config, "removed", status=AgentStatus.REMOVED)
