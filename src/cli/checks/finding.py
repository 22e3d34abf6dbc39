"""What a check found: its state, and where something is wrong, the cause and the cure."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

SECONDS = 5.0  # what one question to a server may take
GROUP_SECONDS = 30.0  # what a group of questions may take, when a name server or a disk hangs


class State(IntEnum):
    """How it is; the number is the command's exit code."""

    OK = 0
    WARN = 1
    FAIL = 2


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    name: str
    state: State
    found: str
    cause: str = ""
    cure: str = ""


Group = Callable[[], Iterator[Finding]]


def ok(name: str, found: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, found)


def warn(name: str, found: str, cause: str, cure: str) -> Finding:
    """It works, and should be mended."""
    return Finding(name, State.WARN, found, cause, cure)


def fail(name: str, found: str, cause: str, cure: str) -> Finding:
    """It does not work."""
    return Finding(name, State.FAIL, found, cause, cure)


def examine(groups: dict[str, Group]) -> list[Finding]:
    """All findings in the order of the groups, which run side by side; none of them stops another."""
    found: dict[str, list[Finding]] = {name: [] for name in groups}
    threads = [
        threading.Thread(target=_run, args=(name, group, found[name]), daemon=True)
        for name, group in groups.items()
    ]
    for thread in threads:
        thread.start()
    for name, thread in zip(groups, threads, strict=True):
        thread.join(GROUP_SECONDS)
        if thread.is_alive():
            found[name] = [
                *found[name],
                fail(name, "no answer", f"something took longer than {GROUP_SECONDS:.0f} s", "run it again"),
            ]
    return [finding for findings in found.values() for finding in findings]


def _run(name: str, group: Group, found: list[Finding]) -> None:
    try:
        for finding in group():
            found.append(finding)  # one by one: what was found before a failure counts
    except Exception as error:  # the outermost frame of a group
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        found.append(fail(name, "the check itself failed", what, "report it, with this line"))
