"""A client's instance as a process with a supervisor, where there is neither Docker nor systemd."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from src.cli.clients.folder import PROJECT, Client, Trouble

_KEPT = ("PATH", "HOME", "LANG", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")
_STOP_SECONDS = 40


def released(*words: str) -> list[str]:
    """The command `released …` of this environment."""
    return [str(Path(sys.executable).with_name("released")), *words]


def command() -> list[str]:
    """What runs an instance in the folder whose `.env` it reads."""
    return released("up", "--no-demo")


def environment() -> dict[str, str]:
    """What a client's process gets of ours: none of our settings, which would come before its own."""
    return {name: os.environ[name] for name in (*_KEPT, *map(str.lower, _KEPT)) if name in os.environ}


def back_up(client: Client, to: Path, key: Path) -> None:
    """Writes an instance that runs here, or rests, into one sealed file."""
    done = subprocess.run(
        released("backup", "--to", str(to), "--key-file", str(key)),
        cwd=client.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Trouble(f"{client.name} could not be backed up: {said.removeprefix('released: ')}")


def last_line(log: Path) -> str:
    """The last line of a log of up to ten MiB."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""


class Supervised:
    """Runs `scripts/supervise.sh` in the client's folder. Who holds the lock `running` is it, or what it left behind."""

    patience = 60

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = client.folder / "running"
        self._log = client.folder / "released.log"

    def start(self) -> None:
        """Starts the supervisor, unless one runs."""
        if self.is_running():
            return
        (self._client.folder / "ends").unlink(missing_ok=True)  # of the one before: nobody shall count them
        subprocess.Popen(
            ["/bin/sh", str(PROJECT / "scripts/supervise.sh"), *command()],
            cwd=self._client.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            umask=0o077,
            start_new_session=True,
        )
        self._wait(True, 10)

    def stop(self) -> None:
        """Ends supervisor and instance in good order; after a time, in any order."""
        for number, seconds in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, 5)):
            if not self.is_running():
                return
            try:
                os.killpg(int((self._client.folder / "pid").read_text()), number)
            except (ProcessLookupError, FileNotFoundError, ValueError):
                time.sleep(0.2)
            if self._wait(False, seconds):
                return
        raise Trouble(
            f"{self._client.name} cannot be ended: find who holds {self._lock} with `fuser`, and end it"
        )

    def renew(self) -> None:
        """Runs the code that is here now."""
        self.stop()
        self.start()

    def backup(self, to: Path, key: Path) -> None:
        """Writes it into one sealed file."""
        back_up(self._client, to, key)

    def is_running(self) -> bool:
        """True while supervisor or instance live."""
        try:
            descriptor = os.open(self._lock, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def is_failing(self) -> bool:
        """True when the supervisor has started it anew and it ended once more."""
        try:
            return int((self._client.folder / "ends").read_text()) >= 2
        except (FileNotFoundError, ValueError):
            return False

    def erase(self) -> None:
        """All of it lies in the client's folder."""

    def trouble(self) -> str:
        """The end of its log."""
        return f"see {self._log} ({last_line(self._log)})"

    def _wait(self, running: bool, seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if self.is_running() == running:
                return True
            time.sleep(0.02)
        return False
