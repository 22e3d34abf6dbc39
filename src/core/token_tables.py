"""The tables of access tokens: what each number or the instance has had, and which Meta refuses."""

from enum import StrEnum

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.types import String
from sqlmodel import SQLModel

from src.core.columns import Word, column, part_of, row_id, table_of, time
from src.core.sealed import Sealed

INSTANCE = "instance"  # who holds the token that counts where a number has none of its own


class TokenState(StrEnum):
    """The life of a token, in its order."""

    FRESH = "fresh"  # got from Meta, not yet proven: nothing is sent by it
    CURRENT = "current"  # what its holder speaks with
    RETIRED = "retired"  # another is current; who still has it may use it, until it is revoked
    ENDED = "ended"  # revoked, or replaced by hand: only its key is kept


class Token(SQLModel, table=True):
    """A token that a number (by its Phone Number ID) or the instance has or had."""

    __table_args__ = (
        UniqueConstraint("holder", "key"),
        part_of("token_current_once", "holder", where="state = 'current'", unique=True),
        part_of("token_fresh_once", "holder", where="state = 'fresh'", unique=True),
    )
    id: int = row_id()
    holder: str = column(String(64))
    key: bytes = column(LargeBinary(16))  # keyed hash of the token
    value: str | None = column(Sealed("token.value"), nullable=True)
    state: TokenState = column(Word(TokenState))
    since: int = time()  # when it came to this state
    issued_at: int = time()  # by Meta; until it is asked, when we first saw it
    expires_at: int | None = time(nullable=True)  # never, or not known
    scopes: str | None = column(String(2000), nullable=True)  # parted by spaces; not known without
    app_id: str | None = column(String(64), nullable=True)
    checked_at: int | None = time(nullable=True)
    tried_at: int | None = time(nullable=True)  # when it was last tried to exchange it, or to revoke it
    problem: str | None = column(String(200), nullable=True)  # what came of that


class RefusedToken(SQLModel, table=True):
    """A token that Meta refuses: nothing is sent by it until it works again or another counts."""

    __tablename__ = "refused_token"
    key: bytes = column(LargeBinary(16), primary_key=True)
    refused_at: int = time()


tokens = table_of(Token)
refused_tokens = table_of(RefusedToken)
