"""Finds a yes where the sources say no, a no where they say yes, and a limit that is taken away."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.brain.grounding.calendar import days_in, months_in
from src.messages.brain.grounding.closing import says_state, turned_day
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import IDLE_DENIALS, flat_source, negation, words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.words import word

_YES = re.compile(
    r"\W*(?:si(?=\W*[,.;:!]|\W*$)|sim|yes|claro que si|claro que sim|por supuesto|obvio|of course|absolutely|com certeza)\b(?!,? (?:no|nao|not)\b)"
)
_CLAUSES = re.compile(
    r"[.;:!?\n()]|, | (?:pero|mas|but|aunque|although|embora|porque|pois|because|asi que|so|y|e|and) (?=(?:no|nao|not|we|it|you|si)\b)| (?:pero|mas|but) "
)
_WITHOUT = re.compile(r"\b(?:sin|sem|without) (?:(?:un|una|um|uma|el|la|o|a|any|the|ningun|ninguna) )?(\w+)")
# What holds for some, or up to a limit: a yes and a no may both stand beside it.
_PARTLY = re.compile(
    r"\b(?:solo|somente|apenas|unicamente|only|salvo|excepto|exceto|except|hasta|ate|until|unless|antes|before|menos|less|mas|mais|more|sino|if|todavia|ainda"
    r"|yet|siempre que|tampoco|so quando|so se|se (?:nao|voce|o|a|for|tiver|houver)|(?<=\w )si)\b"
)
_ALWAYS = re.compile(
    r"\b(?:en cualquier momento|a cualquier hora|cuando (?:quieras|quiera|queras|gustes|guste|sea)|siempre que (?:quieras|quiera)|las veces que|sin limite|sin condiciones"
    r"|a qualquer (?:momento|hora)|quando (?:quiser|voce quiser)|sem limite|sem condicoes|at any (?:time|moment|hour)|any ?time|whenever you (?:like|want)|no limits?|no conditions)\b"
)
_SMALL = 2  # letters of words that no claim turns on
_ITEM = 2  # words of what goes on with a list


@dataclass(frozen=True)
class Clause:
    """What a clause speaks of, in stems; whether it denies it, or says it only partly; what it says to be without."""

    shown: str
    of: frozenset[str]
    scope: frozenset[str]  # what stands behind a denial, or all
    denied: bool
    partly: bool
    without: frozenset[str]


def check(grounds: Grounds) -> list[Failure]:
    """At most one failure: the draft says the reverse of what its sources say of the same thing."""
    if not grounds.is_answer:
        return []
    for why in (turned_day(grounds), _turned(grounds), _unlimited(grounds)):
        if why:
            return [Failure("polarity", why)]
    return []


def _turned(grounds: Grounds) -> str | None:
    """A clause of the draft that denies what no source denies, or claims what the nearest clauses of the sources deny."""
    own = [one for texts in _texts(grounds) for one in _own_clauses(*texts, grounds.spoken)]
    if grounds.language != grounds.spoken:
        return None
    for said in _clauses(grounds.claims.flat, grounds.spoken):
        if said.of and (_denies_alone(said, own) if said.denied else _claims_denied(said, own)):
            return f'The sources {grounds.names} say the reverse of "{said.shown.strip()[:60]}".'
    return None


def _texts(grounds: Grounds) -> Iterator[tuple[str, str]]:
    """Each cited answer with its question; a tool's answer has none."""
    for faq in grounds.cited:
        yield faq.a, faq.q
    for answer in grounds.answers[len(grounds.cited) :]:
        yield answer, ""


def _denies_alone(said: Clause, own: list[Clause]) -> bool:
    """Do sources speak of it, and none of them with a denial?"""
    near = [one for one in own if one.of & said.of]
    return bool(near) and not any(one.denied or one.partly or one.without for one in near)


def _claims_denied(said: Clause, own: list[Clause]) -> bool:
    """Does it say all that a source's clause denies, or do the clauses that share most with it all deny it?"""
    for one in own:
        affirmed = (other for other in own if not other.denied)
        if _denies(one) and 1 < len(one.scope & said.of) == len(one.scope):
            return not any(one.scope <= other.of for other in affirmed)
    most = max((len(one.of & said.of) for one in own), default=0)
    if most == 0 or said.partly or said.without or (most == 1 and len(said.of) > 2):
        return False
    near = [one for one in own if len(one.of & said.of) == most]
    return all(_denies(one) and one.scope & said.of for one in near)


def _denies(one: Clause) -> bool:
    return one.denied and not one.partly and not one.without


def _unlimited(grounds: Grounds) -> str | None:
    """What a source limits is said to hold always."""
    found = _ALWAYS.search(grounds.claims.flat)
    if not found or found[0] in grounds.flat_sources or grounds.language != grounds.spoken:
        return None
    start, end = next((a, b) for a, b in grounds.claims.places if b >= found.start())
    said = _stems(grounds.claims.flat[start:end], grounds.spoken)
    own = [one for texts in _texts(grounds) for one in _own_clauses(*texts, grounds.spoken)]
    if any(one.of & said for one in own):
        return f'The sources {grounds.names} do not say "{found[0]}".'
    return None


@lru_cache(maxsize=8_192)
def _own_clauses(answer: str, question: str, language: str) -> tuple[Clause, ...]:
    """The clauses of a source; a yes or a no at its beginning is said of what its question asks."""
    flat_answer = flat_source(answer)
    found = list(_clauses(flat_answer, language))
    no = _no(language).match(flat_answer)
    if question and (no or _YES.match(flat_answer)):
        asked = flat_source(question)
        stems = _stems(asked, language)
        found.append(Clause(asked, stems, stems, no is not None, False, frozenset()))
    return tuple(found)


def _clauses(flat_text: str, language: str) -> Iterator[Clause]:
    text, begins, denied = IDLE_DENIALS.sub(" ", flat_text), 0, False
    for end in (*_CLAUSES.finditer(text), None):
        clause = text[begins : end.start() if end else None]
        without = frozenset(word(one, language).stem for one in _WITHOUT.findall(clause))
        no, of = _denial(language).search(clause), _stems(clause, language)
        goes_on = text[max(begins - 2, 0) : begins] == ", " and len(words_in(clause)) <= _ITEM
        denied = no is not None or (denied and goes_on)  # "no A, B, C"
        scope = _stems(clause[no.end() :], language) if no else of
        yield Clause(clause, of, scope or of, denied, _PARTLY.search(clause) is not None, without)
        begins = end.end() if end else len(text)


@cache
def _denial(language: str) -> re.Pattern[str]:
    return re.compile(negation(language).replace("sin|sem|", "").replace("without|", ""))


@cache
def _no(language: str) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{'' if language == 'pt' else 'no|'}nao|not)\b")


def _stems(clause: str, language: str) -> frozenset[str]:
    """The stems of the words on which a claim may turn."""
    return frozenset(word(one, language).stem for one in words_in(clause) if _turns(one, language))


@cache
def _turns(said: str, language: str) -> bool:
    if len(said) <= _SMALL or said in _helping():
        return False
    if said in vocabulary.words("stopwords", language) or re.fullmatch(negation(language), said):
        return False
    return not (days_in(said, language) or months_in(said) or says_state(said))


@cache
def _helping() -> frozenset[str]:
    return frozenset(vocabulary.load("plain")["helping"]["words"].split())
