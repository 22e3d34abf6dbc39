"""Agents: made from one request, changed by numbered versions, reached by one number each."""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from src.accounts.agent_input import AgentChange, AgentInput, FaqsInput
from src.accounts.faq_ids import number_faqs
from src.accounts.handoff_input import (
    NO_SMTP,
    NO_WAY,
    HandoffInput,
    cannot_mail,
    no_way_to_a_person,
    settle_handoff,
)
from src.accounts.idempotency import remember, remembered
from src.accounts.numbers import add_number, normalise_number, resolve_id
from src.accounts.tool_input import settle_tools
from src.accounts.versions import add_live, add_version, changed_from, load_config, open_draft, row_of
from src.core.agent_config import AgentConfig, Handoff, Tool, without_secrets
from src.core.database import AnyRow, now_ms
from src.core.errors import AgentExists
from src.core.instance import Instance
from src.core.models import AgentStatus, agents
from src.core.settings import Settings

_LETTERS = string.ascii_letters + string.digits


def create_agent(instance: Instance, given: AgentInput, idempotency_key: str | None = None) -> dict[str, Any]:
    """Makes an agent that answers at once: {agent_id, phone_number_id, status, warnings?}.

    Secrets that were made for it are shown here once: {webhook_secret?, tool_secrets?: by the tool's name}.
    Safe to call twice with the same key. Raises AgentExists, NumberNotRegistered, NumberTaken, KeyReused, Invalid.
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
    settled = settle_handoff(given.handoff, Handoff(), instance.settings, number)
    tools = settle_tools(given.tools, (), instance.settings)
    given = given.model_copy(update={"handoff": settled.handoff})
    _refuse_second(instance, number, given.phone_number_id)
    phone_number_id = resolve_id(instance, number, given.phone_number_id, given.name)
    with instance.database.transaction() as session:
        if (before := remembered(session, instance.keyring, idempotency_key, request)) is not None:
            return before
        _refuse_present(session, number, phone_number_id)
        add_number(session, number, phone_number_id)
        agent_id = _insert(session, given, tools.tools, number, phone_number_id)
        answer: dict[str, Any] = {"agent_id": agent_id, "phone_number_id": phone_number_id, "status": "ok"}
        answer |= _made(settled.secret, tools.secrets)
        no_mail = NO_SMTP if cannot_mail(settled.handoff, instance.settings) else None
        if warnings := [found for found in (warning, no_mail) if found]:
            answer["warnings"] = warnings
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


def _insert(
    session: Connection, given: AgentInput, tools: tuple[Tool, ...], number: str, phone_number_id: str
) -> str:
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
    told = given.model_dump(include={"name", "instructions", "language", "handoff"})
    config = AgentConfig(faqs=faqs, tools=tools, **told)
    add_live(session, agent_id, config, "created")
    return agent_id


def show_agent(session: Connection, agent_id: str) -> dict[str, Any]:
    """The agent as it is live, without its FAQs: {agent_id, phone_number, …, draft: its open one, faqs: how many}."""
    row = row_of(session, agent_id)
    return _shown(session, row, row.version)


def _shown(session: Connection, row: AnyRow, version: int) -> dict[str, Any]:
    config = load_config(session, row.id, version)
    return {
        "agent_id": row.id,
        "phone_number": row.phone_number,
        "phone_number_id": row.phone_number_id,
        "status": row.status if version == row.version else "draft",
        "version": version,
        "gated": bool(row.gated),
        "draft": open_draft(session, row.id),
        "created_at": row.created_at,
        "faqs": len(config.faqs),
        **without_secrets(config),
        **({"warnings": [NO_WAY]} if no_way_to_a_person(config.handoff) else {}),
    }


def list_agents(session: Connection) -> list[dict[str, Any]]:
    """Every agent that was not removed, oldest first, as `show_agent` gives it."""
    c = agents.c
    rows = session.execute(select(agents).where(c.status != AgentStatus.REMOVED).order_by(c.created_at, c.id))
    return [_shown(session, row, row.version) for row in rows.all()]


def agents_ever(session: Connection) -> int:
    """How many agents were ever made, removed ones too."""
    return session.execute(select(func.count()).select_from(agents)).scalar_one()


def list_faqs(session: Connection, agent_id: str, version: int | None = None) -> list[dict[str, Any]]:
    """The FAQs as they are answered now, or of a version: [{id, q, a, also, title}]. Raises VersionNotFound."""
    row = row_of(session, agent_id)
    config = load_config(session, agent_id, row.version if version is None else version)
    return [faq.model_dump(mode="json") for faq in config.faqs]


def change_agent(
    session: Connection, settings: Settings, agent_id: str, given: AgentChange
) -> dict[str, Any]:
    """Changes what is given and returns the agent; each change is a version, and of a gated agent a draft.

    The gate and a pause count at once. Of `handoff`, what is absent stays as it is; `tools` are all anew. Secrets that
    were made are shown once, as `create_agent` does.
    """
    row = row_of(session, agent_id, lock=True)
    if given.gated is not None and given.gated != bool(row.gated):
        session.execute(update(agents).where(agents.c.id == agent_id).values(gated=int(given.gated)))
        row = row_of(session, agent_id)
    shown = changed_from(session, row)
    config = load_config(session, agent_id, shown)
    wanted, made = _wanted(given, config, settings, row.phone_number)
    changed = config.model_copy(update=wanted)
    if changed != config:
        shown = add_version(session, row, changed, "changed " + ", ".join(sorted(wanted))[:30])
    if given.paused is not None:
        _pause(session, row_of(session, agent_id), given.paused)
    row = row_of(session, agent_id)
    return _shown(session, row, shown if wanted and row.gated else row.version) | made


def _wanted(
    given: AgentChange, config: AgentConfig, settings: Settings, phone_number: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is to be changed in the configuration, and the secrets that were made for it."""
    wanted = {key: getattr(given, key) for key in given.model_fields_set - {"paused", "gated"}}
    if wanted.get("language", "") is None:
        del wanted["language"]
    webhook_secret: str | None = None
    tool_secrets: Mapping[str, str] = {}
    if "handoff" in wanted:
        before = Handoff() if given.handoff is None else config.handoff
        settled = settle_handoff(given.handoff or HandoffInput(), before, settings, phone_number)
        wanted["handoff"], webhook_secret = settled.handoff, settled.secret
    if "tools" in wanted:
        tools = settle_tools(given.tools or (), config.tools, settings)
        wanted["tools"], tool_secrets = tools.tools, tools.secrets
    return wanted, _made(webhook_secret, tool_secrets)


