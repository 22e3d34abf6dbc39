"""An agent out of one request: its number is found, its FAQs are numbered, and it answers at once."""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, or_, select
from sqlalchemy.exc import IntegrityError

from src.accounts.agent_input import AgentInput
from src.accounts.faq_ids import number_faqs
from src.accounts.handoff_input import NO_SMTP, cannot_mail, settle_handoff
from src.accounts.idempotency import remember, remembered
from src.accounts.key_holder import KeyHolder
from src.accounts.numbers import add_number, normalise_number, resolve_id
from src.accounts.tool_input import settle_tools
from src.accounts.versions import add_live
from src.core import audit
from src.core.agent_config import AgentConfig, Handoff, Tool
from src.core.database import now_ms
from src.core.errors import AgentExists, NumberTaken
from src.core.instance import Instance
from src.core.models import AgentStatus, agents

_LETTERS = string.ascii_letters + string.digits


def create_agent(
    instance: Instance, key_holder: KeyHolder, given: AgentInput, idempotency_key: str | None = None
) -> dict[str, Any]:
    """Makes an agent of the key holder's tenant that answers at once: {agent_id, phone_number_id, status, warnings?}.

    Secrets that were made for it are shown here once: {webhook_secret?, tool_secrets?: by the tool's name}.
    Safe to call twice with the same key. Raises AgentExists, NumberNotRegistered, NumberTaken, KeyReused, Invalid.
    """
    try:
        return _create(instance, key_holder, given, idempotency_key)
    except IntegrityError:  # another request came first, and is now to be seen
        return _create(instance, key_holder, given, idempotency_key)


def _create(
    instance: Instance, key_holder: KeyHolder, given: AgentInput, idempotency_key: str | None
) -> dict[str, Any]:
    request = given.model_dump_json()
    with instance.database.read() as session:
        if (
            before := remembered(session, instance.keyring, key_holder, idempotency_key, request)
        ) is not None:
            return before
    number, warning = normalise_number(given.phone_number)
    settled = settle_handoff(given.handoff, Handoff(), instance.settings, number)
    tools = settle_tools(given.tools, (), instance.settings)
    given = given.model_copy(update={"handoff": settled.handoff})
    _refuse_second(instance, key_holder, number, given.phone_number_id)
    phone_number_id = resolve_id(instance, number, given.phone_number_id, given.name)
    with instance.database.transaction() as session:
        if (
            before := remembered(session, instance.keyring, key_holder, idempotency_key, request)
        ) is not None:
            return before
        _refuse_present(session, key_holder, number, phone_number_id)
        _register(session, key_holder, number, phone_number_id)
        agent_id = _insert(session, key_holder, given, tools.tools, number, phone_number_id)
        answer: dict[str, Any] = {"agent_id": agent_id, "phone_number_id": phone_number_id, "status": "ok"}
        answer |= shown_once(settled.secret, tools.secrets)
        no_mail = NO_SMTP if cannot_mail(settled.handoff, instance.settings) else None
        if warnings := [found for found in (warning, no_mail) if found]:
            answer["warnings"] = warnings
        remember(session, instance.keyring, key_holder, idempotency_key, request, answer)
    return answer


def _refuse_second(
    instance: Instance, key_holder: KeyHolder, number: str, phone_number_id: str | None
) -> None:
    with instance.database.read() as session:
        _refuse_present(session, key_holder, number, phone_number_id)


def _refuse_present(
    session: Connection, key_holder: KeyHolder, number: str, phone_number_id: str | None
) -> None:
    c = agents.c
    here = select(c.id, c.phone_number).where(
        or_(c.phone_number == number, c.phone_number_id == phone_number_id)
    )
    # Also for a removed agent of another's: its customers' conversations are still kept under that number.
    others = here.where(c.tenant.is_distinct_from(key_holder.tenant))
    if key_holder.tenant is not None and session.execute(others).first():
        raise _taken(number)
    if found := session.execute(here.where(c.status != AgentStatus.REMOVED)).first():
        raise AgentExists(
            f"{found.phone_number} has the agent {found.id}: change it with PUT /agent/{found.id}/faqs, "
            f"or remove it with DELETE /agent/{found.id}",
            agent_id=found.id,
        )


def _taken(number: str) -> NumberTaken:
    return NumberTaken(
        f"{number}, or its Phone Number ID, is taken: choose another, or ask whoever runs this instance"
    )


def _register(session: Connection, key_holder: KeyHolder, number: str, phone_number_id: str) -> None:
    try:
        add_number(session, number, phone_number_id)
    except NumberTaken:
        if key_holder.tenant is None:
            raise
        raise _taken(number) from None  # which number and id belong together may be another tenant's affair


def _insert(
    session: Connection,
    key_holder: KeyHolder,
    given: AgentInput,
    tools: tuple[Tool, ...],
    number: str,
    phone_number_id: str,
) -> str:
    agent_id = "asst_" + "".join(secrets.choice(_LETTERS) for _ in range(24))
    faqs, next_faq = number_faqs(given.faqs, (), 1)
    session.execute(
        insert(agents).values(
            id=agent_id,
            phone_number=number,
            phone_number_id=phone_number_id,
            tenant=key_holder.tenant,
            status=AgentStatus.LIVE,
            version=0,
            next_faq=next_faq,
            created_at=now_ms(),
        )
    )
    told = given.model_dump(include={"name", "instructions", "language", "handoff"})
    config = AgentConfig(faqs=faqs, tools=tools, **told)
    add_live(session, agent_id, config, "created")
    audit.note(session, "agent created", agent_id, after=config.model_dump(mode="json"))
    return agent_id


def shown_once(webhook_secret: str | None, tool_secrets: Mapping[str, str]) -> dict[str, Any]:
    """Secrets as they are shown once; nothing where none was made."""
    shown = {"webhook_secret": webhook_secret, "tool_secrets": dict(tool_secrets)}
    return {name: value for name, value in shown.items() if value}
