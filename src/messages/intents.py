"""Recognises what is no question for the FAQs: a call for a person, the end of all messages, foreign matters."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.language import LANGUAGES
from src.messages.lexicon import concepts_of
from src.messages.phrasebook import Phrasebook
from src.messages.words import Word, is_stop, readable, words

OPTED_OUT = "wants no more messages"  # why a turn says that nothing more will come
CALLS_A_PERSON = ("person", "complaint", "money_back", "legal", "harm")
# Two things that together call for a person, whatever else the words.
_TOGETHER = (
    ("taken", "wrongly", "money_back"),
    ("deed", "bad", "complaint"),
    ("hurt", "by_us", "harm"),
)
_NEAR = 3  # words between those of "talk · to · somebody"
_SOON = 2  # words from "I do not want" to "talk"
_ANGRY = re.compile("[😡🤬😠👿💢🖕]")
_TOLD = 4  # words of which something that happened is told, at least
_PAST = {
    "es": re.compile(r"\w\w(?:aron|ieron|eron|asteis|isteis)$"),
    "pt": re.compile(r"^(?!estou).*\w\w(?:aram|eram|iram|ou)$"),
    "en": re.compile(r"\w\w\wed$"),
}
_TOLD_BY_ACCENT = re.compile(r"\w\w[óÓ]\b")  # dejó, rompió
_CLAUSE = re.compile(r"[,.;:!?¡¿\n]+|\b(?:pero|sino|mas|porém|but)\b", re.IGNORECASE)
_RARE = 5  # letters of a word that may be an owner's condition by itself


def calls_a_person(text: str, language: str) -> str | None:
    """Why a person should take over (`CALLS_A_PERSON`), by the words of the text; None when nothing says so."""
    said, found = read(text, language)
    told = {kind for kind in CALLS_A_PERSON if kind in found}
    told.discard("person")
    if _wants_a_person(without_refusals(text, language), language):
        told.add("person")
    if "supposing" not in found:
        told |= {kind for one, other, kind in _TOGETHER if one in found and other in found}
    if is_angry(text) and not said:
        told.add("complaint")
    return next((kind for kind in CALLS_A_PERSON if kind in told), None)


def is_angry(text: str) -> bool:
    """Is there an angry face in the text?"""
    return _ANGRY.search(text) is not None


def without_refusals(text: str, language: str) -> str:
    """The text without the clauses that refuse a person ("no quiero que me llame nadie")."""
    parts = _CLAUSE.split(text)
    kept = [part for part in parts if not _refuses_a_person(part, language)]
    return text if len(kept) == len(parts) else ", ".join(part.strip() for part in kept if part.strip())


def _refuses_a_person(clause: str, language: str) -> bool:
    """Does a clause say no, and soon after it speak of a person? Who wants no bot wants one."""
    found = read(clause, language)[1]
    if "refusal" not in found or "bot" in found:
        return False
    ends = found["refusal"]
    named = [place for kind in ("person", "reach", "agent", "somebody") for place in found.get(kind, ())]
    return any(0 < place - end <= _SOON for end in ends for place in named)


def _wants_a_person(text: str, language: str) -> bool:
    if any(_only_names_an_agent(text, one) for one in (language, *LANGUAGES)):
        return True
    found = read(text, language)[1]
    return (
        "person" in found
        or ("want" in found and "agent" in found and "supposing" not in found)
        or _reaches(found)
    )


def _only_names_an_agent(text: str, language: str) -> bool:
    said, found = read(text, language)
    return "agent" in found and says_only(said, found, ("agent", "want", "greeting"), language)


def _reaches(found: dict[str, list[int]]) -> bool:
    """Is there "talk", then "to", then "somebody", each soon after the other?"""
    return any(
        0 < to - reach <= _NEAR and 0 < who - to <= _NEAR
        for reach in found.get("reach", ())
        for to in found.get("to", ())
        for who in found.get("somebody", ())
    )


def narrates(text: str, language: str) -> bool:
    """Does a text tell what happened, and ask for nothing? No FAQ answers that."""
    said, found = read(text, language)
    if len(said) < _TOLD or any(character in text for character in "?¿") or "asking" in found:
        return False
    told = any(_PAST[language].search(one.text) for one in said) or _TOLD_BY_ACCENT.search(text) is not None
    return "past" in found or told


def opt_out(text: str, language: str) -> str | None:
    """The language in which the customer wants no more messages from here at all; None when the text says anything else.

    "STOP" and "no me escriban más" do, in any of the languages, of which `language` goes first; "quiero darme de baja
    del gimnasio" does not.
    """
    return next((one for one in dict.fromkeys((language, *LANGUAGES)) if _opts_out(text, one)), None)


def _opts_out(text: str, language: str) -> bool:
    said, found = read(text, language)
    places = found.get("opt_out", ())
    if not places or any(character in text for character in "?¿"):
        return False
    if len(set(places)) > 1:
        return says_only(said, found, ("opt_out", "courtesy", "thanks"), language)
    told = {*places, *found.get("courtesy", ())}  # a word that also means other things: "la baja" is no wish
    return all(place in told for place in range(len(said)))


def corrected(text: str, language: str) -> str | None:
    """What is meant instead, when a text begins by taking back what was said ("no, me refiero al sábado"); else None."""
    said, found = read(text, language)
    places = found.get("correction")
    if not places or any(not is_stop(one, language) for one in said[: min(places)]):
        return None
    rest = (one.text for place, one in enumerate(said) if place > min(places) and place not in places)
    return " ".join(rest)


def orders(text: str, language: str) -> bool:
    """Does the customer order something, or say what they will do ("resérvame una", "entonces paso el lunes")?"""
    return "wish" in read(text, language)[1]


def asks(text: str, language: str) -> bool:
    """Does a part of a text ask something by itself ("tenéis wifi", "cuánto cuesta")?"""
    return "question" in read(text, language)[1]


def off_topic(text: str, language: str) -> bool:
    """Does the text ask for what no business answers: jokes, homework, politics, its own instructions?"""
    return "off_topic" in read(text, language)[1]


def owners_condition(text: str, language: str, when: str | None, answered: Iterable[str] = ()) -> bool:
    """Does the text speak of one of the things for which the owner wants a person to be called?

    A condition that is a single word ("factura") does not count where one of `answered`, the FAQs that may answer,
    speaks of it.
    """
    if not when:
        return False
    said = _stems(text, language)
    known = frozenset[str]().union(*(_stems(one, language) for one in answered))
    return any(
        len(condition & said) >= 0.6 * len(condition)
        and (len(condition & said) >= 2 or not condition & known)
        for condition in _conditions(when, language)
    )


def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(one.stem for one in words(readable(text), language) if not is_stop(one, language))


@cache
def _conditions(when: str, language: str) -> tuple[frozenset[str], ...]:
    """The conditions as sets of stems, one for each part of the owner's sentence."""
    return tuple(
        frozenset(one.stem for one in part)
        for sentence in re.split(r"[;.\n]", readable(when))
        for part, of_what_happened in _parts(sentence, language)
        if len(part) >= 2 or (part and (not of_what_happened or _is_telling_by_itself(part[0], language)))
    )


