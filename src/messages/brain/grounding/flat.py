"""Makes texts comparable: one width, no accents, no invisible characters, Latin letters for those that look alike."""

import re
import unicodedata
from functools import lru_cache

from src.core.visible import clean
from src.messages.words import fold

# Dashes and apostrophes are one; Cyrillic and Greek letters that stand in for Latin ones (folded: small letters only).
_SIGNS = str.maketrans("‐‑‒–—―−’‘´`", "-------''''")
_ALIKE = str.maketrans("аеорсухіјѕһԁѵԝкмтпвнԛοαερυνιτκχωϲ", "aeopcyxijshdvwkmtnbhqoaepuvitkxwc")
_ORDINAL = re.compile(r"(?<!\d)\d{1,4}\s?\.?[ºª]")
_MARKER = re.compile("^[ \\t>*_~•-]*\\d{1,2}(?:[.)](?=[ \\t])|\\ufe0f?\\u20e3)", re.MULTILINE)
# "7:00 p. m." is 7:00pm, with a full stop only where a sentence ends: where no word goes on with it.
_GOES_ON = (
    "y|e|a|à|às|o|u|ou|or|hasta|ate|até|de|del|da|do|en|em|no|na|para|por|los|las|el|la|os|as|todos|todas|pero|mas|cuando|quando|porque|pois|con"
    "|com|sin|sem|solo|só|somente|to|till|until|on|in|and|every|si|se|ya|já|que|como|at|from|each|the|but|aprox|hs|h|horas|lunes|martes|miércoles"
    "|jueves|viernes|sábados?|domingos?|segunda|terça|quarta|quinta|sexta|sat|sun|mon|tue|wed|thu|fri|weekdays|weekends"
)
_MERIDIEM = re.compile(
    rf"(?<=\d)\s?([ap])(?:\.\s?m\b\.?|\s?m\b)(\s*(?:$|\n)|(?=\s+(?!(?:{_GOES_ON})\b)[^\W\d_])|(?=\s+[¡¿]))?",
    re.IGNORECASE,
)
_NOON = re.compile(r"(?<!\d)12(?::00)?\s?m\b(?!\.?\w)\.?", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_ENDS = re.compile(r"[!?;\n|]+|[.:](?=\s|$)|\s-\s")
_WORD = re.compile(r"[^\W\d_]+")


def flat(text: str) -> str:
    """The text folded for comparing; newlines stay, all other white space is one space."""
    plain = unicodedata.normalize("NFKC", clean(text).translate(_SIGNS)).replace("\u20e3", "")
    plain = _NOON.sub("12:00pm", _MERIDIEM.sub(_one_meridiem, plain))
    return _SPACES.sub(" ", fold(plain).translate(_ALIKE))


def _one_meridiem(found: re.Match[str]) -> str:
    return f"{found[1]}m" if found[2] is None else f"{found[1]}m.{found[2]}"


# Of an owner's text, which is read again and again.
flat_source = lru_cache(maxsize=8_192)(flat)


def claims(text: str) -> str:
    """The text of an answer, flat, without the numbers that claim nothing: ordinals (3.º) and the markers of a list."""
    return flat(_ORDINAL.sub(" ", _MARKER.sub(" ", text)))


def sentences(flat_text: str) -> list[tuple[int, int]]:
    """Where the sentences begin and end; the items of a list, and what stands before a colon, count as such."""
    ends = [match.span() for match in _ENDS.finditer(flat_text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(flat_text)]
    return list(zip(starts, stops, strict=True))


def words_in(flat_text: str) -> list[str]:
    """The words of a flat text, without numbers."""
    return _WORD.findall(flat_text)


# What sounds like a denial and denies nothing.
IDLE_DENIALS = re.compile(
    r"\b(?:sin (?:ningun )?problemas?|sin duda|sin falta|sem problemas?|sem duvida|no problem|no hay problema|nao tem problema|nao ha problema"
    r"|no te preocupes|no se preocupe|nao se preocupe|don't worry|no solo|nao so|not only)\b"
)


def negation(language: str) -> str:
    """A regular expression for the words that deny. In Portuguese `no` is none: it means "in the"."""
    no = "" if language == "pt" else "no|"
    return (
        rf"\b(?:{no}nao|not|nunca|never|tampoco|tampouco|sin|sem|ni|nem|without|nada|ningun\w*|nenhum\w*|nadie|ninguem|none"
        r"|nothing|cannot|\w+n't)\b"
    )
