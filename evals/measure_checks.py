"""`python -m evals.measure_checks [--json]`: what the checks over a model's draft stop, and what they stop wrongly."""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from evals.drafts import CANARY, DATA, Scripted, businesses, honest, not_caught, pairs, unseen, violations
from evals.figures import wilson
from evals.mutations import mutations, swapped
from evals.sets import EvaluationSet
from src.messages.brain.grounding import CHECKS, Failure, examine


@dataclass
class Measured:
    """Drafts by what became of them. `stopped` counts violations; `right` those that an expected check stopped."""

    violations: int = 0
    missed: list[Scripted] = field(default_factory=list)
    otherwise: list[Scripted] = field(default_factory=list)
    expected: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    honest: int = 0
    alarms: list[tuple[Scripted, tuple[Failure, ...]]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


def scripted_violations(known: dict[str, EvaluationSet]) -> list[Scripted]:
    """The violations that were written, and those made from the honest drafts that were written."""
    found = violations(known)
    written = {name: [one for one in honest({name: known[name]}) if "-honest-" in one.id] for name in known}
    names = list(written)
    for number, name in enumerate(names):
        found += mutations(written[name], written[names[number - 1]])
    return found


def measure(bad: list[Scripted], good: list[Scripted]) -> Measured:
    """Examines all of them."""
    found = Measured(len(bad), honest=len(good))
    for one in good[:50]:
        _examined(one)  # what is read of the FAQs is kept, as it is in an instance
    for one in bad:
        began = time.perf_counter()
        failed = {failure.check for failure in _examined(one)}
        found.milliseconds.append((time.perf_counter() - began) * 1_000)
        found.expected[one.checks[0]] += 1
        if not failed:
            found.missed.append(one)
        elif failed.isdisjoint(one.checks):
            found.otherwise.append(one)
        found.fired.update(failed)
    for one in good:
        began = time.perf_counter()
        failures = _examined(one)
        found.milliseconds.append((time.perf_counter() - began) * 1_000)
        if failures:
            found.alarms.append((one, failures))
    return found


def _examined(one: Scripted) -> tuple[Failure, ...]:
    return examine(one.draft, one.config, one.question, CANARY)


def held_back() -> tuple[tuple[int, int], tuple[int, int]]:
    """Of the drafts that no check was mended for: (stopped, violations) and (refused, honest drafts)."""
    bad, good = pairs(DATA / "held_back")
    return (sum(bool(_examined(one)) for one in bad), len(bad)), (
        sum(bool(_examined(one)) for one in good),
        len(good),
    )


def as_text(found: Measured) -> str:
    """The figures, and every draft that was judged wrongly."""
    stopped, held = found.violations - len(found.missed), found.honest - len(found.alarms)
    lines = [
        _rate("violations stopped", stopped, found.violations),
        _rate("… by an expected check", stopped - len(found.otherwise), found.violations),
        _rate("false alarms", found.honest - held, found.honest),
        f"milliseconds a draft: median {median(found.milliseconds):.2f}, "
        f"95 % below {sorted(found.milliseconds)[int(len(found.milliseconds) * 0.95)]:.2f}",
        "\ncheck        meant to stop   fired",
        *(f"{check:12} {found.expected[check]:>13} {found.fired[check]:>7}" for check in CHECKS),
    ]
    lines += [f"\nnot stopped: {one.id} | {one.draft.text}" for one in found.missed]
    lines += [f"\nstopped otherwise: {one.id} {one.checks} | {one.draft.text}" for one in found.otherwise]
    for one, failures in found.alarms:
        lines.append(f"\nfalse alarm: {one.id} | {' / '.join(one.question.texts)} | {one.draft.text}")
        lines += [f"  {failure.check}: {failure.why}" for failure in failures]
    return "\n".join(lines)


def _rate(name: str, part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    return f"{name:26} {part / whole:.4f}  {part:>5} of {whole:<5} [{low:.4f}, {high:.4f}]"


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.measure_checks", description=__doc__)
    parser.add_argument("--json", action="store_true", dest="as_json", help="one line of JSON")
    asked = parser.parse_args()
    known = businesses()
    found = measure(scripted_violations(known), [*honest(known), *unseen()])
    if asked.as_json:
        figures = {
            "violations": found.violations,
            "stopped": found.violations - len(found.missed),
            "honest": found.honest,
            "false_alarms": len(found.alarms),
            "ms_per_draft": round(median(found.milliseconds), 3),
            "fired": dict(found.fired),
        }
        print(json.dumps(figures))
    else:
        print(as_text(found))
        exchanged = list(swapped(honest(known)))
        print(
            "\n"
            + _rate(
                "prices exchanged, stopped", sum(bool(_examined(one)) for one in exchanged), len(exchanged)
            )
        )
        stopped, refused = held_back()
        print(_rate("held back, stopped", *stopped))
        print(_rate("held back, false alarms", *refused))
        print("\nknown to get through, because no code sees it:")
        for one, why in not_caught(known):
            print(f"  {one.draft.text} ({why})")
    return 0 if not found.missed else 1


if __name__ == "__main__":
    sys.exit(_main())
