"""Holds the form of a draft: its language, its length, its letters."""

import re
import unicodedata

from src.core.visible import clean
from src.messages.brain.grounding.addresses import contacts_in, links_in
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat_source
from src.messages.brain.grounding.grounds import Grounds
from src.messages.decision import DecisionKind
from src.messages.language import certain

MAX_ANSWER = 4_096  # Meta, "Text messages": characters of text.body
MAX_SMALL_TALK = 400
_HEARD_MOST = 2_000  # characters of the customer's that tell the language
_ADDRESSES = re.compile(r"\S+@\S+|https?://\S+|\S+\.[a-z]{2,}\S*")
_NAMES = {"es": "Spanish", "pt": "Portuguese", "en": "English"}
_MARKUP = re.compile(
    r"```|</?[a-zA-Z][^>\n]{0,80}>|\{\s*[\"'][\w-]+[\"']\s*:|[\"'][\w-]+[\"']\s*:\s*[\"'\[{]|!?\[[^\]\n]*\]|<!--|\{\{"
)
_SPELLED = re.compile(r"(?<!\w)(?:[^\W\d_][ .*_·-]+){4,}[^\W\d_](?!\w)")
_MIXED = re.compile(r"[^\W\d_]{2,}")
_SPACES_AND_SIGNS = ("Zs", "Cc")


def language(grounds: Grounds) -> list[Failure]:
    """The draft is in the customer's language, where both say enough to tell."""
    asked = certain("\n".join(grounds.question.texts)[-_HEARD_MOST:])
    said = certain(_ADDRESSES.sub(" ", grounds.draft.text))
    if asked is None or said is None or asked == said:
        return []
    return [Failure("language", f"The customer writes {_NAMES[asked]}, the answer is {_NAMES[said]}.")]


def length(grounds: Grounds) -> list[Failure]:
    """An answer is not empty and fits one message; small talk is short and states nothing."""
    draft = grounds.draft
    if not draft.text.strip():
        return [Failure("length", "The answer is empty.")] if grounds.is_answer else []
    if len(draft.text) > MAX_ANSWER:
        return [Failure("length", f"The answer has {len(draft.text)} characters; {MAX_ANSWER} are allowed.")]
    if draft.kind != DecisionKind.SMALLTALK:
        return []
    if len(draft.text) > MAX_SMALL_TALK:
        return [Failure("length", f"Small talk has at most {MAX_SMALL_TALK} characters.")]
    if grounds.claims.mentions or links_in(grounds.flat) or contacts_in(grounds.flat):
        return [Failure("length", "Small talk holds no number, contact or link.")]
    return []


def letters(grounds: Grounds) -> list[Failure]:
    """Plain text of one alphabet: nothing invisible, no letters that stand in for others, no code, unless a source has it."""
    text, given = grounds.draft.text, "\n".join(grounds.texts)
    if _unseen(text) - _unseen(given):
        return [Failure("letters", "The answer holds invisible characters.")]
    if any(found not in flat_source(given) for found in _SPELLED.findall(grounds.flat)):
        return [Failure("letters", "A word of the answer is written letter by letter.")]
    if any(_is_mixed(one) and one not in given for one in _MIXED.findall(text)):
        return [Failure("letters", "A word of the answer mixes letters of several alphabets.")]
    if any(found not in given for found in _MARKUP.findall(text)):
        return [Failure("letters", "The answer is plain text, without JSON, HTML, code or pictures.")]
    return []


def _unseen(text: str) -> set[str]:
    plain = unicodedata.normalize("NFC", text)
    if plain.isascii() and plain.isprintable():
        return set()
    return {
        one
        for one in set(plain) - set(clean(text))
        if unicodedata.category(one) not in _SPACES_AND_SIGNS or ord(one) < 32
    }


def _is_mixed(word: str) -> bool:
    """Does a word have Latin letters beside others?"""
    if word.isascii():
        return False
    scripts = {unicodedata.name(one, "?").split()[0] for one in word}
    return (
        "LATIN" in scripts and len(scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH"}) > 0
    )
