"""Agents that are there: shown, changed by numbered versions, removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update

from src.accounts.agent_input import AgentChange, FaqsInput
from src.accounts.create import shown_once
from src.accounts.faq_ids import number_faqs
from src.accounts.handoff_input import (
    NO_WAY,
    HandoffInput,
    no_way_to_a_person,
    settle_handoff,
)
from src.accounts.key_holder import KeyHolder
from src.accounts.tool_input import settle_tools
from src.accounts.versions import add_live, add_version, changed_from, load_config, open_draft, row_of
from src.core import audit
from src.core.agent_config import AgentConfig, Faq, Handoff, without_secrets
from src.core.database import AnyRow
from src.core.errors import AgentNotFound
from src.core.models import AgentStatus, agents
from src.core.settings import Settings


def show_agent(session: Connection, key_holder: KeyHolder, agent_id: str) -> dict[str, Any]:
    """The agent as it is live, without its FAQs: {agent_id, phone_number, …, draft: its open one, faqs: how many}."""
    row = row_of(session, key_holder, agent_id)
    return _shown(session, row, row.version)


def _shown(session: Connection, row: AnyRow, version: int) -> dict[str, Any]:
    config = load_config(session, row.id, version)
    return {
        "agent_id": row.id,
        "phone_number": row.phone_number,
        "phone_number_id": row.phone_number_id,
        "tenant": row.tenant,
        "status": row.status if version == row.version else "draft",
        "version": version,
        "gated": bool(row.gated),
        "draft": open_draft(session, row.id),
        "created_at": row.created_at,
        "faqs": len(config.faqs),
        **without_secrets(config),
        **({"warnings": [NO_WAY]} if no_way_to_a_person(config.handoff) else {}),
    }


def list_agents(session: Connection, key_holder: KeyHolder) -> list[dict[str, Any]]:
    """Every agent of the key holder's that was not removed, oldest first, as `show_agent` gives it."""
    c = agents.c
    mine = select(agents).where(c.status != AgentStatus.REMOVED, *key_holder.sees(c.tenant))
    rows = session.execute(mine.order_by(c.created_at, c.id))
    return [_shown(session, row, row.version) for row in rows.all()]


def agents_ever(session: Connection) -> int:
    """How many agents were ever made, removed ones too."""
    return session.execute(select(func.count()).select_from(agents)).scalar_one()


def expect_ever(session: Connection, agent_id: str) -> None:
    """Raises AgentNotFound unless there is such an agent, or was."""
    if session.execute(select(agents.c.id).where(agents.c.id == agent_id)).first() is None:
        raise AgentNotFound(
            f"no agent has, or had, the id {agent_id}; `released agent list` and GET /agent list them"
        )


def list_faqs(
    session: Connection, key_holder: KeyHolder, agent_id: str, version: int | None = None
) -> list[dict[str, Any]]:
    """The FAQs as they are answered now, or of a version: [{id, q, a, also, title}]. Raises VersionNotFound."""
    row = row_of(session, key_holder, agent_id)
    config = load_config(session, agent_id, row.version if version is None else version)
    return [faq.model_dump(mode="json") for faq in config.faqs]


def change_agent(
    session: Connection, key_holder: KeyHolder, settings: Settings, agent_id: str, given: AgentChange
) -> dict[str, Any]:
    """Changes what is given and returns the agent; each change is a version, and of a gated agent a draft.

    The gate and a pause count at once. Of `handoff`, what is absent stays as it is; `tools` are all anew. Secrets that
    were made are shown once, as `create_agent` does.
    """
    row = was = row_of(session, key_holder, agent_id, lock=True)
    if given.gated is not None and given.gated != bool(row.gated):
        session.execute(update(agents).where(agents.c.id == agent_id).values(gated=int(given.gated)))
        row = row_of(session, key_holder, agent_id)
    shown = changed_from(session, row)
    config = load_config(session, agent_id, shown)
    wanted, made = _wanted(given, config, settings, row.phone_number)
    changed = config.model_copy(update=wanted)
    if changed != config:
        shown = add_version(session, row, changed, "changed " + ", ".join(sorted(wanted))[:30])
    if given.paused is not None:
        _pause(session, row_of(session, key_holder, agent_id), given.paused)
    row = row_of(session, key_holder, agent_id)
    audit.note(session, "agent changed", agent_id, _hashable(config, was), _hashable(changed, row))
    return _shown(session, row, shown if wanted and row.gated else row.version) | made


def _hashable(config: AgentConfig, row: AnyRow) -> dict[str, Any]:
    """What the audit log compares of an agent."""
    return {"status": row.status, "gated": row.gated, **config.model_dump(mode="json")}


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
    return wanted, shown_once(webhook_secret, tool_secrets)


def _pause(session: Connection, row: AnyRow, paused: bool) -> None:
    status = AgentStatus.PAUSED if paused else AgentStatus.LIVE
    if row.status != status:
        config = load_config(session, row.id, row.version)
        add_live(session, row.id, config, "paused" if paused else "resumed", status=status)


def replace_faqs(
    session: Connection, key_holder: KeyHolder, agent_id: str, given: FaqsInput
) -> dict[str, Any]:
    """Puts these FAQs in the place of all others, as one version: {faqs: with their ids, version, status}.

    `status` is `draft` where the agent is gated: what is live stays as it is until the version is published.
    """
    row = row_of(session, key_holder, agent_id, lock=True)
    version = changed_from(session, row)
    config = load_config(session, agent_id, version)
    present = (*load_config(session, agent_id, row.version).faqs, *config.faqs)
    faqs, next_faq = number_faqs(given.faqs, present, row.next_faq)
    if faqs != config.faqs:
        version = add_version(session, row, config.model_copy(update={"faqs": faqs}), "faqs")
        session.execute(update(agents).where(agents.c.id == agent_id).values(next_faq=next_faq))
    audit.note(session, "faqs replaced", agent_id, _told(config.faqs), _told(faqs))
    status = row.status if version == row.version or not row.gated else "draft"
    return {"faqs": list_faqs(session, key_holder, agent_id, version), "version": version, "status": status}


def _told(faqs: Sequence[Faq]) -> list[dict[str, Any]]:
    return [faq.model_dump(mode="json") for faq in faqs]


def remove_agent(session: Connection, key_holder: KeyHolder, agent_id: str) -> None:
    """Ends the agent; its number is free for another. Its versions stay."""
    row = row_of(session, key_holder, agent_id, lock=True)
    config = load_config(session, agent_id, row.version)
    add_live(session, agent_id, config, "removed", status=AgentStatus.REMOVED)
    audit.note(session, "agent removed", agent_id, before=config.model_dump(mode="json"))
