"""The column type that keeps texts, payloads, names and identifiers encrypted at rest."""

from typing import Any

import orjson
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from src.core.errors import InvalidSettings
from src.core.keyring import Forgotten, Keyring, Purpose


class Sealed(TypeDecorator[Any]):
    """Stores a JSON value sealed by the instance's keyring; `place` is `table.column` and bound to the value.

    What was sealed with a key that was destroyed since reads as the JSON of `forgotten`; without one
    it raises `InvalidSettings`.

    The engine's dialect carries the keyring, so that two instances in one process never share one.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str, purpose: Purpose = Purpose.OWNER, forgotten: str | None = None) -> None:
        super().__init__()
        self.place, self.purpose, self.forgotten = place, purpose, forgotten

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return (
            None if value is None else _keyring(dialect).seal(orjson.dumps(value), self.place, self.purpose)
        )

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        try:
            return orjson.loads(_keyring(dialect).open(bytes(value), self.place))
        except Forgotten:
            if self.forgotten is None:
                raise InvalidSettings(
                    f"{self.place} was sealed with a key that is not there any more: set it anew"
                ) from None
            return orjson.loads(self.forgotten)


class SealedBytes(TypeDecorator[bytes]):
    """As `Sealed`, for bytes that are no JSON: media."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place, self.purpose = place, Purpose.CONTENT

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _keyring(dialect).seal(value, self.place, self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        try:
            return _keyring(dialect).open(bytes(value), self.place)
        except Forgotten:
            return None


def _keyring(dialect: Dialect) -> Keyring:
    found: Keyring = dialect.keyring  # type: ignore[attr-defined]
    return found
