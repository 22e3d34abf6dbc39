"""What the tests of backups share: the command, another place for the same business, and a look at every row."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, create_engine, select

from src.core.database import normalise_url
from tests import launch
from tests.world import World


def released(*words: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """`released …` with these settings and no others."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return launch.run("src", *words, env={**kept, **settings})


def settings_of(world: World) -> dict[str, str]:
    """The world's settings, as the environment has them."""
    return {name.upper(): str(value) for name, value in world.settings().items() if value is not None}


def new_key(folder: Path) -> Path:
    """A key file, made when it is not there yet."""
    key = folder / "key"
    if not key.exists():
        made = released("backup", "--new-key", key)
        assert made.returncode == 0, made.stderr
    return key


def back_up(world: World, folder: Path) -> tuple[Path, Path]:
    """A backup of the world's instance and its key file."""
    key = new_key(folder)
    target = folder / "instance.backup"
    made = released("backup", "--to", target, "--key-file", key, **settings_of(world))
    assert made.returncode == 0, made.stderr
    return target, key


def move_to(world: World, home: Path, database_url: str) -> None:
    """From its next start the platform is the instance of another home and another database."""
    world.home, world._database_url = home, database_url


def contents(database_url: str) -> dict[str, str]:
    """Each table's checksum over every value of every row, the same for both databases."""
    engine = create_engine(normalise_url(database_url))
    tables = MetaData()
    with engine.connect() as session:
        tables.reflect(session)
        found = {
            table.name: _checksum(list(session.execute(select(table).order_by(*table.primary_key))))
            for table in tables.sorted_tables
            if table.name
            not in (
                "process",
                "chore",
                "backup",
            )  # they are of the moment; a backup is named before it is made
        }
    engine.dispose()
    return found


def _checksum(rows: list[Any]) -> str:
    plain = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows]
    return f"{len(plain)} rows, {hashlib.sha256(repr(plain).encode()).hexdigest()}"


def rows(database_url: str, statement: str) -> list[Any]:
    """What one statement finds or changes."""
    engine = create_engine(normalise_url(database_url))
    with engine.begin() as session:
        result = session.exec_driver_sql(statement)
        found = list(result) if result.returns_rows else []
    engine.dispose()
    return found
