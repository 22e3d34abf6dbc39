"""Finds what leads out of the conversation: links, also hidden ones, e-mail addresses and handles."""

import re

# Endings of bare names that are read as links. Two letters are any country's, if no sentence can have ended there.
_ENDINGS = (
    "com|net|org|info|biz|app|dev|shop|store|online|site|website|xyz|top|club|live|link|click|page|web|blog|tienda|vip|pro|"
    "icu|cloud|space|fun|win|bet|casino|gov|edu|mil|int|tech|world|email|chat|lat|mobi|name|group|promo|sale|deals|cash"
)
_WORDS_TOO = "me|no|de|la|es|si|se|te|le|su|ya|do|da|os|as|ao|em|to|it|in|is|be|my|so|us|at|am|he|we|or|an|un|el|al|lo|os|mi|tu"
_LABEL = r"[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff_-]{0,61}[a-z0-9\u00a1-\uffff])?"
_DOT = r"(?: ?\[ ?(?:\.|dot|punto|ponto) ?\] ?| ?\( ?(?:\.|dot|punto|ponto) ?\) ?| (?:punto|ponto|dot) |\.)"
_TAIL = r"(?::\d{2,5})?(?:[/?#][^\s<>\"»)\]]*)?"
_SCHEME = re.compile(
    r"\b(?:https?|hxxps?|ftp|file|tel|sms|mailto|whatsapp|intent|javascript|data|market|geo)\s?:(?://)?[^\s<>\"»)\]]+"
)
_BARE = re.compile(
    rf"(?<![\w@.])(?:www\d?{_DOT})?(?:{_LABEL}{_DOT}){{1,6}}(?:{_ENDINGS}|[a-z]{{2}}(?=[/:])|(?!(?:{_WORDS_TOO})\b)[a-z]{{2}}){_TAIL}(?![\w@])"
)
_NUMERIC = re.compile(rf"(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}{_TAIL}")
_MARKUP = re.compile(r"!?\[[^\]\n]*\]\(\s*([^)\s]*)[^)]*\)")
_AT = r"(?: ?\[ ?(?:at|arroba|@) ?\] ?| ?\( ?(?:at|arroba|@) ?\) ?| arroba | ?@ ?)"
_EMAIL = re.compile(rf"(?<![a-z0-9_%+.-])[a-z0-9_%+.-]{{1,64}}{_AT}(?:{_LABEL}{_DOT}){{1,6}}[a-z]{{2,}}")
_HANDLE = re.compile(r"(?<![\w@./])@[a-z0-9_][a-z0-9_.]*[a-z0-9_]")
_MERIDIEM = re.compile(r"\b[ap]\.\s?m\b\.?")
_WRITTEN = (
    (re.compile(r" ?[\[(] ?(?:dot|punto|ponto|\.) ?[\])] ?| (?:punto|ponto|dot) "), "."),
    (re.compile(r" ?[\[(] ?(?:at|arroba|@) ?[\])] ?| arroba | ?@ ?"), "@"),
)
_MAYBE = re.compile(
    r"[.:@\])][a-z/]|\w [.@] ?\w| (?:punto|ponto|dot|arroba) |[\[(] ?(?:at|dot|@|\.)|\d\.\d+\.\d+\.\d"
)
_STOPS = ".,;:!?"
_PREFIX = re.compile(r"^(?:(?:https?|hxxps?)\s?:(?://)?)?(?:www\.)?")


def links_in(flat_text: str) -> set[str]:
    """Every link of a flat text, as it is compared: without http, www. and a slash at the end."""
    if not _MAYBE.search(flat_text):
        return set()
    text = _EMAIL.sub(" ", _MERIDIEM.sub(" ", flat_text))
    found = {_plain(target) for target in _MARKUP.findall(text)}
    for pattern in (_SCHEME, _BARE, _NUMERIC):
        found |= {_plain(match[0]) for match in pattern.finditer(text)}
        text = pattern.sub(" ", text)
    return found - {""}


def contacts_in(flat_text: str) -> set[str]:
    """Every e-mail address and @handle of a flat text, spelled plainly."""
    if "@" not in flat_text and not _MAYBE.search(flat_text):
        return set()
    found = {_plain(match[0]) for match in _EMAIL.finditer(flat_text)}
    return found | {match[0] for match in _HANDLE.finditer(_EMAIL.sub(" ", flat_text))}


def without_addresses(flat_text: str) -> str:
    """The text with spaces instead of links and e-mail addresses: their digits state nothing."""
    if not _MAYBE.search(flat_text):
        return flat_text
    for pattern in (_EMAIL, _SCHEME, _BARE):
        flat_text = pattern.sub(lambda found: " " * len(found[0].rstrip(_STOPS)) + _stop(found[0]), flat_text)
    return flat_text


def _stop(address: str) -> str:
    """The signs at an address's end, which are the sentence's."""
    return address[len(address.rstrip(_STOPS)) :]


def _plain(address: str) -> str:
    for pattern, sign in _WRITTEN:
        address = pattern.sub(sign, address)
    return _PREFIX.sub("", address.strip()).rstrip("/.,;:!?*_~'").removeprefix("mailto:")
