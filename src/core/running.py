"""One process works one SQLite file: who runs it holds a lock, which the system releases when the process dies."""

import fcntl
import os
from pathlib import Path

from src.core.errors import InvalidSettings


def hold(home: Path) -> int:
    """Takes the lock of the instance in `home`, as long as the descriptor stays open. Raises `InvalidSettings`."""
    path = home / "running.lock"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise InvalidSettings(
            f"RELEASED_HOME: another `released up` works with {home}: end it first, or name another folder for "
            "another instance; the other commands of `released` may be used beside it"
        ) from None
    return descriptor
