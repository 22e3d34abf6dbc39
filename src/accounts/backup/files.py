"""Files that come whole, or not at all: a backup, and what a restore puts into an instance's home."""

import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from src.accounts.backup.errors import NoBackup, from_system

_BESIDE = ("-wal", "-shm")  # what SQLite keeps beside a file of its own


@contextmanager
def written_whole(target: Path) -> Iterator[BinaryIO]:
    """A file that appears at `target` at the end of the block, whole and on the disk, or not at all."""
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    if target.exists():
        raise NoBackup(f"{target} exists already: a backup is never overwritten, choose another name")
    try:
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _publish(fresh, target)
        sync_folder(target.parent)
    except FileExistsError:
        raise NoBackup(
            f"{target} exists already: a backup is never overwritten, choose another name"
        ) from None
    except OSError as error:
        raise from_system(f"{target} cannot be written", error) from error
    finally:
        with suppress(OSError):
            fresh.unlink()


def _publish(fresh: Path, target: Path) -> None:
    try:
        os.link(fresh, target)  # fails where a rename would overwrite
    except PermissionError:  # a file system without links
        if target.exists():
            raise FileExistsError from None
        fresh.rename(target)


def sync_folder(folder: Path) -> None:
    """Brings the folder's names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Placing:
    """Puts files in place, remembering what was there; `undo` puts that back."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        self._fresh: list[Path] = []
        self._moved: list[tuple[Path, Path]] = []

    @property
    def aside(self) -> list[Path]:
        """Where the files are that were there before."""
        return [kept for _, kept in self._moved]

    def put(self, name: str, data: Iterable[bytes]) -> None:
        """Writes the file, mode 0600, on the disk at the return. Raises `NoBackup`."""
        path = self._home / name
        fresh = path.with_name(f".{name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                for piece in data:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            for old in (path, *(path.with_name(name + end) for end in _BESIDE)):
                self._put_aside(old)
            fresh.rename(path)
            self._fresh.append(path)
            sync_folder(self._home)
        except OSError as error:
            raise from_system(f"{path} cannot be written", error) from error
        finally:
            fresh.unlink(missing_ok=True)

    def _put_aside(self, path: Path) -> None:
        if path.exists():
            kept = path.with_name(f"{path.name}.before-restore-{self._stamp}")
            path.rename(kept)
            self._moved.append((path, kept))

    def undo(self) -> None:
        """Takes away what was put, and puts back what was there."""
        for path in self._fresh:
            path.unlink(missing_ok=True)
        for path, kept in reversed(self._moved):
            kept.rename(path)


@contextmanager
def placing(home: Path) -> Iterator[Placing]:
    """Puts files into `home` until the end of the block; leaving it by an exception undoes them."""
    place = Placing(home)
    try:
        yield place
    except BaseException:
        place.undo()
        raise
