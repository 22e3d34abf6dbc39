"""How the tables declare their columns."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Table, text
from sqlalchemy.types import String, TypeDecorator
from sqlmodel import Field, SQLModel

# SQLite numbers rows by itself only in a column declared INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")


class Word(TypeDecorator[Any]):
    """An enum kept as its word."""

    impl = String(16)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_result_value(self, value: str | None, dialect: Any) -> StrEnum | None:
        return None if value is None else self.words(value)


def row_id() -> Any:
    """A key that the database counts up by itself."""
    return Field(default=None, sa_column=Column(_Id, primary_key=True))


def column(kind: Any, *args: Any, **options: Any) -> Any:
    """A column that is never null, unless told."""
    options.setdefault("nullable", False)
    return Field(sa_column=Column(kind, *args, **options))


def time(**options: Any) -> Any:
    """Milliseconds since 1970, UTC."""
    return column(BigInteger, **options)


def part_of(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows that matter: it stays small, however many others there are.

    The migrations make it, on both databases; `postgresql_where` here would load that dialect, 3 MB, beside SQLite's.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
