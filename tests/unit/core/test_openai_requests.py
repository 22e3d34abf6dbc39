"""What is asked of OpenAI itself and of others, and how long a server asks to wait."""

import time
from email.utils import formatdate

import pytest

from src.core import openai_chat
from src.core.errors import BrainInvalid
from src.core.openai_errors import error_for, retry_after
from src.core.openai_types import Prompt

PROMPT = Prompt("Rules.", ("<faqs>", "<customer>"), {"type": "object"}, cache_key="asst_1.7", customer="0a1b")


@pytest.mark.parametrize(
    ("url", "openais"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://shop.openai.azure.com/openai/v1", True),
        ("https://openai.com.example.net/v1", False),
        ("https://notopenai.com/v1", False),
        ("http://127.0.0.1:11434/v1", False),
    ],
)
def test_who_is_openai(url: str, openais: bool) -> None:
    assert openai_chat.is_openais(url) == openais


def test_only_openai_is_told_what_only_openai_knows() -> None:
    own = openai_chat.request(PROMPT, "gpt-6-luna", "none", openais=True, in_words=False)
    assert own["store"] is False
    assert own["max_completion_tokens"] == 900
    assert (own["reasoning_effort"], own["safety_identifier"]) == ("none", "0a1b")
    others = openai_chat.request(PROMPT, "llama3.3", "none", openais=False, in_words=False)
    assert others.keys() == {"model", "messages", "response_format", "max_tokens"}
    assert "reasoning_effort" in openai_chat.request(PROMPT, "m", "low", openais=False, in_words=False)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "2.5", "retry-after-ms": "2400"}, 2.4),
        ({"retry-after-ms": "soon", "retry-after": "3"}, 3.0),
        ({"retry-after": "-4"}, 0.0),
        ({"retry-after": "1e9"}, 3600.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "later"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_to_wait_for() -> None:
    seconds = retry_after({"retry-after": formatdate(time.time() + 120, usegmt=True)})
    assert seconds is not None
    assert 60 < seconds <= 120
    assert retry_after({"retry-after": formatdate(time.time() - 120, usegmt=True)}) == 0.0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": "This response_format type is unavailable now", "param": None}, "response_format"),
        ({"message": "'json_schema' is not supported", "code": 400}, "response_format"),
        ({"message": "Unknown parameter: 'store'.", "param": "store"}, "store"),
        ({"message": "Too long", "param": "What the customer wrote: 4711"}, None),
        ("Model not loaded", None),
        (None, None),
    ],
)
def test_which_field_is_wrong(body: object, field: str | None) -> None:
    error = error_for(400, body, {})
    assert isinstance(error, BrainInvalid)
    assert error.field == field
    assert "4711" not in str(error)
