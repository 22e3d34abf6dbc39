"""Identifiers that look like Meta's."""

import base64
import hashlib
import re
import secrets

_COUNTRIES = {
    "34": "ES",
    "55": "BR",
    "52": "MX",
    "54": "AR",
    "56": "CL",
    "57": "CO",
    "51": "PE",
    "351": "PT",
    "1": "US",
}


def wamid(identity: str, from_customer: bool) -> str:
    """A new message id: base64 over the customer's identity, the direction and a random number."""
    who = identity.encode()[:255]
    mark = secrets.token_hex(10 if from_customer else 9).upper().encode()
    direction = b"\x12" if from_customer else b"\x11"
    raw = (
        b"\x1c\x18"
        + bytes([len(who)])
        + who
        + b"\x15\x02\x00"
        + direction
        + b"\x18"
        + bytes([len(mark)])
        + mark
        + b"\x00"
    )
    return "wamid." + base64.b64encode(raw).decode()


def trace_id() -> str:
    """What Meta calls fbtrace_id."""
    return "A" + secrets.token_urlsafe(16)


def phone_number_id(digits: str) -> str:
    """Fifteen digits, always the same ones for one number."""
    number = int.from_bytes(hashlib.sha256(f"number {digits}".encode()).digest()[:8], "big")
    return str(10**14 + number % (9 * 10**14))


def user_id(wa_id: str) -> str:
    """A new BSUID: the code of the number's country, and digits (Meta allows letters too)."""
    country = next((code for prefix, code in _COUNTRIES.items() if wa_id.startswith(prefix)), "US")
    return f"{country}.{10**19 + secrets.randbelow(9 * 10**19)}"


def digits_of(number: str) -> str | None:
    """The digits of a telephone number as people and Meta write it, or None when it is none."""
    plain = re.sub(r"[ ()\-.]", "", number).removeprefix("+")
    return plain if re.fullmatch(r"[0-9]{5,20}", plain) else None
