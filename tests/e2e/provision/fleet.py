"""A folder of clients of a test's own, and the telephone of each."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from src.cli import released
from src.core.errors import Refusal
from tests import launch
from tests.world import call, eventually

PROJECT = Path(__file__).resolve().parents[3]
NUMBER = "+34600000147"


class Fleet:
    """Runs `released clients …` over its own folder; `end()` stops all that was started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, *words: str, dies: str = "") -> subprocess.Popen[str]:
        """`released …`, begun; with `dies` it is killed there (see `dying`)."""
        module = "tests.e2e.provision.dying" if dies else "src"
        return launch.start(
            module,
            *words,
            env={**os.environ, "RELEASED_CLIENTS": str(self.folder), "DIES": dies},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, dies: str = "") -> subprocess.CompletedProcess[str]:
        """`released …`, to its end; in this process, unless it is to die."""
        if dies:
            process = self.begin(*words, dies=dies)
            out, errors = process.communicate(timeout=120)
            return subprocess.CompletedProcess(words, process.returncode, out, errors)
        result = CliRunner().invoke(released, words, env={"RELEASED_CLIENTS": str(self.folder)})
        if isinstance(result.exception, Refusal):  # as `main` tells it
            errors = f"{result.stderr}released: {result.exception.detail}\n"
            return subprocess.CompletedProcess(words, 1, result.stdout, errors)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)

    def add(self, name: str, *words: str, number: str = NUMBER) -> str:
        """Provisions a client without Docker; returns what was printed."""
        done = self.run("clients", "add", name, number, "--embedded", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def care(self, *words: str) -> str:
        """What `released clients …` printed."""
        done = self.run("clients", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def env(self, name: str) -> dict[str, str]:
        """A client's settings."""
        lines = (self.folder / name / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))

    def pid(self, name: str) -> int:
        """The supervisor's process, which is the group's too."""
        return int((self.folder / name / "pid").read_text())

    def processes(self, name: str) -> dict[int, str]:
        """The command lines of the client's processes that have not ended, by process."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(folder.name)) == self.pid(name):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
            except (ProcessLookupError, FileNotFoundError):
                continue
        return {pid: line for pid, line in found.items() if line}

    def api(self, name: str, path: str) -> Any:
        """GET with the client's key."""
        env = self.env(name)
        status, answer = call(
            "GET", f"http://127.0.0.1:{env['PORT']}{path}", Authorization=f"Bearer {env['API_KEY']}"
        )
        assert status == 200, answer
        return answer

    def asks(self, name: str, text: str) -> str:
        """A customer writes over the client's telephone; what comes back, as soon as something does."""
        sandbox = f"http://127.0.0.1:{self.env(name)['PORT']}/sandbox/api"
        state = call("GET", f"{sandbox}/state")[1]
        chat = f"{sandbox}/chats/{state['customers'][0]['id']}/{state['numbers'][0]['phone_number_id']}"
        call("POST", f"{chat}/messages", {"type": "text", "text": text})

        def answers() -> list[str]:
            messages = call("GET", chat)[1]["messages"]
            return [json.dumps(one, ensure_ascii=False) for one in messages if one["from"] == "business"]

        return "\n".join(eventually(answers))

    def end(self) -> None:
        """Stops every client."""
        if self.folder.is_dir():
            self.run("clients", "stop", "--all")
