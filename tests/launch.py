"""Starts processes of ours. Under pytest they are forked off one that has imported what all need: that takes seconds.

What is forked is a process like any other: with a pid, an environment, files and signals of its own, and `kill -9`
kills it. Whatever measures memory or a start does without: outside of pytest every process begins by itself.
"""

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from src.messages import faq_answerer

PROJECT = Path(__file__).resolve().parents[1]
_NEEDED = (
    *("src.main", "sandbox.app", "sandbox.server", "celery_worker.status"),
    *(f"src.cli.{name}" for name in ("up", "web", "agents", "backup", "clients", "doctor", "gate", "logs")),
    *("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.concurrency.thread"),
    *("kombu.transport.redis", "psycopg"),
)
_MOST = 1 << 20  # bytes of a request
_nursery: "_Nursery | None" = None


@contextmanager
def nursery() -> Iterator[None]:
    """Inside, `start` and `run` fork."""
    global _nursery  # noqa: PLW0603
    _nursery = _Nursery()
    try:
        yield
    finally:
        _nursery.close()
        _nursery = None


def start(*words: str | Path, **options: Any) -> subprocess.Popen[Any]:
    """`python -m` these words, with the options of `Popen`."""
    command = [sys.executable, "-m", *map(str, words)]
    given = {"cwd": PROJECT, **options}
    return _Forked(command, **given) if _nursery else subprocess.Popen(command, **given)


def run(*words: str | Path, timeout: float = 120, **options: Any) -> subprocess.CompletedProcess[str]:
    """What `python -m` these words says, and its exit code. `input` is what it reads."""
    said = options.pop("input", None)
    reads = subprocess.DEVNULL if said is None else subprocess.PIPE
    pipe = subprocess.PIPE
    process = start(*words, stdin=reads, stdout=pipe, stderr=pipe, text=True, **options)
    try:
        out, errors = process.communicate(said, timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


class _Forked(subprocess.Popen[Any]):
    """A process that the nursery began; all else is as `Popen` has it."""

    def _execute_child(
        self,
        args: list[str],
        _executable: Any,
        _preexec: Any,
        _close: Any,
        _pass: Any,
        cwd: Any,
        env: Any,
        _info: Any,
        _flags: Any,
        _shell: Any,
        *pipes: Any,
    ) -> None:
        reads, _, _, says, _, complains, *_ = pipes
        assert _nursery is not None, "the tests' nursery is closed"
        with open(os.devnull, "r+b") as nothing:
            own = (0, 1, 2)  # what is not redirected
            fds = [
                theirs if theirs != -1 else mine
                for theirs, mine in zip((reads, says, complains), own, strict=True)
            ]
            if reads == -1:
                fds[0] = nothing.fileno()
            asked = {"words": args[2:], "cwd": str(cwd), "env": dict(os.environ if env is None else env)}
            self.pid, self._ended = _nursery.fork(asked, fds)
        self._child_created = True
        self._close_pipe_fds(*pipes[:6])  # type: ignore[attr-defined]

    def _try_wait(self, flags: int) -> tuple[int, int]:
        """The pid and the status once it has ended, else (0, 0); waits for it without WNOHANG."""
        if flags & os.WNOHANG and not select.select([self._ended], [], [], 0)[0]:
            return 0, 0
        status = os.read(self._ended, 8)
        os.close(self._ended)
        return self.pid, int(status or signal.SIGKILL)

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


class _Nursery:
    """The process that has imported everything; begun with the first that is asked of it."""

    def __init__(self) -> None:
        self._channel: socket.socket | None = None

    def fork(self, asked: dict[str, Any], fds: list[int]) -> tuple[int, int]:
        """The pid of a new process, and where its status can be read once it has ended."""
        if self._channel is None:
            self._channel = self._begin()
        ended, ends = os.pipe()
        socket.send_fds(self._channel, [json.dumps(asked).encode()], [*fds, ends])
        os.close(ends)
        return int(self._channel.recv(32)), ended

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        command = [sys.executable, "-m", "tests.launch", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(command, cwd=PROJECT, env=kept, pass_fds=[theirs.fileno()])
        return ours

    def close(self) -> None:
        """Ends it, and with it what it began."""
        if self._channel is not None:
            self._channel.close()
            self._process.wait(30)


def _serve(channel: socket.socket) -> dict[str, Any]:
    """Forks for each request, until nobody asks any more; in the new process, returns what was asked."""
    for name in _NEEDED:
        importlib.import_module(name)
    faq_answerer.warm_up()
    gc.freeze()
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    asks, born = channel.fileno(), dict[int, int]()
    while True:
        ready, _, _ = select.select([asks, woken], [], [])
        if woken in ready:
            os.read(woken, 512)
            _bury(born)
        if asks not in ready:
            continue
        asked, fds, _, _ = socket.recv_fds(channel, _MOST, 4)
        if not asked:
            for pid in born:
                os.kill(pid, signal.SIGKILL)
            sys.exit()
        pid = os.fork()
        if pid == 0:
            _be_born(fds, [asks, woken, wakes, *born.values()])
            found: dict[str, Any] = json.loads(asked)
            return found
        born[pid] = fds.pop()
        for fd in fds:
            os.close(fd)
        channel.send(str(pid).encode())


def _bury(born: dict[int, int]) -> None:
    """Tells who waits for them how processes have ended."""
    for pid in list(born):
        gone, status = os.waitpid(pid, os.WNOHANG)
        if gone:
            ends = born.pop(pid)
            os.write(ends, str(status).encode())
            os.close(ends)


def _be_born(fds: list[int], foreign: list[int]) -> None:
    """Leaves behind what is the nursery's."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, fd in enumerate(fds[:3]):
        os.dup2(fd, number)
    for fd in (*fds, *foreign):
        os.close(fd)


def _live(asked: dict[str, Any]) -> None:
    """Is the program that was asked for."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    if any(name.startswith("COVERAGE") for name in os.environ):
        importlib.import_module("coverage").process_startup()
    module, *words = asked["words"]
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _live(_serve(socket.socket(fileno=int(sys.argv[1]))))
