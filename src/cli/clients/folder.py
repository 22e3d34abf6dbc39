"""A client on this machine: its folder, its `.env`, and who it is."""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import src
from src.core.errors import Refusal
from src.core.settings import Settings

PROJECT = Path(src.__file__).resolve().parents[1]
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


class Trouble(Refusal):
    """It cannot be done to this client"""


@dataclass(frozen=True)
class Client:
    """One client's folder: `.env` with its settings, `client.json` with who it is."""

    name: str

    @property
    def folder(self) -> Path:
        """Where all of it lies, mode 0700."""
        return home() / self.name

    @property
    def env_file(self) -> Path:
        """Its settings and secrets, mode 0600."""
        return self.folder / ".env"

    @property
    def project(self) -> str:
        """Its name among compose projects and services."""
        return f"released-{self.name}"

    def about(self) -> dict[str, Any]:
        """{name, phone_number, kind, domain}; empty while it is not yet told."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "client.json").read_bytes())
        except FileNotFoundError:
            return {}
        return found

    def tell(self, about: dict[str, Any]) -> None:
        """Writes down who it is."""
        write_whole(self.folder / "client.json", json.dumps(about, indent=2) + "\n")

    def env(self) -> dict[str, str]:
        """Its settings; empty while they are not yet made."""
        return read_env(self.env_file) if self.env_file.exists() else {}

    def change_env(self, values: dict[str, str]) -> None:
        """Puts these values into its settings; comments and all other lines stay."""
        left = dict(values)
        lines = self.env_file.read_text(encoding="utf-8").splitlines() if self.env_file.exists() else []
        for number, line in enumerate(lines):
            match = _LINE.fullmatch(line.strip())
            if match and match[1] in left:
                lines[number] = f"{match[1]}={left.pop(match[1])}"
        lines += [f"{name}={value}" for name, value in left.items()]
        write_whole(self.env_file, "\n".join(lines) + "\n")

    def fingerprint(self) -> str:
        """Another one when its settings are others; which image it runs is no setting."""
        lines = [f"{name}={value}" for name, value in self.env().items() if name != "RELEASED_IMAGE"]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def settings(self) -> Settings:
        """Its settings, checked, whatever the environment of this process says. Raises `ValidationError`."""
        return checked(self.env())

    @property
    def is_whole(self) -> bool:
        """True when it can be started."""
        return bool(self.about()) and self.env_file.exists()


def home() -> Path:
    """The folder of all clients."""
    return Path(os.environ.get("RELEASED_CLIENTS") or PROJECT / "clients").absolute()


def every_client() -> list[Client]:
    """All clients, by name, half-made ones too."""
    if not home().is_dir():
        return []
    return [Client(path.name) for path in sorted(home().iterdir()) if NAME.fullmatch(path.name)]


def known(name: str) -> Client:
    """The client of this name. Raises `Trouble` when there is none."""
    client = Client(name)
    if not (NAME.fullmatch(name) and client.folder.is_dir()):
        names = ", ".join(one.name for one in every_client()) or "there is none yet"
        raise Trouble(f"no client is called {name}: `released clients list` shows them ({names})")
    return client


def private(folder: Path) -> Path:
    """The folder with mode 0700, made when it is missing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise Trouble(
            f"{folder} cannot be made ({error.strerror}): give this user the folder above it, "
            "or name another in RELEASED_CLIENTS"
        ) from error
    return folder


_held: list[int] = []


def held() -> tuple[int, ...]:
    """The locks of this process, for a child that must be waited for when this process is killed."""
    return tuple(_held)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Waits until nobody else works in the folder. The lock ends with this process, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _held.append(descriptor)
        yield
    finally:
        if descriptor in _held:
            _held.remove(descriptor)
        os.close(descriptor)


def write_whole(path: Path, text: str) -> None:
    """The file with this text and mode 0600, or as it was before: never half. Who writes holds the folder's lock."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def read_env(path: Path) -> dict[str, str]:
    """The settings in a file of NAME=VALUE lines. Raises `Trouble`, which names the line but never a value."""
    found: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{path} cannot be read ({error}): correct the path, its rights or its text") from None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise Trouble(f"{path}, line {number}: write NAME=VALUE, or # before a comment")
        value = match[2]
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        if set(value) & set("$'\"`\\"):
            raise Trouble(
                f"{path}, line {number}: {match[1]} holds a quote, $, ` or \\; choose another value"
            )
        found[match[1]] = value
    return found


def checked(values: dict[str, str]) -> Settings:
    """The settings that these values are, without this process's environment. Raises `ValidationError`."""
    given: dict[str, Any] = {name.lower(): value for name, value in values.items() if value}
    return Settings(_env_file=None, _env_prefix="nothing of the environment ", **given)
