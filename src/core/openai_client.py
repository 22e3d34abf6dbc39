"""The door to OpenAI, and to servers that speak as it does: calls the model, and translates every way to fail."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from src.core import openai_chat, openai_responses
from src.core.errors import BrainDenied, BrainDown, BrainGarbled, BrainInvalid
from src.core.model_settings import ModelSettings
from src.core.model_telemetry import count_tokens, measured
from src.core.openai_content import count, model_of, objects
from src.core.openai_types import Answer, Function, Image, Prompt, Request, Usage, Wish

if TYPE_CHECKING:
    from src.core.openai_wire import Wire

__all__ = ["Answer", "Function", "Image", "OpenAIClient", "Prompt", "Usage", "Wish"]

OnSent = Callable[[], None] | None

_CHECK_SECONDS = 10.0
_HINTED = "gpt-transcribe"  # models that take what a recording may hold, by its beginning


@dataclass(frozen=True)
class _Reply:
    """A server's JSON, and its id of the request."""

    body: Mapping[str, Any]
    request_id: str | None


class OpenAIClient:
    """Calls the server at `OPENAI_BASE_URL`. Safe to share between threads; it never tries twice.

    Each call ends after `seconds`, whatever the server does, and raises only BrainError's children; `on_sent` is called
    when its request has left. OpenAI's package is imported with the first call, or by `warm_up`.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._openais = openai_chat.is_openais(settings.openai_base_url)
        self._schema_in_words = False  # a server that refused a schema is given none again
        self._wire: Wire | None = None
        self._opening = threading.Lock()

    def warm_up(self) -> None:
        """The slow import, in half a second. Safe to call twice; what is wrong shows with the first call."""
        with suppress(BrainDenied):
            self._opened()

    def close(self) -> None:
        """Ends all connections. Safe to call twice; the next call opens them again."""
        with self._opening:
            wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def answer(self, prompt: Prompt, model: str, seconds: float, on_sent: OnSent = None) -> Answer:
        """What the model says to the prompt: an answer that fits its schema, or tools that it asks for."""
        by_chat = self._settings.openai_api == "chat"
        with measured("chat" if by_chat else "responses"):
            ask = self._chat if by_chat else self._respond
            said = ask(prompt, model, seconds, on_sent)
        count_tokens(said.usage)
        return said

    def _respond(self, prompt: Prompt, model: str, seconds: float, on_sent: OnSent) -> Answer:
        fields = openai_responses.request(prompt, model, self._settings.openai_effort)
        reply = self._ask(Request("/responses", fields), seconds, on_sent)
        return openai_responses.answer(reply.body, prompt, model, reply.request_id)

    def _chat(self, prompt: Prompt, model: str, seconds: float, on_sent: OnSent) -> Answer:
        """A server that refuses the schema is given it in words from the next call on: a call is paced, so that this
        one is not simply made again."""
        fields = openai_chat.request(
            prompt,
            model,
            self._settings.openai_effort,
            openais=self._openais,
            in_words=self._schema_in_words,
        )
        try:
            reply = self._ask(Request("/chat/completions", fields), seconds, on_sent)
        except BrainInvalid as error:
            self._schema_in_words |= error.field == "response_format"
            raise
        return openai_chat.answer(reply.body, prompt, model, reply.request_id)

    def transcribe(
        self,
        content: bytes,
        mime: str,
        languages: Sequence[str],
        words: Sequence[str],
        seconds: float,
        on_sent: OnSent = None,
    ) -> tuple[str, Usage]:
        """The words of a recording, and its length in seconds where the server tells it.

        `languages` (ISO 639-1) and `words` that it may hold are hints, for models that take them.
        """
        model = self._settings.openai_transcribe_model
        fields: dict[str, Any] = {"model": model, "response_format": "json"}
        if model.startswith(_HINTED):
            fields |= {"languages": list(languages)} if languages else {}
            fields |= {"keywords": list(words)} if words else {}
        file = (f"voice.{_ending(mime)}", content, mime)
        with measured("transcriptions"):
            reply = self._ask(Request("/audio/transcriptions", fields, file), seconds, on_sent)
            usage = _sound(reply.body, model)
            if not isinstance(text := reply.body.get("text"), str):
                raise BrainGarbled("the transcript is missing", usage=usage)
        count_tokens(usage)
        return text, usage

    def embed(
        self, texts: Sequence[str], model: str, dimensions: int, seconds: float, on_sent: OnSent = None
    ) -> tuple[list[list[float]], Usage]:
        """A vector of `dimensions` numbers for each text, in their order."""
        fields = {"model": model, "input": texts, "dimensions": dimensions, "encoding_format": "float"}
        with measured("embeddings"):
            reply = self._ask(Request("/embeddings", fields), seconds, on_sent)
            usage = Usage(model_of(reply.body, model), count(reply.body, "usage", "prompt_tokens"))
            rows = sorted(objects(reply.body.get("data")), key=lambda row: count(row, "index"))
            vectors = [row["embedding"] for row in rows if isinstance(row.get("embedding"), list)]
            if len(vectors) != len(texts) or any(len(vector) != dimensions for vector in vectors):
                raise BrainGarbled("the vectors are not as many, or as long, as asked for", usage=usage)
        count_tokens(usage)
        return vectors, usage

    def check(self, model: str) -> str | None:
        """Returns when key and model work: the day on which the model ends, where the server names one. Costs nothing."""
        found: Mapping[str, Any] | None
        with measured("models"):
            try:
                found = self._ask(Request(f"/models/{quote(model, safe='')}"), _CHECK_SECONDS).body
            except BrainDenied:  # some servers only have the list
                reply = self._ask(Request("/models"), _CHECK_SECONDS)
                found = next((one for one in objects(reply.body.get("data")) if one.get("id") == model), None)
                if found is None:
                    raise
        ends = found.get("shutdown_date")
        return ends if isinstance(ends, str) and ends else None

    def _ask(self, request: Request, seconds: float, on_sent: OnSent = None) -> _Reply:
        """The server's JSON, unread: OpenAI's own types fail on what other servers say."""
        content, headers = self._opened().exchange(request, seconds, on_sent)
        try:
            body = orjson.loads(content)
        except ValueError:
            body = None
        if not isinstance(body, Mapping):
            raise BrainDown("the answer is no JSON object")
        return _Reply(body, headers.get("x-request-id"))

    def _opened(self) -> "Wire":
        with self._opening:
            if self._wire is None:
                from src.core.openai_wire import Wire  # noqa: PLC0415  # half a second, and tens of MB

                self._wire = Wire(self._settings)
            return self._wire


def _ending(mime: str) -> str:
    """A file name's ending, by which the server knows the format: `ogg` of `audio/ogg; codecs=opus`."""
    kind = mime.partition(";")[0].strip().rpartition("/")[2]
    return {"mpeg": "mp3", "mp4": "m4a", "x-wav": "wav", "aac": "m4a"}.get(kind, kind)


def _sound(body: Mapping[str, Any], model: str) -> Usage:
    used = body.get("usage")
    seconds = used.get("seconds") if isinstance(used, Mapping) else None
    return Usage(
        model=model_of(body, model),
        input_tokens=count(used, "input_tokens"),
        output_tokens=count(used, "output_tokens"),
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
    )
