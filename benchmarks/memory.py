"""What `released up` takes of a machine's memory, with and without a model, after answers and after a look at its pages."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from urllib3.exceptions import HTTPError

from tests.ports import free_port
from tests.world import call, eventually

_ASKED = ("a q hora abris el sabado?", "puedo pagar con visa", "hacen tartas sin azucar?")
_PAGES = ("/", "/sandbox/", "/docs", "/openapi.json", "/metrics")


def measure(python: str, *, model: bool) -> str:
    """MiB of PSS, which shares what programs have in common: nothing else that runs Python may run beside it."""
    with _up(python, model) as (pid, address):
        state = call("GET", f"{address}/sandbox/api/state")[1]
        chat = f"{address}/sandbox/api/chats/{state['customers'][0]['id']}/{state['numbers'][0]['phone_number_id']}"
        for answered, question in enumerate(_ASKED, 1):
            call("POST", f"{chat}/messages", {"type": "text", "text": question})
            eventually(partial(_has_answered, chat, answered))
        after_answers = _mebibytes(pid)
        for page in _PAGES:
            assert call("GET", address + page)[0] == 200
        return f"{after_answers:.0f} MiB after {len(_ASKED)} answers, {_mebibytes(pid):.0f} MiB after a look at the pages"


@contextmanager
def _up(python: str, model: bool) -> Iterator[tuple[int, str]]:
    address = f"http://127.0.0.1:{(port := free_port())}"
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "RELEASED_HOME": home}
        if model:
            env |= {"OPENAI_API_KEY": "sk-any", "OPENAI_BASE_URL": f"{address}/sandbox/v1"}
        quiet = subprocess.DEVNULL
        command = [python, "-m", "src", "up", "--port", str(port)]
        with subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet) as process:
            try:
                eventually(lambda: process.poll() is not None or _is_ready(address))
                yield process.pid, address
            finally:
                process.terminate()


def _is_ready(address: str) -> bool:
    try:
        return bool(call("GET", f"{address}/sandbox/api/state")[1]["numbers"])
    except HTTPError:
        return False


def _has_answered(chat: str, times: int) -> bool:
    answers = [one for one in call("GET", chat)[1]["messages"] if one["from"] == "business"]
    return len(answers) >= times


def _mebibytes(pid: int) -> float:
    said = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", said, re.MULTILINE)
    assert found
    return int(found[1]) / 1024
