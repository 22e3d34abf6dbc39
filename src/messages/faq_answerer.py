"""Answers from the FAQs alone, in the owner's own words: finds, asks back or says that there is no answer."""

from collections import OrderedDict
from threading import Lock

from src.core.agent_config import AgentConfig
from src.messages.decision import DecisionKind, Draft, Ranked
from src.messages.find import Index, Match, leans_on_earlier
from src.messages.language import detect, of_agent
from src.messages.question import Question

_KEPT = 8  # indexes that stay in memory
_indexes: "OrderedDict[int, tuple[AgentConfig, Index]]" = OrderedDict()
_indexing = Lock()

CERTAIN = 0.6
POSSIBLE = 0.25


def draft(question: Question, config: AgentConfig) -> Draft:
    """What the FAQs say to the question. Never raises for any text; a few ms with 2,000 FAQs."""
    language = detect(question, of_agent(config.language))
    index = index_of(config)
    found = search(index, question, language)
    ranked = tuple(Ranked(match.id, round(match.covered, 4)) for match in found)
    if ranked and ranked[0].score >= CERTAIN:
        return Draft(DecisionKind.ANSWER, language, "found", (ranked[0].id,), ranked=ranked)
    if len(ranked) > 1 and ranked[0].score >= POSSIBLE:
        return Draft(DecisionKind.CLARIFY, language, "close", options=tuple(r.id for r in ranked[:3]), ranked=ranked)
    return Draft(DecisionKind.UNANSWERABLE, language, "nothing fits", ranked=ranked)


def search(index: Index, question: Question, language: str) -> list[Match]:
    """The FAQs that the turn could mean; a short one is read together with what the customer said before."""
    text = "\n".join(question.texts)
    earlier: list[str] = []
    if leans_on_earlier(text, language):
        earlier = [said.text for said in reversed(question.context) if said.role == "customer"][:2]
    return index.search(text, language, earlier)


def index_of(config: AgentConfig) -> Index:
    """The index of this configuration: built once, the last few are kept."""
    with _indexing:
        kept = _indexes.get(id(config))
        if kept is not None and kept[0] is config:
            _indexes.move_to_end(id(config))
            return kept[1]
    index = Index(config)
    with _indexing:
        _indexes[id(config)] = (config, index)
        while len(_indexes) > _KEPT:
            _indexes.popitem(last=False)
    return index
