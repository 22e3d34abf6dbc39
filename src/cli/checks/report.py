"""The findings for a person, or for a program."""

from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from src import VERSION
from src.cli.checks.finding import Finding, State

_COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


def worst(findings: list[Finding]) -> State:
    """The state of the whole."""
    return max((finding.state for finding in findings), default=State.OK)


def document(findings: list[Finding]) -> dict[str, Any]:
    """{version, state, checks: [{name, state, found, cause, cure}]}; a state is ok, warn or fail."""
    checks = [{**asdict(finding), "state": finding.state.name.lower()} for finding in findings]
    return {"version": VERSION, "state": worst(findings).name.lower(), "checks": checks}


def lines(findings: list[Finding]) -> list[str]:
    """What a person reads; click leaves the colours out where nobody sees them."""
    width = max(len(finding.name) for finding in findings)
    told = []
    for finding in findings:
        state = click.style(f"{finding.state.name.lower():4}", fg=_COLOURS[finding.state])
        told.append(f"{state}  {finding.name:{width}}  {finding.found}")
        told += [
            f"{'':{width + 8}}{why}" for why in (finding.cause, finding.cure and f"→ {finding.cure}") if why
        ]
    count = Counter(finding.state for finding in findings)
    told.append(f"\n{count[State.OK]} ok, {count[State.WARN]} warnings, {count[State.FAIL]} failures")
    return told
