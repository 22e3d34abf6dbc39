"""Rows of a database of either kind, as blocks that the other kind can take."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import orjson
from sqlalchemy import Connection, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.types import BigInteger, SmallInteger

from src.accounts.backup.errors import Damaged, NoBackup

# The revision is in the head, processes are of the moment, and the data keys lie in a file beside the backup.
LEFT_OUT = frozenset({"alembic_version", "process", "data_key"})
_ROWS, _BYTES = 1_000, 1024 * 1024  # of one block, about
_LENGTH = struct.Struct(">I")
_POSTGRESQL = {"int": "int8", "text": "text", "bytes": "bytea"}

Values = Sequence[Any]


@dataclass(frozen=True)
class Block:
    """Some rows of a table, packed."""

    data: bytes
    rows: int


def tables(session: Connection) -> list[Table]:
    """The tables that hold the instance's data, as the database has them; a table follows those it points to."""
    found = MetaData()
    found.reflect(session)
    return [table for table in found.sorted_tables if table.name not in LEFT_OUT]


def columns(table: Table) -> list[list[str]]:
    """Name and kind (`int`, `text`, `bytes`) of each column. Raises `NoBackup` for a column of another kind."""
    return [[column.name, _kind(table, column.name)] for column in table.columns]


def _kind(table: Table, name: str) -> str:
    for word, kind in (("int", Integer), ("text", String), ("bytes", LargeBinary)):
        if isinstance(table.c[name].type, kind):
            return word
    raise NoBackup(f"{table.name}.{name} is of a kind that backups do not know")


def read(session: Connection, table: Table) -> Iterator[Block]:
    """All rows of the table, in blocks of about a megabyte."""
    kinds = [kind for _, kind in columns(table)]
    binary = [at for at, kind in enumerate(kinds) if kind == "bytes"]
    rows: list[Values] = []
    size = 0
    for row in _rows(session, table, kinds):
        rows.append(row)
        size += 64 + sum(len(row[at] or b"") for at in binary)
        if len(rows) >= _ROWS or size >= _BYTES:
            yield Block(pack(kinds, rows), len(rows))
            rows, size = [], 0
    if rows:
        yield Block(pack(kinds, rows), len(rows))


def _rows(session: Connection, table: Table, kinds: list[str]) -> Iterator[Values]:
    quote = session.dialect.identifier_preparer.quote
    names = [quote(column.name) for column in table.columns]
    driver: Any = session.connection.driver_connection
    if session.dialect.name == "sqlite":
        yield from driver.execute(f"SELECT {', '.join(names)} FROM {quote(table.name)}")
        return
    cast = ", ".join(f"{name}::{_POSTGRESQL[kind]}" for name, kind in zip(names, kinds, strict=True))
    with driver.cursor().copy(
        f"COPY (SELECT {cast} FROM {quote(table.name)}) TO STDOUT (FORMAT BINARY)"
    ) as copy:
        copy.set_types([_POSTGRESQL[kind] for kind in kinds])
        yield from copy.rows()


def write(
    session: Connection, table: Table, names: list[str], kinds: list[str], blocks: Iterable[bytes]
) -> int:
    """Puts the rows of packed `blocks` into the table; returns how many."""
    rows = (row for block in blocks for row in unpack(kinds, block))
    quote = session.dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(name) for name in names)})"
    driver: Any = session.connection.driver_connection
    if session.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        done: int = driver.executemany(f"INSERT INTO {into} VALUES ({marks})", rows).rowcount
        return max(0, done)
    cursor = driver.cursor()
    with cursor.copy(f"COPY {into} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([_type_on_postgresql(table, name) for name in names])
        for row in rows:
            copy.write_row(row)
    return int(cursor.rowcount)


def _type_on_postgresql(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, Integer):
        return (
            "int8" if isinstance(kind, BigInteger) else "int2" if isinstance(kind, SmallInteger) else "int4"
        )
    return "bytea" if isinstance(kind, LargeBinary) else "text"


def pack(kinds: list[str], rows: Sequence[Values]) -> bytes:
    """Rows as bytes: their columns as JSON, those of bytes as lengths with the bytes behind."""
    head: list[Any] = []
    tail: list[bytes] = []
    for kind, values in zip(kinds, zip(*rows, strict=True), strict=True):
        if kind == "bytes":
            head.append([None if value is None else len(value) for value in values])
            tail += [value for value in values if value]
        else:
            head.append(values)
    described = orjson.dumps(head)
    return b"".join((_LENGTH.pack(len(described)), described, *tail))


def unpack(kinds: list[str], block: bytes) -> Iterator[Values]:
    """The rows of `pack`. Raises `Damaged`."""
    (length,) = _LENGTH.unpack_from(block)
    place = _LENGTH.size + length
    found: list[Sequence[Any]] = []
    for kind, values in zip(kinds, orjson.loads(block[_LENGTH.size : place]), strict=True):
        if kind == "bytes":
            ends = list(accumulate((size or 0 for size in values), initial=place))
            found.append(
                [
                    None if size is None else block[at : at + size]
                    for at, size in zip(ends, values, strict=False)
                ]
            )
            place = ends[-1]
        else:
            found.append(values)
    if place != len(block):
        raise Damaged("a block of rows has another length than it says")
    return zip(*found, strict=True)
