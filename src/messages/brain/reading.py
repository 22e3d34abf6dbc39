"""Reads what the model said as a draft; what it did not say in a way that can be used, it did not say."""

from collections.abc import Mapping, Sequence
from typing import Any

from src.core.agent_config import AgentConfig
from src.core.errors import BrainGarbled
from src.messages.decision import DecisionKind, Draft, Quote, Ranked
from src.messages.language import LANGUAGES, detect, of_agent
from src.messages.question import Question

BRAIN = "openai"
_REASON = 200


def draft_of(
    content: Mapping[str, Any],
    question: Question,
    config: AgentConfig,
    ranked: tuple[Ranked, ...],
    told: Mapping[str, str],
) -> Draft:
    """The draft in the model's answer. Raises `BrainGarbled` where a server did not keep to the schema."""
    try:
        kind = DecisionKind(content["decision"])
        quotes = tuple(Quote(str(one["source_id"]), str(one["text"])) for one in content["quotes"])
        cited = _texts(content["source_ids"])
        options = _texts(content["options"])
        text = str(content["answer"]).strip()
        tag = str(content["language"])
        reason = str(content["handoff_reason"]).strip()
    except (KeyError, TypeError, ValueError) as error:
        raise BrainGarbled(f"the answer does not keep to the schema ({type(error).__name__})") from None
    return Draft(
        kind=kind,
        language=_language(tag, question, config),
        reason=reason[:_REASON] or "the model",
        source_ids=cited,
        text=text,
        options=options,
        ranked=ranked,
        brain=BRAIN,
        quotes=quotes,
        told=dict(told),
    )


def _texts(listed: Any) -> tuple[str, ...]:
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise TypeError("a list is expected")
    return tuple(dict.fromkeys(str(one) for one in listed))


def _language(tag: str, question: Question, config: AgentConfig) -> str:
    """The language of our own phrases beside the answer: the model's word where we speak it, else what we hear."""
    said = tag[:2].lower()
    return said if said in LANGUAGES else detect(question, of_agent(config.language))
