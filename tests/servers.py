"""Throwaway servers for tests: a real PostgreSQL on a free port, with a migrated template for each test's database."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from src.core import schema
from src.core.database import Database
from src.core.keyring import Keyring
from tests.ports import free_port


class PostgreSQL:
    """A cluster of its own; `fresh()` gives an empty, migrated database."""

    def __init__(self, port: int) -> None:
        self.base = f"postgresql://postgres@127.0.0.1:{port}"
        self._run("CREATE DATABASE released_template")
        template = Database(f"{self.base}/released_template", Keyring("k" * 32))
        schema.migrate(template)
        template.close()

    def _run(self, statement: str) -> None:
        with psycopg.connect(f"{self.base}/postgres", autocommit=True) as session:
            session.execute(statement.encode())

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a new database, dropped afterwards."""
        name = f"test_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE released_template")
        try:
            yield f"{self.base}/{name}"
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(path) for path in [shutil.which("initdb")] if path
    ]
    assert found, "PostgreSQL is not installed: run  sudo apt-get install postgresql"
    return found[-1].parent


def as_nobody() -> dict[str, Any]:
    """Whom to run a server as that refuses to be root, as arguments of `Popen`."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("nobody")
    return {"user": account.pw_uid, "group": account.pw_gid}


@contextmanager
def postgresql(durable: bool = False) -> Iterator[PostgreSQL]:
    """A running cluster, stopped and removed afterwards; `durable` waits for the disk as a real one does."""
    folder = Path(tempfile.mkdtemp(prefix="released-pg-", dir="/tmp"))
    identity = as_nobody()
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    port = free_port()
    programs = _programs()
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        **identity,
    )
    options = ["-c", f"port={port}", "-k", str(folder), "-c", "listen_addresses=127.0.0.1"]
    options += ["-c", f"fsync={'on' if durable else 'off'}"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *options, "-c", "max_connections=300"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        **identity,
    )
    try:
        _wait(port, server)
        yield PostgreSQL(port)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "PostgreSQL ended at its start"
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=1).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError("PostgreSQL did not start")
