"""The data keys of a backup, in a small file beside it: without those of days that are over age, it forgets them too."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, delete, insert, inspect, select, type_coerce
from sqlmodel import SQLModel

from src.accounts.backup.errors import Damaged, NoBackup, from_system
from src.core.key_tables import data_keys
from src.core.keyring import Purpose, id_in

ENDING = ".keys"
_FORMAT = 1


def path_of(backup: Path) -> Path:
    """Where the keys of this backup lie, unless they were put elsewhere."""
    return backup.with_name(backup.name + ENDING)


def taken(session: Connection) -> bytes | None:
    """The contents of such a file; None while the database has no data keys."""
    if not inspect(session).has_table(data_keys.name):
        return None
    rows = [dict(row._mapping) for row in session.execute(select(data_keys))]
    return _packed([{**row, "wrapped": base64.b64encode(row["wrapped"]).decode()} for row in rows])


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of `data_key` in a file. Raises `NoBackup`, `Damaged`."""
    return [{**row, "wrapped": base64.b64decode(row["wrapped"])} for row in _rows(path)]


def put(session: Connection, rows: list[dict[str, Any]]) -> None:
    """Makes these the database's data keys."""
    session.execute(delete(data_keys))
    if rows:
        session.execute(insert(data_keys), rows)


def forgotten(session: Connection) -> dict[str, int]:
    """How many rows, by table, were sealed with the key of a day that is no longer there."""
    there = set(session.execute(select(data_keys.c.id)).scalars())
    found: dict[str, int] = {}
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if getattr(column.type, "purpose", None) != Purpose.CONTENT:
                continue
            lying = session.execute(
                select(type_coerce(column, LargeBinary)).where(column.is_not(None))
            ).scalars()
            ids = (id_in(bytes(one)) for one in lying)
            count = sum(one.startswith("d") and one not in there for one in ids)
            found[table.name] = max(count, found.get(table.name, 0))
    return {name: count for name, count in found.items() if count}


def renew(path: Path, cutoff: int) -> int:
    """Takes out the keys of days that ended at `cutoff` (ms) or before; how many. Raises `NoBackup`, `Damaged`."""
    rows = _rows(path)
    kept = [row for row in rows if row["purpose"] != Purpose.CONTENT or row["ends_at"] > cutoff]
    if len(kept) < len(rows):
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(_packed(kept))
                file.flush()
                os.fsync(file.fileno())
            with path.open("r+b") as file:  # its blocks too, where the file system writes in place
                file.write(bytes(path.stat().st_size))
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise from_system(f"{path} cannot be written", error) from error
        finally:
            fresh.unlink(missing_ok=True)
    return len(rows) - len(kept)


def renew_all(folder: Path, cutoff: int) -> None:
    """As `renew`, for every such file in the folder; another's, or one that this user may not write, stays."""
    for path in folder.glob(f"*{ENDING}"):
        with suppress(NoBackup):
            renew(path, cutoff)


def _packed(rows: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"format": _FORMAT, "keys": rows}, option=orjson.OPT_INDENT_2) + b"\n"


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise NoBackup(
            f"{path} is missing: it has the keys without which nothing in the backup can be read; name it with --keys-file"
        ) from None
    except OSError as error:
        raise from_system(f"{path} cannot be read", error) from error
    except orjson.JSONDecodeError:
        raise Damaged(f"{path} is not as it was written") from None
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        raise NoBackup(f"{path} is no file of a backup's keys")
    rows: list[dict[str, Any]] = found["keys"]
    return rows
