"""What a person sees of a text, whoever wrote it: customers, owners, a model."""

import re
import unicodedata

from pydantic import BeforeValidator

_LINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_EMOJI = "[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]"
# Control and format characters, the tags that repeat ASCII unseen, variation selectors, fillers without a shape.
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# An emoji of several parts is joined, and a sign is shown as a picture, by characters that are unseen elsewhere.
_JOINED = f"(?<={_EMOJI})\ufe0f|(?<=[#*0-9])\ufe0f(?=\u20e3)|(?<={_EMOJI})\u200d(?={_EMOJI})|(?<=\ufe0f)\u200d(?={_EMOJI})"
_STRIPPED = re.compile(f"({_JOINED})|[{_UNSEEN}]")


def clean(text: str) -> str:
    """The text as a person sees it, in NFC: without invisible, control and direction characters, and lone surrogates.

    Newlines and tabs stay, and what holds an emoji together.
    """
    seen = _STRIPPED.sub(lambda found: found[1] or "", _LINES.sub("\n", text))
    return unicodedata.normalize("NFC", seen)


# For fields of an owner's: what they cannot see in what they pasted, no customer is to get and no model to obey.
Seen = BeforeValidator(lambda given: clean(given) if isinstance(given, str) else given)
