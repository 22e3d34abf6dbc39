"""By which keyed hashes a customer is found, however their number is written; nothing is looked for in the clear."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from sqlalchemy import ColumnElement

from src.core.errors import Invalid
from src.core.keyring import Keyring
from src.core.models import conversations

LONGEST = 150  # characters of what is asked for
_NUMBER = re.compile(r"(?:\+|00)?([1-9]\d{6,14})")
_BETWEEN = re.compile(r"[\s().\-/\u200e\u202a\u202c\u2060]")  # what is written, or pasted, around digits
_USER_ID = re.compile(r"[!-~]{3,150}")
# Numbers that WhatsApp and people write with a digit more, or less: country, that digit, length of the rest.
_MARKED = (("52", "1", 10), ("54", "9", 10))
_BRAZIL = re.compile(r"(55\d\d)(9?)(\d{8})")
_C = conversations.c


@dataclass(frozen=True)
class Keys:
    """Hashes of a user id and of a number's spellings; `first` stands for who was asked for, wherever it is written."""

    user: bytes
    numbers: tuple[bytes, ...]

    @property
    def first(self) -> bytes:
        return self.numbers[0] if self.numbers else self.user

    def match(self) -> ColumnElement[bool]:
        """The condition under which a conversation is this customer's."""
        return (_C.user_key == self.user) | _C.wa_key.in_(self.numbers)


def keys_of(keyring: Keyring, written: str, field: str = "customer") -> Keys:
    """The keys of a telephone number with its country's code, in any spelling, or of a WhatsApp user id (BSUID).

    Raises `Invalid`, which names `field`.
    """
    asked = written.strip()
    number = _NUMBER.fullmatch(_BETWEEN.sub("", asked))
    if number is None and not (_USER_ID.fullmatch(asked) and re.search("[A-Za-z]", asked)):
        message = "is neither a number with its country's code, such as +34600000147, nor a WhatsApp user id"
        raise Invalid(f"{field} {message}", errors=[{"field": field, "message": message}])
    digits = list(dict.fromkeys(_spellings(number[1]))) if number else []
    return Keys(keyring.lookup(f"user:{asked}"), tuple(keyring.lookup(f"wa:{one}") for one in digits))


def _spellings(digits: str) -> Iterator[str]:
    """The number as WhatsApp may give it, digits alone: as asked, tidied, and with or without its country's mark."""
    yield digits
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return
    tidy = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:]
    yield tidy
    for country, mark, length in _MARKED:
        for one in (digits, tidy):
            if re.fullmatch(rf"{country}\d{{{length}}}", one):
                yield f"{country}{mark}{one[2:]}"
            elif re.fullmatch(rf"{country}{mark}\d{{{length}}}", one):
                yield f"{country}{one[3:]}"
    if brazil := _BRAZIL.fullmatch(digits):
        yield f"{brazil[1]}{brazil[3]}" if brazil[2] else f"{brazil[1]}9{brazil[3]}"
