"""Answers past turns once more with another version, and tells what would change; nothing is sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evals.shown import SAID, SCORES, asked, counted, share_row, thought_shown
from src.core.agent_config import AgentConfig
from src.messages.brain.thought import Thought
from src.messages.decision import Clarify, Reply
from src.messages.past import Past

SAME = "the same"
_MEANINGS = {
    SAME: "the customer would read the same",
    "other words": "the same decision from the same FAQs, told otherwise",
    "other sources": "answered from other FAQs",
    "other options": "asked back with other FAQs to choose from",
}


@dataclass(frozen=True)
class Replayed:
    """A past turn and what would be said to it now."""

    past: Past
    thought: Thought

    @property
    def change(self) -> str:
        """What would change: `the same`, `other words`, `other sources`, `other options`, or one decision for another."""
        now, then = self.thought.decision, self.past.detail
        if now.kind != self.past.decision:
            return f"{SAID[self.past.decision]} → {SAID[now.kind]}"
        if isinstance(now, Reply) and set(now.source_ids) != set(then["source_ids"]):
            return "other sources"
        if isinstance(now, Clarify) and {option.faq_id for option in now.options} != _offered(then):
            return "other options"
        return SAME if now.text == then["reply"] else "other words"


@dataclass(frozen=True)
class LeftOut:
    """Turns that are not answered again: their messages are gone, or the owner's tools had a part in them."""

    gone: int
    with_tools: int


def _offered(detail: dict[str, Any]) -> set[str]:
    return {option["faq_id"] for option in detail["options"]}


def as_content(
    replayed: Sequence[Replayed], config: AgentConfig, version: int, left_out: LeftOut
) -> dict[str, Any]:
    """{kind, version, turns, skipped, with_tools, changes: {change: how many}, turns that would change: differences}."""
    counts = Counter(one.change for one in replayed)
    return {
        "kind": "replay",
        "version": version,
        "turns": len(replayed),
        "skipped": left_out.gone,
        "with_tools": left_out.with_tools,
        "changes": dict(counts.most_common()),
        "differences": [_difference(one, config, version) for one in replayed if one.change != SAME],
    }


def _difference(one: Replayed, config: AgentConfig, version: int) -> dict[str, Any]:
    return {
        "turn": one.past.turn_id,
        "at": one.past.at,
        "change": one.change,
        "asked": asked(one.past.question),
        "then": {"version": one.past.version, **_said_then(one.past, config)},
        "now": {"version": version, **thought_shown(one.thought, config)},
    }


def _said_then(past: Past, config: AgentConfig) -> dict[str, Any]:
    """What the turn kept, in the shape of `thought_shown`; questions of FAQs as the replayed version has them."""
    asks = {faq.id: faq.q for faq in config.faqs}
    detail = past.detail
    ranked = detail.get("ranked", [])[:SCORES]
    return {
        "decision": str(past.decision),
        "said": SAID[past.decision],
        "text": detail["reply"],
        "sources": [{"id": faq_id, "q": asks.get(faq_id)} for faq_id in detail["source_ids"]],
        "options": [option["title"] for option in detail["options"]],
        "scores": [{**one, "q": asks.get(one["id"])} for one in ranked],
        "why": detail.get("reason", ""),
    }


def as_page(content: dict[str, Any]) -> dict[str, Any]:
    """The page for people: how much would change, and each turn that would, by what changes."""
    total = content["turns"]
    left_out = f"; {content['skipped']} more are not there any more" if content["skipped"] else ""
    if content["with_tools"]:
        left_out += f"; {content['with_tools']} more, in which tools had a part, are left out"
    rows = [
        share_row(change, _MEANINGS.get(change, ""), count, total)
        for change, count in content["changes"].items()
    ]
    return {
        "title": f"What customers asked, answered by version {content['version']}",
        "subtitle": f"{counted(total, 'turn')}{left_out}; nothing was sent",
        "tables": [
            {"name": "What would change", "note": "share of the turns", "columns": [""], "rows": rows}
        ],
        "groups": [_group(change, content) for change in content["changes"] if change != SAME],
    }


def _group(change: str, content: dict[str, Any]) -> dict[str, Any]:
    listed = [one for one in content["differences"] if one["change"] == change]
    return {
        "name": change,
        "summary": counted(len(listed), "turn"),
        "open": change != "other words",
        "items": [
            {
                "tag": change,
                "tone": "warn",
                "about": f"turn {one['turn']}",
                "asked": one["asked"],
                "expected": None,
                "sides": [
                    {"label": f"then, version {one['then']['version']}", **one["then"]},
                    {"label": f"now, version {content['version']}", **one["now"]},
                ],
            }
            for one in listed
        ],
    }
