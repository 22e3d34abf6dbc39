"""The numbers of an answer, which a right reply must give too."""

import re

MOST = 6  # numbers of one answer that are asked for

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_TELEPHONE = re.compile(r"\(?\d[\d ()-]{6,}\d")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")


def facts_of(answer: str) -> tuple[str, ...]:
    """Prices, times and quantities as they are written, a telephone as one; at most six. Addresses are left out."""
    rest = _ADDRESS.sub(" ", answer)
    numbers = _NUMBER.findall(_TELEPHONE.sub(" ", rest))
    telephones = [found.strip("( -") for found in _TELEPHONE.findall(rest)]
    return tuple(dict.fromkeys([*numbers, *telephones]))[:MOST]
