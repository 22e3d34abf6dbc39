"""What can be wrong with a model's draft, by name."""

from dataclasses import dataclass

CHECKS = (
    "sources",
    "quotes",
    "numbers",
    "days",
    "contacts",
    "links",
    "words",
    "polarity",
    "safety",
    "deeds",
    "promises",
    "language",
    "length",
    "letters",
    "leak",
)


@dataclass(frozen=True)
class Failure:
    """One check that a draft did not pass; `why` tells the model in a sentence, and never quotes a secret."""

    check: str
    why: str
