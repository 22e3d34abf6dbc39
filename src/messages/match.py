"""What is measured of an FAQ beside a question."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Match:
    """How well an FAQ fits: what the close look measured, each from 0 to 1."""

    id: str
    mass: float  # idf weight of what is shared, saturated
    covered: float  # share of the question that the FAQ speaks of
    in_question: float  # share of the question that the FAQ's own question speaks of
    returned: float  # share of the FAQ's nearest phrasing that the question speaks of
    pieces: float  # cosine of character pieces with the nearest phrasing
    often: float  # mean cosine of the three nearest phrasings
    kin: float  # cosine of character pieces with all phrasings together
    voice: float  # what the phrasings say for this FAQ, learned; 0 where there are few phrasings
    outvoiced: float  # what they say for the best other one, beside that
    rival: float  # the mass of the best other FAQ beside this one's
    missed: float  # share of the question that other FAQs speak of and this one does not
    strange: float  # share of the question that the vocabulary knows and no FAQ speaks of
    foreign: float  # share of the question that neither the vocabulary nor any FAQ knows
    rich: float  # how much this agent's FAQs are known by many phrasings

    def faded(self, share: float) -> Self:
        """The same, fitting less well."""
        less = {name: getattr(self, name) * share for name in ("mass", "covered", "in_question", "returned")}
        return replace(self, **less)


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a question speaks of: what each term of it is worth, and whether the vocabulary knows it."""

    worths: dict[str, float]
    weight: float
    known: bool
