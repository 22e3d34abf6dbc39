"""Holds links, e-mail addresses, handles and telephone numbers against what the owner gave."""

import re
from collections.abc import Callable, Iterable

from src.messages.brain.grounding.addresses import contacts_in, links_in
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat_source
from src.messages.brain.grounding.grounds import Grounds

_LEAST_DIGITS = 7  # of a telephone number without the code of its country
_SHOWN = 60


def links(grounds: Grounds) -> list[Failure]:
    """A failure for a link that the owner gave nowhere. The bare name of a site of theirs is theirs too."""
    strange = _strange(links_in(grounds.flat), grounds, links_in)
    return [Failure("links", f'The link "{one}" is in no FAQ of this business.') for one in strange]


def contacts(grounds: Grounds) -> list[Failure]:
    """A failure for an e-mail address, a handle or a telephone number that the owner gave nowhere."""
    strange = _strange(contacts_in(grounds.flat), grounds, contacts_in)
    phones = [one for one in grounds.claims.mentions if one.kind == "phone"]
    strange += [
        one.shown[:_SHOWN] for one in phones if not _known(one.of("phone"), one.of("number"), grounds)
    ]
    return [Failure("contacts", f'The contact "{one}" is in no FAQ of this business.') for one in strange]


def _strange(found: set[str], grounds: Grounds, read: Callable[[str], set[str]]) -> list[str]:
    """Which of what was found no text of the owner's has; only texts that name the same place are read."""
    return [one[:_SHOWN] for one in sorted(found) if not _is_owners(one, grounds, read)]


def _is_owners(address: str, grounds: Grounds, read: Callable[[str], set[str]]) -> bool:
    place = address.split("/", maxsplit=1)[0]
    for text in grounds.owners_texts():
        if place in text.lower():
            known = read(flat_source(text))
            if address in known or address in {one.split("/")[0] for one in known}:
                return True
    return False


def _known(phones: Iterable[object], amounts: frozenset[object], grounds: Grounds) -> bool:
    """Does a text of the owner's have the number's digits, or a source the amount that it may be?"""
    digits = next((str(one) for one in phones), "")
    if any(
        amount in mention.of("number")
        for text in grounds.sources
        for mention in text.mentions
        for amount in amounts
    ):
        return True
    return len(digits) >= _LEAST_DIGITS and any(
        digits in re.sub(r"\D", "", text) for text in grounds.owners_texts()
    )
