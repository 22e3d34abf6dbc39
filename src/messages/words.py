"""Takes a text apart into words that can be compared: folded, spelled out, sounded out and stemmed."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from sys import intern
from threading import Lock

import Stemmer

from src.messages import vocabulary

READ_AT_MOST = 1_500  # characters of a message that are searched with: its beginning and its end

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_PLAIN = (
    {
        code: unicodedata.normalize("NFD", chr(code))[0]
        for code in range(0xC0, 0x180)
        if unicodedata.decomposition(chr(code))
    }
    | {ord(mark): " " for mark in "¿¡«»“”‘…–—·•"}
    | {ord("’"): "'"}
)
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['´`](?=[^\W\d_])")  # can't, what's
_TWICE = re.compile(r"(\w)\1+")
_STEMMERS = {
    language: Stemmer.Stemmer(name, 0)
    for language, name in (("es", "spanish"), ("pt", "portuguese"), ("en", "english"))
}
_STEMMING = Lock()  # a stemmer keeps the word it works on in itself


def _rules(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), sound) for pattern, sound in pairs)


_SOUNDS = {
    "es": _rules(
        (r"(?:cc|sc|x|s|z)ion(?=(?:es)?$)", "cion"),
        (r"sh|(?<=[aeiou])x(?=[aeiou])", "ch"),
        (r"(?<!c)h", ""),
        (r"qu(?=[ei])|q|c(?![eih])", "k"),
        (r"c(?=[ei])(?!ion(?:es)?$)|z|x", "s"),
        (r"ss", "s"),
        (r"v", "b"),
        (r"ll", "y"),
        (r"g(?=[ei])", "j"),
        (r"gu(?=[ei])", "g"),
        (r"n(?=[bp])", "m"),
        (r"(?<=.)y$", "i"),
    ),
    "pt": _rules((r"^h", ""), (r"k", "c"), (r"w", "v"), (r"y", "i"), (r"ss|z", "s"), (r"ch", "x")),
}
_ACCENTS = {
    "es": _rules(
        (r"cion$", "ción"), (r"ria(s|n|mos)?$", r"ría\1"), (r"(?<=..)ais$", "áis"), (r"(?<=..)eis$", "éis")
    ),
    "pt": _rules((r"cao$", "ção"), (r"coes$", "ções"), (r"avel$", "ável"), (r"ario(s?)$", r"ário\1")),
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: as written (folded), as it sounds, and its stem."""

    text: str
    sound: str
    stem: str


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` characters, cut at a word and marked with an ellipsis where it goes on."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    whole = head if text[limit - 1] == " " else head.rpartition(" ")[0]
    return (whole if len(whole) >= limit // 2 else head).rstrip(" ,.;:¿¡([{-") + "…"


def readable(text: str) -> str:
    """The text without invisible, control and broken characters; a very long one without its middle."""
    if len(text) > READ_AT_MOST:
        text = f"{text[: READ_AT_MOST * 2 // 3]} {text[-READ_AT_MOST // 3 :]}"
    if not text.isprintable():
        text = "".join(" " if c.isspace() else c for c in text if c.isspace() or c.isprintable())
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def fold(text: str) -> str:
    """Lower case, without accents."""
    plain = text.lower().translate(_PLAIN)
    if plain.isascii():
        return plain
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in parts if unicodedata.category(c) != "Mn")


def spelled(text: str, language: str) -> list[str]:
    """The folded words of a readable text, abbreviations written out."""
    chat = vocabulary.load("chat")[language]
    found: list[str] = []
    for written in _WORD.findall(_APOSTROPHE.sub("", fold(text))):
        word = (
            _TWICE.sub(lambda run: run[1] if len(run[0]) > 2 else run[0], written)
            if written.isalpha()
            else written
        )
        if word in chat:
            found.extend(chat[word].split())
        else:
            found.append(word)
    return found


@lru_cache(maxsize=10_000)
def word(text: str, language: str) -> Word:
    """A folded word as it sounds (`orario`, `kuanto`, `direxion` are what was meant) and its Snowball stem."""
    return read_word(text, language)


def read_word(text: str, language: str) -> Word:
    """As `word`, and not kept: for a vocabulary, which is read once, and most of which no customer ever writes."""
    if not text.isalpha():
        return Word(text, text, text)
    text = sound = intern(text)  # the same few thousand stand in every book and index
    for pattern, becomes in _SOUNDS.get(language, ()):
        sound = pattern.sub(becomes, sound)
    return Word(text, intern(sound), _stem(sound, language))


def _stem(sound: str, language: str) -> str:
    accented = sound
    for pattern, becomes in _ACCENTS.get(language, ()):
        accented = pattern.sub(becomes, accented)
    with _STEMMING:
        stem = fold(_STEMMERS[language].stemWord(accented))
    return intern(stem or sound)


def restemmed(one: Word, sound: str, language: str) -> Word:
    """The word, had it sounded like that."""
    return Word(one.text, sound, _stem(sound, language))


def words(text: str, language: str) -> list[Word]:
    """Every word of a readable text, in order."""
    return [word(one, language) for one in spelled(text, language)]


def is_stop(one: Word, language: str) -> bool:
    """Does the word say nothing about what a text is about?"""
    return one.sound in _stop_sounds(language)


@cache
def _stop_sounds(language: str) -> frozenset[str]:
    return frozenset(read_word(one, language).sound for one in vocabulary.words("stopwords", language))
