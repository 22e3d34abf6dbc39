"""Reads the prices that an operator gives as JSON: of models, and of replies by country."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_MOST = Decimal(1_000_000)
_PRICES = 'must be JSON such as {"gpt-6-luna":[0.1,0.01,0.5],"gpt-transcribe":{"minute":0.0045}}'
_FEES = 'must be JSON such as {"ES":0.02,"*":0.01}'
_COUNTRY = re.compile(r"[A-Z]{2}|\*")


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens of each kind, and for a minute of sound."""

    input: Decimal = Decimal(0)
    cached: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    minute: Decimal = Decimal(0)


def prices_of(text: str) -> Mapping[str, Price]:
    """The prices by model in the setting OPENAI_PRICES. Raises `ValueError`, which says what is wrong in one line."""
    found = {}
    for name, given in _object(text, _PRICES).items():
        match given:
            case [fresh, cached, output] if name and all(map(_is_amount, given)):
                found[name] = Price(fresh, cached, output)
            case {"minute": minute} if name and len(given) == 1 and _is_amount(minute):
                found[name] = Price(minute=minute)
            case _:
                raise ValueError(
                    f"{_PRICES}; {name!r} needs three amounts [in, cached, out] or {{minute: amount}}"
                )
    return found


def fees_of(text: str) -> Mapping[str, Decimal]:
    """US dollars a reply by country (two capital letters, or *) in the setting META_FEES. Raises `ValueError`."""
    found = {}
    for country, fee in _object(text, _FEES).items():
        if not _COUNTRY.fullmatch(country) or not _is_amount(fee):
            raise ValueError(
                f"{_FEES}; {country!r} needs two capital letters or *, and an amount in US dollars"
            )
        found[country] = fee
    return found


def _object(text: str, expected: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except ValueError:
        raise ValueError(expected) from None
    if not isinstance(found, dict):
        raise ValueError(expected)
    return found


def _refuse(word: str) -> None:
    raise ValueError(word)


def _is_amount(given: Any) -> bool:
    return isinstance(given, Decimal) and 0 <= given <= _MOST
