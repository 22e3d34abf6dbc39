"""The tables of the model's pace, money and memory: one row a thing, found by its key."""

from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary
from sqlalchemy.types import String
from sqlmodel import SQLModel

from src.core.columns import column, table_of, time
from src.core.keyring import Purpose
from src.core.sealed import Sealed


class Pace(SQLModel, table=True):
    """The next free slot for an agent's calls of the model, and when the newest call really started."""

    agent_id: str = column(String(40), primary_key=True)
    next_at: int = time()
    started_at: int = time()
    # ms by which calls between have moved every slot on; conversations keep their slots without it
    pushed: int = column(BigInteger)


class Breaker(SQLModel, table=True):
    """A model that is not called for a while, and why."""

    name: str = column(String(64), primary_key=True)
    failures: int = column(Integer)  # one after the other
    reason: str | None = column(String(40), nullable=True)
    open_until: int | None = time(nullable=True)  # then one call tries; while it is null, all go
    opened_at: int | None = time(nullable=True)
    tried_at: int | None = time(nullable=True)  # when the call began that tries now


class CachedAnswer(SQLModel, table=True):
    """What one version of an agent answered to a question, word for word."""

    __tablename__ = "cached_answer"
    agent_id: str = column(String(40), primary_key=True)
    version: int = column(Integer, primary_key=True)
    key: bytes = column(LargeBinary(16), primary_key=True)  # keyed hash of the question
    draft: dict[str, Any] = column(Sealed("cached_answer.draft", Purpose.CONTENT, "{}"))
    created_at: int = time(index=True)


class Embedding(SQLModel, table=True):
    """The vector of one of an owner's texts: little-endian 32-bit floats, of unit length."""

    key: bytes = column(LargeBinary(16), primary_key=True)  # keyed hash of model, dimensions and text
    vector: bytes = column(LargeBinary)
    created_at: int = time()


class Spending(SQLModel, table=True):
    """What a customer's day, an agent's hour and the instance's month have cost, for the ceilings.

    A number's month counts the replies that Meta accepted.
    """

    scope: str = column(String(80), primary_key=True)
    period: str = column(String(16), primary_key=True, index=True)
    calls: int = column(Integer)
    cost: int = column(BigInteger)  # millionths of a US dollar


class Usage(SQLModel, table=True):
    """Calls, tokens and cost of a UTC day; Meta's fees stand beside the models' as `meta` with their market."""

    day: str = column(String(10), primary_key=True)
    agent_id: str = column(String(40), primary_key=True)
    model: str = column(String(64), primary_key=True)
    purpose: str = column(String(16), primary_key=True)
    calls: int = column(Integer)
    input_tokens: int = column(BigInteger)
    cached_tokens: int = column(BigInteger)
    output_tokens: int = column(BigInteger)
    cost: int = column(BigInteger)  # millionths of a US dollar


paces = table_of(Pace)
breakers = table_of(Breaker)
cached_answers = table_of(CachedAnswer)
embeddings = table_of(Embedding)
spending = table_of(Spending)
usage = table_of(Usage)
