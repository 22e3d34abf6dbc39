"""`POST /v1/embeddings`: vectors of hashed words and their pieces, so that similar texts are near."""

import base64
import math
import struct
import zlib
from typing import Any

from starlette.responses import Response

from sandbox.answers import Answer
from sandbox.openai import words
from sandbox.openai.asked import Asked
from sandbox.openai.counter import tokens
from sandbox.openai.errors import missing, wrong
from sandbox.openai.reading import check_fields, model

Json = dict[str, Any]

_FIELDS = frozenset(("input", "model", "dimensions", "encoding_format", "user"))
_DIMENSIONS = 1536
_MOST = 2048  # texts in a request (OpenAI's API reference, Create embeddings)
_PIECE, _WEIGHT = 3, 0.5


def read(body: Json) -> Asked:
    """The request as a value. Raises ApiError 400."""
    check_fields(body, _FIELDS, ("model", "input"))
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    if not isinstance(texts, list) or not all(isinstance(one, str) and one for one in texts):
        raise wrong("input", "it must be a text or a list of texts, and none may be empty")
    if len(texts) > _MOST:
        raise wrong("input", f"it has at most {_MOST} texts")
    if not 1 <= (body.get("dimensions") or _DIMENSIONS) <= _DIMENSIONS:
        raise missing("dimensions")
    return Asked(model(body), "\n".join(texts), body | {"input": texts})


def write(asked: Asked) -> Response:
    """The vectors, as numbers or packed in base64."""
    count = asked.body.get("dimensions") or _DIMENSIONS
    packed = asked.body.get("encoding_format") == "base64"
    rows = []
    for index, text in enumerate(asked.body["input"]):
        found = vector(text, count)
        shown: Any = base64.b64encode(struct.pack(f"<{count}f", *found)).decode() if packed else found
        rows.append({"object": "embedding", "index": index, "embedding": shown})
    used = tokens(asked.input)
    usage = {"prompt_tokens": used, "total_tokens": used}
    return Answer({"object": "list", "data": rows, "model": asked.model, "usage": usage})


def vector(text: str, count: int) -> list[float]:
    """A vector of unit length: each word and each piece of a word has a place and a sign of its own."""
    found = [0.0] * count
    for word in sorted(words.telling(text)) or ["nothing"]:
        _add(found, word, 1.0)
        edged = f"^{word}$"
        for start in range(len(edged) - _PIECE + 1):
            _add(found, f"~{edged[start : start + _PIECE]}", _WEIGHT)
    length = math.sqrt(sum(one * one for one in found)) or 1.0
    return [one / length for one in found]


def _add(found: list[float], word: str, weight: float) -> None:
    mark = zlib.crc32(word.encode())
    found[mark % len(found)] += weight if mark & 1 << 31 else -weight
