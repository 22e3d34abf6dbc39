"""`POST /agent` and its siblings: a client's FAQs become a bot that answers, and stay theirs to change."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from src.accounts import agents, versions
from src.accounts.agent_input import AgentChange, AgentInput, FaqsInput
from src.accounts.create import create_agent
from src.api.dependencies import AgentsRead, AgentsWrite, IdempotencyKey, Ring, TheInstance, WordId
from src.api.routes import ScopedRoute, refused_by
from src.core import errors
from src.core.visible import clean
from src.messages.brain import ladder
from src.messages.brain.money import Payer
from src.messages.brain.thought import Asker
from src.messages.question import Question, Said
from src.messages.settle import explain

router = APIRouter(prefix="/agent", tags=["agents"], route_class=ScopedRoute)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_096)]


Version = Annotated[int, Field(ge=1, lt=2**31)]


_OF_VERSIONS = refused_by(errors.AgentNotFound, errors.VersionNotFound, errors.VersionNotReady)


class _Said(BaseModel):
    role: Literal["customer", "bot"]
    text: Text


class AskInput(BaseModel):
    """Several texts are one question, written in several messages; `version` asks another than the live one."""

    texts: list[Text] = Field(min_length=1, max_length=50)
    context: list[_Said] = Field(default=[], max_length=50)
    version: Version | None = None


class PublishInput(BaseModel):
    """Which draft goes live, the open one when absent; `anyway` also when its comparison is missing or worse."""

    version: Version | None = None
    anyway: bool = False


class RollbackInput(BaseModel):
    """Which version is live again; when absent, the last one that was live and said something else."""

    version: Version | None = None


@router.post(
    "",
    status_code=201,
    responses=refused_by(
        errors.AgentExists,
        errors.NumberTaken,
        errors.KeyReused,
        errors.Invalid,
        errors.NumberNotRegistered,
        errors.MetaError,
    ),
)
def create(
    key_holder: AgentsWrite, instance: TheInstance, body: AgentInput, key: IdempotencyKey = None
) -> dict[str, Any]:
    """Makes an agent that answers at once: `{"agent_id", "phone_number_id", "status": "ok", "warnings"?}`."""
    return create_agent(instance, key_holder, body, key)


@router.get("")
def list_all(key_holder: AgentsRead, instance: TheInstance) -> dict[str, Any]:
    """Every agent, oldest first."""
    with instance.database.read() as session:
        return {"agents": agents.list_agents(session, key_holder)}


@router.get("/{agent_id}")
def show(key_holder: AgentsRead, instance: TheInstance, agent_id: WordId) -> dict[str, Any]:
    """One agent; `faqs` is how many it has."""
    with instance.database.read() as session:
        return agents.show_agent(session, key_holder, agent_id)


@router.patch("/{agent_id}")
def change(
    key_holder: AgentsWrite, instance: TheInstance, ring: Ring, agent_id: WordId, body: AgentChange
) -> dict[str, Any]:
    """Changes what is given, or pauses and resumes with `paused`; what came while paused is answered then.

    Of a gated agent the change is a draft (`"status": "draft"`), and what is live stays as it is.
    """
    with instance.database.transaction() as session:
        changed = agents.change_agent(session, key_holder, instance.settings, agent_id, body)
    ring()
    return changed


@router.delete("/{agent_id}", status_code=204)
def remove(key_holder: AgentsWrite, instance: TheInstance, agent_id: WordId) -> None:
    """Ends the agent and frees its number."""
    with instance.database.transaction() as session:
        agents.remove_agent(session, key_holder, agent_id)


@router.get("/{agent_id}/faqs", responses=refused_by(errors.AgentNotFound, errors.VersionNotFound))
def faqs(
    key_holder: AgentsRead, instance: TheInstance, agent_id: WordId, version: Version | None = None
) -> dict[str, Any]:
    """The FAQs with their ids, as they are live or in another version."""
    with instance.database.read() as session:
        return {"faqs": agents.list_faqs(session, key_holder, agent_id, version)}


@router.put("/{agent_id}/faqs")
def replace(
    key_holder: AgentsWrite, instance: TheInstance, agent_id: WordId, body: FaqsInput
) -> dict[str, Any]:
    """Puts these FAQs in the place of all; an equal question keeps its id. Of a gated agent they are a draft."""
    with instance.database.transaction() as session:
        return agents.replace_faqs(session, key_holder, agent_id, body)


@router.get("/{agent_id}/versions")
def list_versions(key_holder: AgentsRead, instance: TheInstance, agent_id: WordId) -> dict[str, Any]:
    """What was changed and when, newest first; `status` is live, draft, former or superseded."""
    with instance.database.read() as session:
        return {"versions": versions.list_versions(session, key_holder, agent_id)}


@router.post("/{agent_id}/publish", responses=_OF_VERSIONS)
def publish(
    key_holder: AgentsWrite, instance: TheInstance, agent_id: WordId, body: PublishInput | None = None
) -> dict[str, Any]:
    """Makes a draft live. Of a gated agent only what was compared (`released agent gate`) and is not worse."""
    wanted = body or PublishInput()
    with instance.database.transaction() as session:
        versions.publish(session, key_holder, agent_id, wanted.version, wanted.anyway)
        return agents.show_agent(session, key_holder, agent_id)


@router.post("/{agent_id}/rollback", responses=_OF_VERSIONS)
def roll_back(
    key_holder: AgentsWrite, instance: TheInstance, agent_id: WordId, body: RollbackInput | None = None
) -> dict[str, Any]:
    """Makes a former version live again, under a new number."""
    wanted = body or RollbackInput()
    with instance.database.transaction() as session:
        versions.roll_back(session, key_holder, agent_id, wanted.version)
        return agents.show_agent(session, key_holder, agent_id)


@router.post("/{agent_id}/ask", responses=refused_by(errors.AgentNotFound, errors.VersionNotFound))
def ask(key_holder: AgentsWrite, instance: TheInstance, agent_id: WordId, body: AskInput) -> dict[str, Any]:
    """What the bot would do with this question, and why; nothing is sent."""
    with instance.database.read() as session:
        live = versions.row_of(session, key_holder, agent_id).version
        config = versions.load_config(session, agent_id, body.version or live)
    context = tuple(Said(said.role, said.text) for said in body.context)
    question = Question(texts=tuple(map(clean, body.texts)), context=context)
    thought = ladder.think(
        instance, question, config, Asker(Payer(agent_id, None), body.version or live, "ask")
    )
    return {"decision": thought.decision.kind, "brain": thought.draft.brain, **explain(thought)}
