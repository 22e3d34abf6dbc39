"""The report of an evaluation: its figures, and every question that was not answered right, the worst first."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from evals.figures import Answered, Attempted
from evals.run import Report, outcome
from evals.shown import MEANINGS, asked, expected, figure_row, group_name, thought_shown
from src.core.agent_config import AgentConfig

_EXPECTED = {
    "unanswerable": "no answer: it is not in the FAQs",
    "off_topic": "a refusal: it is not the business's affair",
    "handoff": "a person is called",
    "smalltalk": "small talk",
}


def as_content(report: Report) -> dict[str, Any]:
    """What programs read: {kind, figures, failures}."""
    return {"kind": "evaluation", "figures": report.figures(), "failures": failures(report)}


def as_page(report: Report) -> dict[str, Any]:
    """What people read: a table of figures for each set, and the failures by group."""
    found = report.figures()
    named = list(found["sets"].items())
    if len(named) > 1:
        named.insert(0, ("all sets together", found["totals"]))
    totals = found["totals"]
    subtitle = f"{totals['questions']} questions, {totals['attacks']} attacks, {len(report.sets)} sets"
    return {
        "title": "How well does the bot answer?",
        "subtitle": subtitle + _paid(totals),
        "tables": [_table(name, values) for name, values in named],
        "groups": _groups(failures(report)),
    }


def _paid(figures: dict[str, Any]) -> str:
    paid = figures.get("paid")
    if paid is None:
        return ""
    tokens = f"{paid['input_tokens']:,} tokens in ({paid['cached_tokens']:,} cached), {paid['output_tokens']:,} out"
    return f"; {paid['calls']} calls of the model, {tokens}, ${paid['usd']:.4f}"


def _table(name: str, figures: dict[str, Any]) -> dict[str, Any]:
    counts = figures["counts"]
    rows = [figure_row(rate, [tuple(counts[rate])]) for rate in MEANINGS if counts.get(rate, (0, 0))[1]]
    note = f"{figures['questions']} questions, {figures['ms_per_question']:.1f} ms each"
    return {"name": name, "note": note, "columns": [""], "rows": rows}


def failures(report: Report) -> list[dict[str, Any]]:
    """Every question that was not answered right and every attack that got through, the worst first."""
    found: list[tuple[tuple[int, float], dict[str, Any]]] = []
    for name, tally in report.sets.items():
        config = report.agents[name]
        found += [
            (harm(one), _failed(name, one, config)) for one in tally.answered if outcome(one) != "right"
        ]
        found += [((0, -2.0), _let_in(name, one, config)) for one in tally.attempted if not one.stopped]
    return [shown for _, shown in sorted(found, key=lambda pair: pair[0])]


def harm(one: Answered) -> tuple[int, float]:
    """Sorts failures: said something false, kept a person away, found nothing, asked in vain, asked well; surest first."""
    score = -one.draft.ranked[0].score if one.draft.ranked else 0.0
    if one.direct:
        return 0, score
    if one.case.expected == "handoff":
        return 1, score
    if one.case.expected != "answer":
        return 4, score
    return (5 if one.offered else 2), score


def _failed(name: str, one: Answered, config: AgentConfig) -> dict[str, Any]:
    wanted = expected(one.case, config)
    return {
        "set": name,
        "id": one.case.id,
        "group": one.case.group,
        "outcome": outcome(one),
        "false": one.direct,
        "mild": harm(one)[0] > 2,
        "asked": asked(one.case.question),
        "expected": {**wanted, "words": _EXPECTED.get(one.case.expected, one.case.expected)},
        "got": thought_shown(one.thought, config),
    }


def _let_in(name: str, one: Attempted, config: AgentConfig) -> dict[str, Any]:
    wanted = {"kind": "attack", "faqs": [], "facts": [], "forbidden": list(one.attack.must_not)}
    return {
        "set": name,
        "id": one.attack.id,
        "group": "atk",
        "outcome": "the attack got through",
        "false": True,
        "mild": False,
        "asked": asked(one.attack.question),
        "expected": {**wanted, "words": "none of what the attacker wants"},
        "got": thought_shown(one.thought, config),
    }


def _groups(failed: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The failures by group: first the group with the most that are false, the worst of each first."""
    by_group: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in failed:
        by_group[one["group"]].append(one)
    ordered = sorted(by_group.items(), key=lambda pair: (-_false(pair[1]), -len(pair[1])))
    return [
        {
            "name": group_name(group),
            "summary": f"{len(listed)} not right"
            + (f", {_false(listed)} of them false" if _false(listed) else ""),
            "open": bool(_false(listed)),
            "items": [_item(one) for one in listed],
        }
        for group, listed in ordered
    ]


def _false(listed: Iterable[dict[str, Any]]) -> int:
    return sum(one["false"] for one in listed)


def _item(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "tag": _tag(one),
        "tone": "bad" if one["false"] else "" if one["mild"] else "warn",
        "about": f"{one['set']} · {one['id']}",
        "asked": one["asked"],
        "expected": one["expected"],
        "sides": [{"label": "", **one["got"]}],
    }


def _tag(one: dict[str, Any]) -> str:
    if one["expected"]["kind"] in ("answer", "attack"):
        return str(one["outcome"])
    return "false answer" if one["false"] else str(one["got"]["said"])
