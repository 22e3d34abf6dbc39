"""The column type that keeps texts, payloads, names and identifiers encrypted at rest."""

from typing import Any

import orjson
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator


class Sealed(TypeDecorator[Any]):
    """Stores a JSON value sealed by the instance's keyring; `place` is `table.column` and bound to the value.

    The engine's dialect carries the keyring, so that two instances in one process never share one.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        keyring = dialect.keyring  # type: ignore[attr-defined]
        sealed: bytes = keyring.seal(orjson.dumps(value), self.place)
        return sealed

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return orjson.loads(dialect.keyring.open(bytes(value), self.place))  # type: ignore[attr-defined]


class SealedBytes(TypeDecorator[bytes]):
    """As `Sealed`, for bytes that are no JSON: media."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        sealed: bytes = dialect.keyring.seal(value, self.place)  # type: ignore[attr-defined]
        return sealed

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        plain: bytes = dialect.keyring.open(bytes(value), self.place)  # type: ignore[attr-defined]
        return plain
