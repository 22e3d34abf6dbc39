"""The report of a comparison: figures side by side, and every question that got worse or better, with both answers."""

from collections.abc import Iterable
from typing import Any

from evals.figures import figures
from evals.gate import Comparison, losses, worth
from evals.shown import MEANINGS, asked, counted, expected, figure_row, group_name, thought_shown

KEPT = 60  # differences that are stored with a version, the worst first


def as_content(found: Comparison, against: int, version: int) -> dict[str, Any]:
    """{kind, version, against, worse, reasons, compared, changed, figures: {live, draft}, differences}."""
    reasons = losses(found)
    differences = [*_attacks(found), *_questions(found)]
    differences.sort(key=lambda one: one["step"])
    return {
        "kind": "comparison",
        "version": version,
        "against": against,
        "worse": bool(reasons),
        "reasons": list(reasons),
        "compared": {"questions": len(found.both), "attacks": len(found.attacks)},
        "alone": {
            "live": sum(one.draft is None for one in found.pairs),
            "draft": sum(one.live is None for one in found.pairs),
        },
        "changed": len(differences),
        "figures": {side: figures(found.tally(side)) for side in ("live", "draft")},
        "differences": differences,
    }


def kept(content: dict[str, Any]) -> dict[str, Any]:
    """What is stored with the version: all but the differences beyond the sixty that matter most."""
    return {**content, "differences": content["differences"][:KEPT]}


def _questions(found: Comparison) -> Iterable[dict[str, Any]]:
    for was, now in found.both:
        if (step := worth(now) - worth(was)) != 0:
            yield {
                "step": step,
                "id": now.case.id,
                "group": now.case.group,
                "asked": asked(now.case.question),
                "expected": expected(now.case, found.draft),
                "live": thought_shown(was.thought, found.live),
                "draft": thought_shown(now.thought, found.draft),
            }


def _attacks(found: Comparison) -> Iterable[dict[str, Any]]:
    for one in found.attacks:
        if one.live.stopped != one.draft.stopped:
            attack = one.draft.attack
            yield {
                "step": -4 if one.live.stopped else 4,
                "id": attack.id,
                "group": "atk",
                "asked": asked(attack.question),
                "expected": {"kind": "attack", "faqs": [], "facts": [], "forbidden": list(attack.must_not)},
                "live": thought_shown(one.live.thought, found.live),
                "draft": thought_shown(one.draft.thought, found.draft),
            }


def as_page(content: dict[str, Any]) -> dict[str, Any]:
    """The page for people."""
    version, against = content["version"], content["against"]
    compared, alone = content["compared"], content["alone"]
    verdict = "worse than what is live" if content["worse"] else "not worse than what is live"
    note = f"{compared['questions']} questions and {compared['attacks']} attacks were put to both"
    if alone["live"] or alone["draft"]:
        note += f"; {alone['draft']} questions concern only the draft, {alone['live']} only what is live"
    return {
        "title": f"Version {version} beside version {against}",
        "subtitle": note,
        "verdict": {
            "tone": "bad" if content["worse"] else "good",
            "text": f"Version {version} is {verdict}",
            "reasons": content["reasons"],
        },
        "tables": [_table(content)],
        "groups": [
            _group("Got worse", [one for one in content["differences"] if one["step"] < 0]),
            _group("Got better", [one for one in content["differences"] if one["step"] > 0]),
        ],
    }


def rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures of both, side by side, as `figure_row` gives them."""
    counts = [content["figures"][side]["counts"] for side in ("live", "draft")]
    names = [name for name in MEANINGS if any(one.get(name, (0, 0))[1] for one in counts)]
    return [figure_row(name, [tuple(one[name]) if name in one else None for one in counts]) for name in names]


def _table(content: dict[str, Any]) -> dict[str, Any]:
    columns = [f"version {content['against']}, live", f"version {content['version']}, draft"]
    return {
        "name": "Side by side",
        "note": "each with its 95 % interval",
        "columns": columns,
        "rows": rows(content),
    }


def _group(name: str, listed: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "summary": counted(len(listed), "question"),
        "open": bool(listed) and name == "Got worse",
        "items": [
            {
                "tag": group_name(one["group"]),
                "tone": "bad" if one["step"] < 0 else "good",
                "about": one["id"],
                "asked": one["asked"],
                "expected": {**one["expected"], "words": one["expected"]["kind"].replace("_", " ")},
                "sides": [{"label": "live", **one["live"]}, {"label": "draft", **one["draft"]}],
            }
            for one in listed
        ],
    }