def _made(webhook_secret: str | None, tool_secrets: Mapping[str, str]) -> dict[str, Any]:
    """Secrets as they are shown once; nothing where none was made."""
    shown = {"webhook_secret": webhook_secret, "tool_secrets": dict(tool_secrets)}
    return {name: value for name, value in shown.items() if value}


def _pause(session: Connection, row: AnyRow, paused: bool) -> None:
    status = AgentStatus.PAUSED if paused else AgentStatus.LIVE
    if row.status != status:
        config = load_config(session, row.id, row.version)
        add_live(session, row.id, config, "paused" if paused else "resumed", status=status)


def replace_faqs(session: Connection, agent_id: str, given: FaqsInput) -> dict[str, Any]:
    """Puts these FAQs in the place of all others, as one version: {faqs: with their ids, version, status}.

    `status` is `draft` where the agent is gated: what is live stays as it is until the version is published.
    """
    row = row_of(session, agent_id, lock=True)
    version = changed_from(session, row)
    config = load_config(session, agent_id, version)
    present = (*load_config(session, agent_id, row.version).faqs, *config.faqs)
    faqs, next_faq = number_faqs(given.faqs, present, row.next_faq)
    if faqs != config.faqs:
        version = add_version(session, row, config.model_copy(update={"faqs": faqs}), "faqs")
        session.execute(update(agents).where(agents.c.id == agent_id).values(next_faq=next_faq))
    status = row.status if version == row.version or not row.gated else "draft"
    return {"faqs": list_faqs(session, agent_id, version), "version": version, "status": status}


def remove_agent(session: Connection, agent_id: str) -> None:
    """Ends the agent; its number is free for another. Its versions stay."""
    row = row_of(session, agent_id, lock=True)
    config = load_config(session, agent_id, row.version)
    add_live(session, agent_id, config, "removed", status=AgentStatus.REMOVED)
