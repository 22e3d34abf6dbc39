"""Understands what a customer chose of the options that the bot offered: "1", "la segunda", "sí", the title's words."""

from functools import cache

from src.messages import vocabulary
from src.messages.phrasebook import Phrasebook
from src.messages.question import Option
from src.messages.small_talk import agrees_by_sign
from src.messages.words import Word, is_stop, readable, words

NONE = "none"
_LONGEST = 6  # words of an answer that is nothing but a choice
_SHARED = 0.6  # share of the answer's words that an option must hold to be meant by them


def chosen(text: str, languages: tuple[str, ...], options: tuple[Option, ...]) -> list[Option] | None:
    """The options that the text chooses; an empty list for "none of these"; None when it is no choice.

    A choice may be a single word, so it is read in each of the languages, in their order.
    """
    if not options:
        return None
    if agrees_by_sign(text):
        return [options[0]]
    read = (_chosen(text, language, options) for language in dict.fromkeys(languages))
    return next((found for found in read if found is not None), None)


def _chosen(text: str, language: str, options: tuple[Option, ...]) -> list[Option] | None:
    said = words(readable(text), language)
    if not said:
        return None
    found = _book(language).spotted(said)
    if len(said) <= _LONGEST:
        if NONE in found and len(found) == 1:
            return []
        if "both" in found and len(options) == 2:
            return list(options)
        places = _places(said, found, len(options))
        if places and _nothing_else(said, found, language):
            return [options[place] for place in places]
    by_words = _by_words(said, options, language)
    if by_words is not None:
        return [by_words]
    if "yes" in found and _nothing_else(said, found, language):
        return [options[0]]
    return None


def _places(said: list[Word], found: dict[str, list[int]], count: int) -> list[int]:
    """The places of options, from 0, that numbers and ordinals name; none when one of them does not exist."""
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
    places = [place for place, name in enumerate(ordinals) if name in found]
    places += [int(one.text) - 1 for one in said if one.text.isdecimal() and len(one.text) < 3]
    if "last" in found:
        places.append(count - 1)
    places = list(dict.fromkeys(places))
    return places if all(0 <= place < count for place in places) else []


def _nothing_else(said: list[Word], found: dict[str, list[int]], language: str) -> bool:
    told = {place for places in found.values() for place in places}
    rest = [one for place, one in enumerate(said) if place not in told]
    return all(is_stop(one, language) or one.text.isdecimal() for one in rest)


def _by_words(said: list[Word], options: tuple[Option, ...], language: str) -> Option | None:
    asked = {one.stem for one in said if not is_stop(one, language)}
    if not asked:
        return None
    scores = []
    for option in options:
        own = words(readable(f"{option.title} {option.description or ''}"), language)
        scores.append(len(asked & {one.stem for one in own}) / len(asked))
    best = max(scores)
    return options[scores.index(best)] if best >= _SHARED and scores.count(best) == 1 else None


@cache
def _book(language: str) -> Phrasebook:
    listed = vocabulary.load("choices")
    table = {name: [e.strip() for e in said[language].split(",")] for name, said in listed.items()}
    return Phrasebook(table, language, exact=True)
