"""SQLite's one writer, shared: threads that wait for it share a transaction, and so its fsync."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

_GROUP_MAX = 64  # transactions that share one commit at most, so that the first does not wait for ever


class _Group:
    def __init__(self, session: Connection) -> None:
        self.session = session
        self.members = 0
        self.ended = threading.Event()
        self.error: BaseException | None = None


class GroupCommit:
    """Lets threads that wait for SQLite's one writer share a transaction, so that they share its fsync too.

    Each block runs alone, inside a savepoint. Whoever leaves while nobody waits commits for all that came before;
    the others return only when that commit has succeeded.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None
        self._inside = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        if getattr(self._inside, "yes", False):
            raise RuntimeError("a transaction was opened inside another")
        with self._count:
            self._waiting += 1
        self._turn.acquire()
        with self._count:
            self._waiting -= 1
        self._inside.yes = True
        try:
            group = self._open_group()
            yield from self._run(group)
        finally:
            self._inside.yes = False
            self._leave()
        group.ended.wait()
        if group.error is not None:
            raise group.error

    def _open_group(self) -> _Group:
        if self._group is None:
            session = self._engine.connect()
            try:
                session.begin()
            except BaseException:
                session.close()
                raise
            self._group = _Group(session)
        return self._group

    def _run(self, group: _Group) -> Iterator[Connection]:
        raw = group.session.connection.driver_connection  # three words to SQLite need no toolkit
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("SAVEPOINT block")
        try:
            yield group.session
            raw.execute("RELEASE block")
        except BaseException as error:
            try:
                raw.execute("ROLLBACK TO block")
                raw.execute("RELEASE block")
            except sqlite3.Error:  # the disk is full: SQLite has given up the whole transaction
                group.error = error
            raise
        group.members += 1

    def _leave(self) -> None:
        try:
            group = self._group
            if group is not None:
                with self._count:
                    alone = self._waiting == 0
                if alone or group.error or group.members >= _GROUP_MAX:
                    self._end(group)
        finally:
            self._turn.release()

    def _end(self, group: _Group) -> None:
        self._group = None
        try:
            if group.error is None:
                group.session.commit()
        except SQLAlchemyError as error:
            group.error = error
        finally:
            group.session.close()  # rolls back what was not committed
            group.ended.set()

    def close(self) -> None:
        """Waits for the running transaction."""
        with self._turn:
            if self._group is not None:
                self._end(self._group)
