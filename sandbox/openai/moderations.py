"""`POST /v1/moderations`: nothing is ever flagged."""

from typing import Any

from starlette.responses import Response

from sandbox.answers import Answer
from sandbox.openai import made
from sandbox.openai.asked import Asked
from sandbox.openai.errors import wrong
from sandbox.openai.reading import check_fields

Json = dict[str, Any]

_MODEL = "omni-moderation-latest"
_CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors"),
    *("violence", "violence/graphic"),
)


def read(body: Json) -> Asked:
    """The request as a value. Raises ApiError 400."""
    check_fields(body, frozenset(("input", "model")), ("input",))
    given = body["input"] if isinstance(body["input"], list) else [body["input"]]
    texts = [one.get("text", "") if isinstance(one, dict) else one for one in given]
    if not all(isinstance(one, str) for one in texts):
        raise wrong("input", "it must be a text, a list of texts, or a list of parts")
    return Asked(str(body.get("model") or _MODEL), "\n".join(texts), body | {"input": given})


def write(asked: Asked) -> Response:
    """A result for each text; parts of one message have one together."""
    together = any(isinstance(one, dict) for one in asked.body["input"])
    results = [_result() for _ in asked.body["input"][: 1 if together else None]]
    return Answer({"id": made.identifier("modr-"), "model": asked.model, "results": results})


def _result() -> Json:
    return {
        "flagged": False,
        "categories": dict.fromkeys(_CATEGORIES, False),
        "category_scores": dict.fromkeys(_CATEGORIES, 0.000001),
        "category_applied_input_types": {name: ["text"] for name in _CATEGORIES},
    }
