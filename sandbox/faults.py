"""Troubles that are ordered for the next requests."""

from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "messages": ("error", "hang", "async_failure"),
    "statuses": ("hold", "duplicate", "before_answer"),
    "media_id": ("error", "hang"),
    "media": ("error", "hang", "corrupt", "too_large"),
    "debug_token": ("error",),
    "exchange": ("error",),
    "revoke": ("error",),
}


@dataclass
class Fault:
    """What goes wrong with the next `times` requests, of one number or (None) of any.

    On messages: `error` refuses with `code`; `hang` accepts or not, waits `seconds`, then answers or hangs
    up; `async_failure` accepts, then fails with `code`. On the statuses of these messages: `hold` keeps them
    until all faults are ended, `duplicate` brings each twice, `before_answer` brings them before the answer.
    On a `media_id`, `error` does not tell where the file is. On the `media` themselves, `error` answers with
    `http_status`, `corrupt` gives other bytes, `too_large` far more of them than were told. A call about tokens
    (`debug_token`, `exchange`, `revoke`) is refused with `code`.
    """

    id: int
    on: str
    kind: str
    times: int = 1
    phone_number_id: str | None = None
    code: int | None = None
    http_status: int | None = None
    details: str | None = None
    seconds: float = 0.0
    accept: bool = True
    answer: bool = True


class Faults:
    """The faults in force, the oldest first; they end with the process."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._count = 0

    def order(self, **wished: Any) -> Fault:
        """Puts a fault into force."""
        self._count += 1
        fault = Fault(id=self._count, **wished)
        self._faults.append(fault)
        return fault

    def take(self, on: str, phone_number_id: str) -> Fault | None:
        """The fault that meets this request, which counts as one of its times; None when all is well."""
        for fault in self._faults:
            if fault.on == on and fault.phone_number_id in (None, phone_number_id):
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
                return fault
        return None

    def view(self) -> list[dict[str, Any]]:
        """What is still in force, with the times that are left."""
        return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        """Ends all faults. Safe to call twice."""
        self._faults.clear()
