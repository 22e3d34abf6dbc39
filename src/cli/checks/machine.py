"""Settings, the instance's home and the rights to it, the disk."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from src.cli.checks.finding import Finding, fail, ok, warn
from src.core.database import normalise_url
from src.core.instance import database_url
from src.core.settings import Settings

_FEW_BYTES, _TOO_FEW_BYTES = 2 * 1024**3, 200 * 1024**2
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def machine(settings: Settings) -> Iterator[Finding]:
    """What can be seen without asking anybody."""
    yield _settings(settings)
    home = settings.released_home
    if not os.path.isdir(home):  # as `Path.is_dir`, without an error where this user may not look
        yield fail(
            "home",
            f"{home} is not there, or not for this user to see",
            "no instance was ever started with this RELEASED_HOME, or by another user",
            "set RELEASED_HOME to the instance's folder, or start it: `released up`; run as the user who owns it",
        )
        return
    yield _home(home)
    if os.access(home, os.R_OK | os.X_OK):
        yield _files(home)
    yield _env_file(Path(".env"))
    for path in sorted({_disk_of(home), _disk_of(_sqlite_folder(settings) or home)}):
        yield _disk(path)


def _settings(settings: Settings) -> Finding:
    mode = "sandbox mode" if settings.sandbox_mode else "live"
    found = f"{settings.app_env}, {mode}"
    if settings.serves_this_machine_only:
        return warn(
            "settings",
            f"{found}, PUBLIC_URL is not set",
            "in production this instance then answers callers of this machine alone; Meta and people elsewhere get 403",
            "put a proxy with a certificate in front (docs/running.md), set PUBLIC_URL=https://YOUR.HOST, start it again",
        )
    if settings.app_env == "prod" and settings.sandbox_mode:
        return warn(
            "settings",
            found,
            "META_ACCESS_TOKEN and META_APP_SECRET are absent or the example's: no message leaves this machine",
            "fine while you try it; docs/go-live.md leads to a real number",
        )
    return ok("settings", found)


def _home(home: Path) -> Finding:
    mode = home.stat().st_mode
    if mode & _OTHERS:
        return fail(
            "home",
            f"{home} has the mode {stat.S_IMODE(mode):o}",
            "other users of this machine can enter it",
            f"chmod 700 {home}",
        )
    if not os.access(home, os.W_OK | os.X_OK):
        return fail(
            "home",
            f"{home} cannot be written by this user",
            f"it belongs to the user with the number {home.stat().st_uid}, this is {os.getuid()}",
            "run as the user who owns it, or give it to this one with chown",
        )
    return ok("home", str(home.resolve()))


def _files(home: Path) -> Finding:
    every = [path for path in sorted(home.iterdir()) if path.is_file()]
    open_ones = [path for path in every if path.stat().st_mode & _OTHERS]
    if open_ones:
        names = " ".join(str(path) for path in open_ones)
        return fail(
            "files", f"others may read {open_ones[0].name}", "the mode is not 600", f"chmod 600 {names}"
        )
    unreadable = [path for path in every if not os.access(path, os.R_OK)]
    if unreadable:
        return fail(
            "files",
            f"{unreadable[0].name} cannot be read by this user",
            f"it belongs to the user with the number {unreadable[0].stat().st_uid}",
            "run as that user, or give the file to this one with chown",
        )
    return ok("files", f"{len(every)} files, for their owner alone")


def _env_file(path: Path) -> Finding:
    if not path.exists():
        return ok(".env", "none: settings come from the environment")
    if path.stat().st_mode & _OTHERS:
        return warn(
            ".env", "others may read it", "it holds secrets and its mode is not 600", "chmod 600 .env"
        )
    return ok(".env", "for its owner alone")


def _sqlite_folder(settings: Settings) -> Path | None:
    url = normalise_url(database_url(settings))
    return Path(url.database or "").parent if url.get_backend_name() == "sqlite" else None


def _disk_of(folder: Path) -> Path:
    """The highest folder on the same disk: two folders of one disk are one disk."""
    path = folder.resolve()
    while not path.exists():
        path = path.parent
    while not path.is_mount():
        path = path.parent
    return path


def _disk(path: Path) -> Finding:
    usage = shutil.disk_usage(path)
    found = f"{usage.free / 1024**3:,.1f} GiB free of {usage.total / 1024**3:,.0f} at {path}"
    cure = "make room, or move RELEASED_HOME to a larger disk"
    if usage.free < _TOO_FEW_BYTES:
        return fail("disk", found, "on a full disk webhooks are answered 503", cure)
    if usage.free < _FEW_BYTES:
        return warn("disk", found, "less than 2 GiB are left", cure)
    return ok("disk", found)
