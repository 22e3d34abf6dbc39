"""Versions of an agent: what it was told, which one is live, which is a draft, and the ways from one to another."""

from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from src.accounts.key_holder import KeyHolder
from src.core import audit
from src.core.agent_config import AgentConfig
from src.core.database import AnyRow, now_ms
from src.core.errors import AgentNotFound, VersionNotFound, VersionNotReady
from src.core.models import AgentStatus, VersionState, agent_versions, agents

_CONFIGS_KEPT = 64
_CONFIGS: dict[tuple[str, int], AgentConfig] = {}
_C = agent_versions.c


def row_of(session: Connection, key_holder: KeyHolder, agent_id: str, *, lock: bool = False) -> AnyRow:
    """The agent's row; locked, nobody else changes the agent before the commit.

    Raises AgentNotFound, for another tenant's agent too: no key holder gets further than this.
    """
    mine = (
        agents.c.id == agent_id,
        agents.c.status != AgentStatus.REMOVED,
        *key_holder.sees(agents.c.tenant),
    )
    statement = select(agents).where(*mine)
    found = session.execute(statement.with_for_update() if lock else statement).first()
    if found is None:
        raise AgentNotFound(f"no agent has the id {agent_id}; GET /agent lists them")
    return found


def load_config(session: Connection, agent_id: str, version: int) -> AgentConfig:
    """One version of an agent. It never changes, so that each process opens it once. Raises VersionNotFound."""
    if (known := _CONFIGS.get((agent_id, version))) is not None:
        return known
    config = AgentConfig.model_validate(_version(session, agent_id, version).config)
    while len(_CONFIGS) >= _CONFIGS_KEPT:
        _CONFIGS.pop(next(iter(_CONFIGS)), None)
    return _CONFIGS.setdefault((agent_id, version), config)


def _version(session: Connection, agent_id: str, version: int) -> AnyRow:
    found = session.execute(
        select(agent_versions).where(_C.agent_id == agent_id, _C.version == version)
    ).first()
    if found is None:
        raise VersionNotFound(
            f"{agent_id} has no version {version}; GET /agent/{agent_id}/versions lists them"
        )
    return found


def open_draft(session: Connection, agent_id: str) -> int | None:
    """The newest draft that may still go live."""
    mine = (_C.agent_id == agent_id, _C.state == VersionState.DRAFT)
    found: int | None = session.execute(select(func.max(_C.version)).where(*mine)).scalar()
    return found


def changed_from(session: Connection, row: AnyRow) -> int:
    """The version that the next change builds on: a gated agent's open draft, else what is live."""
    return (open_draft(session, row.id) if row.gated else None) or row.version


def add_version(session: Connection, row: AnyRow, config: AgentConfig, change: str) -> int:
    """Writes down a change of the agent, as a draft while it is gated, else live at once; the version's number."""
    if row.gated:
        return _insert(session, row.id, config, change, VersionState.DRAFT)
    live = add_live(session, row.id, config, change)
    _supersede(session, row.id, live)
    return live


def add_live(session: Connection, agent_id: str, config: AgentConfig, change: str, **values: Any) -> int:
    """A new version that is live at once; drafts stay what they are. `values` are columns of the agent."""
    version = _insert(session, agent_id, config, change, VersionState.PUBLISHED)
    session.execute(update(agents).where(agents.c.id == agent_id).values(version=version, **values))
    return version


def _insert(session: Connection, agent_id: str, config: AgentConfig, change: str, state: VersionState) -> int:
    newest = session.execute(select(func.max(_C.version)).where(_C.agent_id == agent_id)).scalar() or 0
    _CONFIGS.pop((agent_id, newest + 1), None)  # the number of a change that was never committed
    session.execute(
        insert(agent_versions).values(
            agent_id=agent_id,
            version=newest + 1,
            config=config.model_dump(mode="json"),
            change=change,
            state=state,
            created_at=now_ms(),
        )
    )
    return int(newest) + 1


def _supersede(session: Connection, agent_id: str, live: int) -> None:
    """The drafts before `live` know nothing of it: published later, they would undo it."""
    old = (_C.agent_id == agent_id, _C.state == VersionState.DRAFT, _C.version < live)
    session.execute(update(agent_versions).where(*old).values(state=VersionState.SUPERSEDED))


def keep_report(
    session: Connection, key_holder: KeyHolder, agent_id: str, version: int, report: dict[str, Any]
) -> None:
    """Stores with the version how it compares with what is live: {worse, reasons, against, …}."""
    row_of(
        session, key_holder, agent_id, lock=True
    )  # in the order of everybody else: the agent before its versions
    mine = (_C.agent_id == agent_id, _C.version == version)
    session.execute(update(agent_versions).where(*mine).values(report=report))


