"""Holds every number of a draft against its sources: amounts, percentages, times, dates, durations, counts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal

from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.mentions import Mention
from src.messages.brain.grounding.reading import Text

_SHOWN = 60
_TOLD = 4  # failures that are told; one is enough
_KINDS = {
    "money": "amount",
    "percent": "percentage",
    "time": "time",
    "date": "date",
    "span": "duration",
    "number": "number",
    "always": "claim",
}
# What a customer may say of himself, and an answer repeat: never how much of a medicine.
_DOSE = re.compile(
    r" ?(?:mg|mcg|ug|ml|cc|ui|iu|gotas?|drops?|g|gr|gramos?|gramas?|grams?|comprimidos?|tabletas?|pastillas?|pills?)\b"
)
_AGED = re.compile(
    r"\b(?:hij[oa]s?|nin[oa]s?|filh[oa]s?|menin[oa]s?|bebes?|sobrin[oa]s?|niet[oa]s?|net[oa]s?|son|daughter|kid|child|perr[oa]s?|gat[oa]s?|cachorr[oa]s?"
    r"|tienen?|tengo|tem|tenho|cumpl\w+|fez|faz|is|am|i'm|turn\w*|old) (?:\w+ )?(?:de |con |com )?(\d{1,2})\b(?!\s?(?:%|:|h\b|hs\b|am\b|pm\b|dias|horas|mes))"
)
# Money without digits, "half a hundred euros"; "pay in euros" is a way to pay.
_COINS = re.compile(
    r"(?<!\ben )(?<!\bem )(?<!\bin )(?<!\bcon )\b(?:reais|dolares|dollars|euros|pesos|soles|pounds|pavos|mangos|lucas|bucks|quid)\b"
)
_JOINTS = (" a", " as", " to", "-", " ate", " hasta", " y", " e", " until")
_RANGE_BEFORE = re.compile(
    r"\d ?(?:hs?|hrs?|horas|am|pm)?(?: (?:a|as|to|ate|hasta|until|y|e)(?: las?| as)?| ?-) ?$"
)
_RANGE_BEHIND = re.compile(r" ?(?:(?:a|as|to|ate|hasta|until)(?: las?| as)? |- ?)\d")

# What may be stated by what: a reading of the draft's, and the readings of the sources' that bear it.
_BORNE_BY = {
    "time": (("time", "time"), ("span", "span")),
    "span": (("span", "span"), ("count", "number")),
    "number": (("number", "number", "money", "count", "hour"), ("phone", "phone")),
    "percent": (("percent", "percent"),),
    "date": (("date", "date"),),
    "always": (("always", "always"),),
    "phone": (("phone", "phone"),),
}


class Held:
    """All that some texts state in numbers."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self._values: dict[str, set[object]] = defaultdict(set)
        self._amounts: set[tuple[object, str]] = set()
        for text in texts:
            for mention in text.mentions:
                self._add(mention)

    def _add(self, mention: Mention) -> None:
        for kind, value in mention.readings:
            self._values[kind].add(value)
            if kind == "money":
                self._amounts.add((value, mention.currency))
            elif kind == "time" and isinstance(value, int) and value % 60 == 0:
                self._values["hour"] |= {value // 60, value // 60 % 12 or 12}

    def holds(self, mention: Mention) -> bool:
        """Is it stated there too, in whatever way it is written?"""
        years = mention.of("year")
        if years - self._values["year"] - self._values["number"]:
            return False
        if mention.kind == "money":
            return self._money(mention)
        return any(self._any(mention, kind, *held) for kind, *held in _BORNE_BY[mention.kind])

    def _any(self, mention: Mention, kind: str, *held: str) -> bool:
        return any(value in self._values[one] for value in mention.of(kind) for one in held)

    def _money(self, mention: Mention) -> bool:
        """The same amount in the same currency; where no amount has one, the same number."""
        (value,) = mention.of("money")
        return (value, mention.currency) in self._amounts or (
            not self._amounts and value in self._values["number"]
        )


def check(grounds: Grounds) -> list[Failure]:
    """A failure for each number that the cited sources do not state, and the customer did not say of himself."""
    sources = Held(grounds.sources)
    stated = [
        one for one in grounds.claims.mentions if one.kind != "phone"
    ]  # a telephone number is a contact
    strange = [one for one in stated if not sources.holds(one)]
    if strange:
        as_written = Held(grounds.as_claims)
        strange = [one for one in strange if not as_written.holds(one)]
    harmful = _harmful(strange, grounds) if strange else []
    return _vague(grounds) + [
        Failure(
            "numbers",
            f'The {_KINDS[one.kind]} "{one.shown[:_SHOWN]}" is not in the cited sources {grounds.names}.',
        )
        for one in harmful[:_TOLD]
    ]


def _vague(grounds: Grounds) -> list[Failure]:
    """A failure for an amount of money without digits, unless a source has such a one."""
    if not _without_digits(grounds.claims) or any(_without_digits(text) for text in grounds.sources):
        return []
    return [Failure("numbers", "An amount of money is told in digits, as the cited sources have it.")]


def _without_digits(text: Text) -> bool:
    counted = {one.at for one in text.mentions if one.kind == "money"}
    return any(found.end() not in counted for found in _COINS.finditer(text.flat))


def _harmful(strange: list[Mention], grounds: Grounds) -> list[Mention]:
    """Without the customer's own counts, weights and ages, and a time or duration of theirs beside one of the sources'."""
    customer = Held([grounds.customer])
    ages = {Decimal(age) for age in _AGED.findall(grounds.heard)}
    alone = Counter(one.kind for one in strange)
    among = Counter(one.kind for one in grounds.claims.mentions)

    def harmless(one: Mention) -> bool:
        if one.kind not in ("number", "time", "span") or not customer.holds(one):
            return False
        if _DOSE.match(grounds.claims.flat, one.at):
            return False
        if one.kind == "number" or not ages.isdisjoint(one.of("count")):
            return True
        return alone[one.kind] == 1 and among[one.kind] > 1 and not _in_range(one, grounds.claims.flat)

    return [one for one in strange if not harmless(one)]


def _in_range(mention: Mention, flat_text: str) -> bool:
    """Is it one end of a range, as opening hours are?"""
    before, behind = flat_text[: mention.at - len(mention.shown)], flat_text[mention.at :]
    return bool(
        _RANGE_BEFORE.search(before) or _RANGE_BEHIND.match(behind) or mention.shown.endswith(_JOINTS)
    )