def _parts(sentence: str, language: str) -> Iterator[tuple[list[Word], bool]]:
    """The parts of an owner's sentence, and whether each tells what happened ("reclama un cobro") or only names a matter.

    Of "reports a theft, loss" the second is told as the first is.
    """
    listed = vocabulary.load("conditions")
    telling, happening = (frozenset(listed[kind].split()) for kind in ("telling", "happening"))
    happens = False
    for piece in re.split(r",|\b(?:o|u|or|ou)\b", sentence):
        said = words(piece, language)
        told = {one.text for one in said}
        if told & (telling | happening):
            happens = bool(told & happening)
        yield (
            [one for one in said if not is_stop(one, language) and one.text not in telling | happening],
            happens,
        )


def _is_telling_by_itself(one: Word, language: str) -> bool:
    """Is it a long word that is not among those of which all customers speak?"""
    return len(one.text) >= _RARE and not concepts_of(one, language)


def says_only(said: list[Word], found: dict[str, list[int]], kinds: Iterable[str], language: str) -> bool:
    """Are all words of these kinds, or small ones?"""
    told = {place for kind in kinds for place in found.get(kind, ())}
    return all(place in told or is_stop(one, language) for place, one in enumerate(said))


@lru_cache(maxsize=64)  # one text is looked at in several ways
def read(text: str, language: str) -> tuple[list[Word], dict[str, list[int]]]:
    """The words of a text, and what is spotted in it, with the places of its words."""
    said = words(readable(text), language)
    return said, _book(language).spotted(said)


@cache
def _book(language: str) -> Phrasebook:
    listed = vocabulary.load("intents")
    table = {kind: [e.strip() for e in said[language].split(",")] for kind, said in listed.items()}
    return Phrasebook(table, language, exact=True)
