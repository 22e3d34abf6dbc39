"""A client's instance as a unit of systemd: the system's where root provisions, else the user's own."""

import os
import subprocess
from pathlib import Path

from src.cli.clients.folder import Client, Trouble, write_whole
from src.cli.clients.supervised import back_up, command

_UNIT = """\
[Unit]
Description=Released for {name}
After=network-online.target
Wants=network-online.target

[Service]
WorkingDirectory={folder}
ExecStart={command}
Restart=always
RestartSec=2
TimeoutStopSec=40
UMask=0077
# Its greeting names the verify token, which no journal needs; the log goes to standard error.
StandardOutput=null
NoNewPrivileges=yes
{confined}
[Install]
WantedBy={target}
"""
_CONFINED = """\
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictSUIDSGID=yes
ReadWritePaths="{folder}"
"""


class Unit:
    """`released-NAME.service`."""

    patience = 60

    def __init__(self, client: Client) -> None:
        self._client = client
        self._system = os.geteuid() == 0
        self._name = f"{client.project}.service"

    @property
    def path(self) -> Path:
        """Where the unit lies."""
        if self._system:
            return Path("/etc/systemd/system") / self._name
        return Path.home() / ".config/systemd/user" / self._name

    def text(self) -> str:
        """The unit."""
        folder = str(self._client.folder).replace("%", "%%")
        quoted = [word.replace("%", "%%").replace("$", "$$") for word in command()]
        return _UNIT.format(
            name=self._client.name,
            folder=folder,
            command=" ".join(f'"{word}"' for word in quoted),
            confined=_CONFINED.format(folder=folder) if self._system else "",
            target="multi-user.target" if self._system else "default.target",
        )

    def start(self) -> None:
        """Writes the unit when it is another, and starts it, now and with the machine."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists() or self.path.read_text(encoding="utf-8") != self.text():
            write_whole(self.path, self.text())
            self._run("daemon-reload")
        self._run("enable", "--now", self._name)
        if not self._system:  # else a user's units end with the user's session
            subprocess.run(["loginctl", "enable-linger"], capture_output=True, timeout=60, check=False)

    def stop(self) -> None:
        """Stops it, also for the next start of the machine."""
        if self.path.exists():
            self._run("disable", "--now", self._name)

    def renew(self) -> None:
        """Runs the code that is here now."""
        self.start()
        self._run("restart", self._name)

    def backup(self, to: Path, key: Path) -> None:
        """Writes it into one sealed file."""
        back_up(self._client, to, key)

    def is_running(self) -> bool:
        """True while systemd keeps it."""
        return self._systemctl("is-active", "--quiet", self._name).returncode == 0

    def is_failing(self) -> bool:
        """True when systemd has started it anew and it ended once more."""
        restarts = self._systemctl("show", "--property=NRestarts", "--value", self._name).stdout.strip()
        return restarts.isdecimal() and int(restarts) >= 2

    def erase(self) -> None:
        """Removes the unit."""
        self.path.unlink(missing_ok=True)
        self._run("daemon-reload")

    def trouble(self) -> str:
        """Where its log is."""
        return f"see `journalctl {'' if self._system else '--user '}-u {self._name} -o cat`"

    def _systemctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        own = [] if self._system else ["--user"]
        return subprocess.run(
            ["systemctl", *own, *words], capture_output=True, text=True, timeout=90, check=False
        )

    def _run(self, *words: str) -> None:
        done = self._systemctl(*words)
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
            raise Trouble(f"systemctl {' '.join(words)} failed ({said}): {self.trouble()}")
