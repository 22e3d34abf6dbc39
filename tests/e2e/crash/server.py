"""The platform as a process that kills itself at one commit: `CRASH="before INSERT INTO turn"`, or `after …`."""

import os
import re
import signal
from collections.abc import Callable
from typing import Any

import uvicorn
from sqlalchemy import Connection, Engine, Pool, event

from src.core.instance import open_instance
from src.core.settings import load_settings
from src.core.telemetry import log_json
from src.main import create_app


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(when: str, statement: str, act: Callable[[], None] = _die) -> None:
    """Dies just before, or just after, the first commit of a transaction that ran a statement like this."""
    pattern = re.compile(statement, re.S)
    left = [act]

    @event.listens_for(Engine, "before_cursor_execute")
    def _notice(session: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        if left and pattern.search(sql):
            session.info["armed"] = True

    @event.listens_for(Engine, "commit")
    def _before(session: Connection) -> None:
        if session.info.pop("armed", False) and left:
            if when == "before":
                left.pop()()
            else:
                session.info["committing"] = True

    @event.listens_for(Pool, "checkin")
    def _after(_connection: Any, record: Any) -> None:
        if record.info.pop("committing", False) and left:
            left.pop()()


if __name__ == "__main__":
    log_json()
    if crash := os.environ.get("CRASH"):
        when, statement = crash.split(" ", 1)
        arm(when, statement)
    settings = load_settings()
    uvicorn.run(create_app(open_instance(settings)), port=settings.port, log_config=None, access_log=False)
