"""Finds a yes where the source says no, and a day that is open where the source has it closed."""

import re
from functools import cache, lru_cache
from itertools import combinations

from src.messages import vocabulary
from src.messages.brain.grounding.calendar import days_in
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import IDLE_DENIALS, flat_source, negation, words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.reading import read_source
from src.messages.words import word

_YES = re.compile(
    r"\W*(?:si|sim|yes|claro que si|claro que sim|por supuesto|obvio|of course|absolutely|com certeza)\b(?!,? (?:no|nao|not)\b)"
)
_IDLE_NO = r"(?! (?:te|se|le) preocup| hay problema| hay de que| problem| worr| tem problema| ha problema)"
_CLAUSES = re.compile(r"[.;!?\n]|, | pero | mas | but ")
_SENTENCES = re.compile(r"[.!?\n]+(?:\s|$)")
_TURNING = 6  # words of a denial that are looked at
_SMALL = 3  # letters of words that no claim turns on


def check(grounds: Grounds) -> list[Failure]:
    """At most one failure: the draft says the reverse of a source that it cites."""
    if not grounds.is_answer:
        return []
    for says_reverse in (_begins_reversed, _opens_closed_day, _claims_denied):
        why = says_reverse(grounds)
        if why:
            return [Failure("polarity", why)]
    return []


def _denying(language: str, flat_text: str) -> bool:
    """Does the text deny something, or restrict it so that a yes and a no may both stand beside it?"""
    return _denies(language).search(IDLE_DENIALS.sub(" ", flat_text)) is not None


@cache
def _denies(language: str) -> re.Pattern[str]:
    return re.compile(rf"{negation(language)}|\b(?:solo|so|somente|apenas|unicamente|only)\b")


@cache
def _no(language: str) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{'' if language == 'pt' else 'no|'}nao|not)\b{_IDLE_NO}")


def _begins_reversed(grounds: Grounds) -> str | None:
    """The only source begins with a no, the draft with a yes and no negation behind it; or the reverse."""
    if len(grounds.answers) != 1:
        return None
    source, said = flat_source(grounds.answers[0]), grounds.claims.flat
    first = _first(said)
    if not any(len(one) > _SMALL for one in {*words_in(first)} & {*words_in(_first(source))}):
        return None  # they speak of different things
    if _no(grounds.spoken).match(source) and _YES.match(said) and not _denying(grounds.language, first):
        return f"The source {grounds.names} says no, the answer yes."
    if _YES.match(source) and _no(grounds.language).match(said) and not _denying(grounds.spoken, source):
        return f"The source {grounds.names} says yes, the answer no."
    return None


def _first(text: str) -> str:
    """The first sentence; a yes or no by itself is none."""
    return next((part for part in _SENTENCES.split(text) if len(words_in(part)) > 1), text)


def _opens_closed_day(grounds: Grounds) -> str | None:
    opened = _days(grounds.claims.flat, "open", grounds.language)
    if not opened:
        return None
    texts = [read_source(answer, grounds.spoken).flat for answer in grounds.answers]
    closed = frozenset().union(*(_days(text, "closed", grounds.spoken) for text in texts))
    open_too = frozenset().union(*(_days(text, "open", grounds.spoken) for text in texts))
    wrong = opened & (closed - open_too)
    return (
        f"By the sources {grounds.names} it is closed on a day on which the answer opens." if wrong else None
    )


def _days(flat_text: str, state: str, language: str) -> frozenset[int]:
    """The weekdays of which a clause says that it is open, or closed; a clause with an hour says neither closed."""
    found: frozenset[int] = frozenset()
    for clause in _CLAUSES.split(flat_text):
        closed = bool(_states("closed").search(clause)) and not re.search(r"\d", clause)
        is_open = not closed and bool(_states("open").search(clause)) and not _denying(language, clause)
        if closed if state == "closed" else is_open:
            found = found.union(*(days for _, days, _ in days_in(clause, language)))
    return found


@cache
def _states(state: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{vocabulary.load('calendar')['open'][state]})\b")


def _claims_denied(grounds: Grounds) -> str | None:
    """What stands behind a source's "no", and nowhere else in it, stands in a clause of the draft that denies nothing."""
    claimed: list[set[str]] | None = None
    for answer in grounds.answers:
        for denied, stems in _denied(answer, grounds.spoken):
            if claimed is None:
                clauses = _CLAUSES.split(grounds.claims.flat)
                claimed = [_stems(c, grounds.spoken) for c in clauses if not _denying(grounds.language, c)]
            if any(stems <= clause for clause in claimed):
                return f'The source {grounds.names} denies it: "{denied[:50]}".'
    return None


@lru_cache(maxsize=8_192)
def _denied(answer: str, language: str) -> list[tuple[str, set[str]]]:
    """What a source denies: its words, and two stems on which the claim turns, for every two of them."""
    source = flat_source(answer)
    asserted = [
        _stems(clause, language) for clause in _CLAUSES.split(source) if not _denying(language, clause)
    ]
    found: list[tuple[str, set[str]]] = []
    for match in _behind_no(language).finditer(source):
        turning = dict.fromkeys(word(one, language).stem for one in words_in(match[1]) if _turns(one))
        for pair in combinations(list(turning)[:_TURNING], 2):
            if not any(clause.issuperset(pair) for clause in asserted):
                found.append((match[0], set(pair)))
    return found


@cache
def _behind_no(language: str) -> re.Pattern[str]:
    """What stands behind a no, up to the clause's end; behind "ni" and commas a list of it goes on."""
    no = (
        rf"(?:{'' if language == 'pt' else 'no|'}nao|not|cannot|\w+n't|nada|ningun\w*|nenhum\w*|none|nothing)"
    )
    return re.compile(rf"\b{no} ((?:(?! (?:pero|mas|but|si|porque|pois|because)\b)[^.;:!?\n])+)")


def _turns(said: str) -> bool:
    """May a claim turn on the word?"""
    return said in ("es", "e") or (len(said) > _SMALL and said not in _helping())


@cache
def _helping() -> frozenset[str]:
    return frozenset(vocabulary.load("plain")["helping"]["words"].split())


def _stems(clause: str, language: str) -> set[str]:
    return {word(one, language).stem for one in words_in(clause)}
