"""Words of a text, folded, and its language, as far as a little model needs it."""

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")

# Words that say little; they tell the language all the same.
_LITTLE = {
    "es": "a al como con cual cuando cuanto cuantos de del donde el en es esta hay la las lo los me mi muy no o "
    "para pero por puedo que quien quiero se si son su tengo tienen un una y ya",
    "pt": "a ao aos as com como da das de do dos e eu em ha isso mas meu minha na nao no nos o onde os para pelo por "
    "posso qual quando quanto quanto que quero se sim tem tenho um uma voce voces",
    "en": "a an and are at be can do does for from have how i in is it me much my no not of on or the there to we what "
    "when where which who with you your yes",
}
LITTLE = {language: frozenset(words.split()) for language, words in _LITTLE.items()}
_ALL_LITTLE = frozenset().union(*LITTLE.values())


def fold(text: str) -> list[str]:
    """The words of a text in their order: small, without accents."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return _WORD.findall("".join(one for one in plain if not unicodedata.combining(one)))


def telling(text: str) -> set[str]:
    """The words that tell what a text is about."""
    return {word for word in fold(text) if word not in _ALL_LITTLE and (len(word) > 2 or word.isdigit())}


def language(text: str) -> str:
    """es, pt or en: whose little words the text has most of; es where none tells."""
    words = fold(text)
    marks = {"pt": "ãõç", "es": "ñ¿¡"}
    counted = {
        one: sum(word in little for word in words)
        + 2 * sum(mark in text.lower() for mark in marks.get(one, ""))
        for one, little in LITTLE.items()
    }
    return max(counted, key=lambda one: counted[one])