def publish(
    session: Connection, key_holder: KeyHolder, agent_id: str, version: int | None, anyway: bool
) -> int:
    """Makes a draft live, the open one unless another is named; returns the number that is live then.

    It is the draft's own number, or a new one when the agent was paused or resumed since. Raises VersionNotReady:
    of a gated agent only what was compared and is not worse goes live, unless `anyway`.
    """
    row = row_of(session, key_holder, agent_id, lock=True)
    wanted = version or open_draft(session, agent_id)
    if wanted is None:
        raise VersionNotReady(f"{agent_id} has no draft: version {row.version} is live")
    found = _version(session, agent_id, wanted)
    _refuse_unready(row, found, anyway)
    if wanted > row.version:
        mine = (_C.agent_id == agent_id, _C.version == wanted)
        session.execute(update(agent_versions).where(*mine).values(state=VersionState.PUBLISHED))
        session.execute(update(agents).where(agents.c.id == agent_id).values(version=wanted))
        live = wanted
    else:
        config = load_config(session, agent_id, wanted)
        live = add_live(session, agent_id, config, f"version {wanted} published")
        if found.report is not None:
            keep_report(session, key_holder, agent_id, live, found.report)
    _supersede(session, agent_id, live)
    audit.note(session, "version published", agent_id, row.version, live)
    return live


def _refuse_unready(row: AnyRow, found: AnyRow, anyway: bool) -> None:
    if found.state == VersionState.PUBLISHED:
        raise VersionNotReady(
            f"version {found.version} is live"
            if found.version == row.version
            else f"version {found.version} was live before: bring it back with a rollback to it"
        )
    if found.state == VersionState.SUPERSEDED:
        raise VersionNotReady(
            f"version {found.version} was made before version {row.version} went live and would undo it: "
            "make the change again, or bring the version back with a rollback to it"
        )
    if not row.gated or anyway:
        return
    if found.report is None:
        raise VersionNotReady(
            f"version {found.version} was not compared with what is live yet: run "
            f"`released agent gate {row.id}`, or publish it anyway"
        )
    if found.report["worse"]:
        raise VersionNotReady(
            f"version {found.version} is worse than what is live ({'; '.join(found.report['reasons'])}): "
            "mend it, or publish it anyway"
        )


def roll_back(session: Connection, key_holder: KeyHolder, agent_id: str, version: int | None) -> int:
    """Makes a former version live again, under a new number, which is returned; nothing of the history changes.

    Unless a version is named, it is the last one that was live and said something else. Raises VersionNotReady.
    """
    row = row_of(session, key_holder, agent_id, lock=True)
    live = load_config(session, agent_id, row.version)
    wanted = version or _before(session, row, live)
    if wanted is None:
        raise VersionNotReady(f"{agent_id} has no version before {row.version} that said something else")
    config = load_config(session, agent_id, wanted)
    if config == live:
        raise VersionNotReady(f"version {wanted} says what version {row.version} says, which is live")
    number = add_live(session, agent_id, config, f"version {wanted} again")
    _supersede(session, agent_id, number)
    audit.note(session, "version brought back", agent_id, row.version, number)
    return number


def _before(session: Connection, row: AnyRow, live: AgentConfig) -> int | None:
    former = (_C.agent_id == row.id, _C.state == VersionState.PUBLISHED, _C.version < row.version)
    numbers = session.execute(select(_C.version).where(*former).order_by(_C.version.desc())).scalars().all()
    return next((number for number in numbers if load_config(session, row.id, number) != live), None)


def list_versions(session: Connection, key_holder: KeyHolder, agent_id: str) -> list[dict[str, Any]]:
    """What was changed and when, newest first: [{version, change, created_at, status, report}].

    `status` is live, draft, former (it was live) or superseded (a draft that never was). `report` tells how a draft
    compared with what was live: {worse, reasons, against, changed: how many questions}; null when it never was.
    """
    row = row_of(session, key_holder, agent_id)
    columns = (_C.version, _C.change, _C.created_at, _C.state, _C.report)
    statement = select(*columns).where(_C.agent_id == agent_id).order_by(_C.version.desc())
    return [_shown(found, row.version) for found in session.execute(statement)]


def _shown(found: AnyRow, live: int) -> dict[str, Any]:
    former = "former" if found.state == VersionState.PUBLISHED else str(found.state)
    report = found.report and {
        "worse": found.report["worse"],
        "reasons": found.report["reasons"],
        "against": found.report["against"],
        "changed": found.report["changed"],
    }
    return {
        "version": found.version,
        "change": found.change,
        "created_at": found.created_at,
        "status": "live" if found.version == live else former,
        "report": report,
    }
