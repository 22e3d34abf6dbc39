"""Holds links, e-mail addresses, handles and telephone numbers against what the owner gave."""

import re
import unicodedata
from collections.abc import Callable

from src.core.visible import clean
from src.messages.brain.grounding.addresses import contacts_in, links_in
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat_source
from src.messages.brain.grounding.grounds import Grounds

_LEAST_DIGITS = 7  # of a telephone number without the code of its country
_SHOWN = 60


def links(grounds: Grounds) -> list[Failure]:
    """A failure for a link that the owner gave nowhere. The bare name of a site of theirs is theirs too."""
    strange = [*_strange(links_in(grounds.flat), grounds, links_in), *_lookalikes(grounds)]
    return [Failure("links", f'The link "{one}" is in no FAQ of this business.') for one in strange]


def _lookalikes(grounds: Grounds) -> list[str]:
    """Links with letters that are not ASCII's, which no text of the owner's has: they may look like the owner's."""
    unusual = [one for one in links_in(_as_seen(grounds.draft.text)) if not one.isascii()]
    if not unusual:
        return []
    given = "\n".join(_as_seen(text) for text in grounds.owners_texts())
    return [one[:_SHOWN] for one in unusual if one not in given]


def _as_seen(text: str) -> str:
    """The text in small letters of one width, each letter still what it is."""
    return unicodedata.normalize("NFKC", clean(text)).lower()


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
    """Is the address, or the name of the site, in a cited text; else in any other of the owner's that names the site?"""
    place = address.split("/", maxsplit=1)[0]
    named = (text for text in grounds.owners_texts() if place in text.lower())
    for text in (*grounds.texts, *named):
        known = read(flat_source(text))
        if address in known or address in {one.split("/")[0] for one in known}:
            return True
    return False


def _known(phones: frozenset[object], amounts: frozenset[object], grounds: Grounds) -> bool:
    """Does a source state the number, or the amount that it may be, or any text of the owner's have its digits?"""
    stated = [one for text in (*grounds.sources, *grounds.as_claims) for one in text.mentions]
    if any(phones & one.of("phone") or amounts & one.of("number") for one in stated):
        return True
    digits = next((str(one) for one in phones), "")
    texts = grounds.owners_texts() if len(digits) >= _LEAST_DIGITS else ()
    return any(digits in re.sub(r"\D", "", text) for text in texts)
