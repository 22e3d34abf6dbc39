"""`released …` that dies by SIGKILL just before it changes the world: `DIES="os.rename .env"`.

The first event of the interpreter with that name, one of whose arguments ends so (or begins so, for what is sent).
"""

import os
import signal
import sys
from typing import Any

from src.cli import main

_EVENT, _, _ARGUMENT = os.environ["DIES"].partition(" ")


def _said(argument: Any) -> str:
    if isinstance(argument, bytes):
        return argument.decode(errors="replace")
    return " ".join(map(str, argument)) if isinstance(argument, list) else str(argument)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event != _EVENT:
        return
    for argument in map(_said, arguments):
        if argument.endswith(_ARGUMENT) or (event == "http.client.send" and argument.startswith(_ARGUMENT)):
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.addaudithook(_watch)
    main()
