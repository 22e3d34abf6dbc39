"""One process works one SQLite file: who runs it holds a lock, which the system releases when the process dies."""

import fcntl
import os
from pathlib import Path

from src.core.errors import InvalidSettings

_LOCK = "running.lock"  # its text is the port at which the holder listens


def hold(home: Path, port: int) -> int:
    """Takes the lock of the instance in `home`, as long as the descriptor stays open. Raises `InvalidSettings`."""
    descriptor = os.open(home / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise InvalidSettings(
            f"RELEASED_HOME: another `released up` works with {home}: end it first, or name another folder for "
            "another instance; the other commands of `released` may be used beside it"
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(port).encode())
    return descriptor


def port_of(home: Path) -> int | None:
    """The port at which the process that holds the lock of `home` listens; None where nobody does."""
    try:
        with (home / _LOCK).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                said = lock.read()
                return int(said) if said.isdecimal() else None
    except OSError:
        return None
    return None
