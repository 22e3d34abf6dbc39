"""What the bot does with a message that has no words."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from src.messages.content import tap_of
from src.messages.hearing.heard import HeardKind, words


class Behaviour(StrEnum):
    """What to do with a message. In a turn without words the first of these counts; most name their sentence."""

    READ = "read"  # it has words, or a picture that the model sees
    FILE = "file"  # a document: honest, and a person looks at it
    UNHEARD = "unheard"  # a voice note that could not be heard: asked for in writing
    UNSEEN = "unseen"  # a picture or film that could not be seen: asked for in writing
    UNSUPPORTED = "unsupported"  # a kind that we do not know: asked for in writing
    PLACE = "place"  # thanks for the location
    PEOPLE = "people"  # thanks for the contact
    STICKER = "sticker"  # no answer at all: a sticker alone is no question


_ORDER = list(Behaviour)
_WORDLESS = {
    "audio": Behaviour.UNHEARD,
    "image": Behaviour.UNSEEN,
    "video": Behaviour.UNSEEN,
    "document": Behaviour.FILE,
    "location": Behaviour.PLACE,
    "contacts": Behaviour.PEOPLE,
    "sticker": Behaviour.STICKER,
}


def behaviour(kind: str, content: Any, heard: Mapping[str, Any] | None) -> Behaviour:
    """What to do with a message of this kind, given what its file has become."""
    is_seen = heard is not None and heard.get("kind") == HeardKind.IMAGE
    if is_seen or words(kind, content, heard) or tap_of(content):
        return Behaviour.READ
    return _WORDLESS.get(kind, Behaviour.UNSUPPORTED)


def of_turn(found: Iterable[Behaviour]) -> Behaviour:
    """What to do with several messages together."""
    return min(found, key=_ORDER.index)
