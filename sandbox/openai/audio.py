"""`POST /v1/audio/transcriptions`: a recording, and the words that a rule or its size gives it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sandbox import multipart
from sandbox.answers import Answer
from sandbox.openai import words
from sandbox.openai.asked import Asked
from sandbox.openai.errors import ApiError, missing, wrong
from sandbox.openai.rules import Rule

Json = dict[str, Any]

_LARGEST = 25 * 1024 * 1024  # OpenAI's guide, Speech to text
_ENDINGS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm", "opus")
_BYTES_A_SECOND = 4_000  # of a voice note
_FIELDS = frozenset(
    [
        "file",
        "model",
        "chunking_strategy",
        "include",
        "keywords",
        "known_speaker_names",
        "known_speaker_references",
        "language",
        "languages",
        "prompt",
        "response_format",
        "stream",
        "temperature",
        "timestamp_granularities",
    ]
)


async def read(request: Request) -> Asked:
    """The form as a value; of the file its name, type and size. Raises ApiError."""
    body: Json = {}
    for part in multipart.parts(request.headers.get("content-type", ""), await request.body()):
        name = part.name.removesuffix("[]")
        if name not in _FIELDS:
            raise ApiError(400, "unknown_parameter", f"Unknown parameter: '{name}'.", param=name)
        if part.filename is not None:
            body[name] = {"name": part.filename, "type": part.mime_type, "bytes": len(part.content)}
        elif part.name != name:
            body.setdefault(name, []).append(part.content.decode("utf-8", "replace"))
        else:
            body[name] = part.content.decode("utf-8", "replace")
    for name in ("model", "file"):
        if not body.get(name):
            raise missing(name)
    _check(body["file"])
    return Asked(str(body["model"]), "\n".join((body["file"]["name"], str(body.get("prompt", "")))), body)


def _check(file: Json) -> None:
    if file["name"].rpartition(".")[2].lower() not in _ENDINGS:
        raise wrong("file", f"Unrecognized file format. Supported formats: {list(_ENDINGS)}")
    if file["bytes"] == 0:
        raise wrong("file", "Audio file is too short. Minimum audio length is 0.1 seconds")
    if file["bytes"] > _LARGEST:
        raise ApiError(413, None, f"Maximum content size limit ({_LARGEST}) exceeded.", kind="server_error")


def write(asked: Asked, rule: Rule | None) -> Response:
    """The transcript: the rule's text, else one that tells the size."""
    size = asked.body["file"]["bytes"]
    ordered = rule.text if rule is not None and rule.act == "reply" else None
    text = f"transcript of {size} bytes" if ordered is None else ordered
    if asked.body.get("response_format") == "text":
        return PlainTextResponse(text)
    usage = {"type": "duration", "seconds": max(1, round(size / _BYTES_A_SECOND))}
    return Answer({"text": text, "languages": [{"code": words.language(text)}], "usage": usage})
