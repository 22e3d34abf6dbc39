"""What the bot says after the customer has answered whether a tool of the owner's may change something."""

from dataclasses import replace

from src.core.agent_config import AgentConfig
from src.core.instance import Instance
from src.messages import phrases
from src.messages.actions.buttons import ending
from src.messages.actions.consent import tapped
from src.messages.actions.desk import Desk
from src.messages.actions.outcome import Confirmed, Declined, Ended, Expired, Lapsed
from src.messages.brain.thought import SHORTCUT, TOOL_FAILED, Thought
from src.messages.decision import Confirm, DecisionKind, Draft, SmallTalk, Unanswerable
from src.messages.question import Question


def carried_out(
    instance: Instance, question: Question, config: AgentConfig, desk: Desk
) -> Ended | Lapsed | Thought | None:
    """What was done because the customer agreed, for a model to tell; or the last word where nothing was done.

    `Lapsed` when these messages are about something else and that ends what was asked, None when nothing was. Raises `MustWait` while another worker does it.
    """
    has_tools = config.tools or instance.settings.mcp_url
    if not has_tools and tapped(question.tapped) is None:  # an old button may outlive the tools
        return None
    with instance.database.transaction() as session:
        taken = desk.taken(session, question)
    if isinstance(taken, Confirmed):
        taken = desk.carry_out(taken)
    if taken is None or isinstance(taken, Lapsed) or (isinstance(taken, Ended) and taken.reason is None):
        return taken
    return told(taken, config, desk.language)


def told(taken: Ended | Declined | Expired, config: AgentConfig, language: str) -> Thought:
    """It in our own words. What failed, or may have, is a person's affair from here on."""
    text = ending(taken, language, config.handoff.contact)
    if isinstance(taken, Ended) and taken.reason is not None:
        draft = Draft(DecisionKind.UNANSWERABLE, language, f"the tool failed: {taken.reason}")
        return Thought(draft, Unanswerable(text, language, calls_person=True), SHORTCUT, TOOL_FAILED)
    draft = Draft(DecisionKind.SMALLTALK, language, "an answer to what was asked")
    return Thought(draft, SmallTalk(text), SHORTCUT, "consent")


def lapsed(thought: Thought) -> Thought:
    """The thought, and below it that what had been asked was not done; as it is where it asks the customer anew."""
    decision = thought.decision
    if isinstance(decision, Confirm):
        return thought
    parts = (decision.text, phrases.say("action_lapsed", thought.draft.language))
    return replace(thought, decision=replace(decision, text="\n\n".join(part for part in parts if part)))
