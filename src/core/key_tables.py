"""The table of the data keys."""

from sqlalchemy import LargeBinary
from sqlalchemy.types import String
from sqlmodel import SQLModel

from src.core.columns import Word, column, table_of, time
from src.core.keyring import Purpose


class DataKeyRow(SQLModel, table=True):
    """A data key, wrapped by the master key; of a day's there is nothing left once the day is over age."""

    __tablename__ = "data_key"
    id: str = column(String(24), primary_key=True)
    purpose: Purpose = column(Word(Purpose))
    wrapped: bytes = column(LargeBinary(128))
    begins_at: int = time()
    ends_at: int | None = time(nullable=True)


data_keys = table_of(DataKeyRow)
