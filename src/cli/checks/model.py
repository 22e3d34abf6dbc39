"""The model's server (`--live`): does it know the key and the models? It asks for nothing that costs."""

from collections.abc import Callable, Iterator

from src.cli.checks.finding import Finding, fail, ok, warn
from src.core.errors import BrainBroke, BrainBusy, BrainDenied, BrainError, BrainUnreachable
from src.core.openai_client import OpenAIClient
from src.core.settings import Settings

Complaint = Callable[[str, str, str, str], Finding]

_KEY = "set OPENAI_API_KEY to a key of platform.openai.com with the right to read models, or of the server at OPENAI_BASE_URL"


def model(settings: Settings, client: OpenAIClient) -> Iterator[Finding]:
    """What the server says of each model that the settings name; without ears it answers all the same."""
    yield _asked("model", settings.openai_model, settings, client, fail)
    if settings.openai_second_model:
        yield _asked("second model", settings.openai_second_model, settings, client, fail)
    if settings.openai_embedding_model:
        yield _asked("embedding model", settings.openai_embedding_model, settings, client, fail)
    yield _asked("transcription model", settings.openai_transcribe_model, settings, client, warn)


def _asked(name: str, asked: str, settings: Settings, client: OpenAIClient, missing: Complaint) -> Finding:
    try:
        ends = client.check(asked)
    except BrainError as error:
        return missing(name, f"{asked} cannot be called", *_why(error, asked, settings))
    if ends is not None:
        return warn(
            name, f"{asked} ends on {ends}", "its owner shuts it down", "choose another before that day"
        )
    return ok(name, f"{asked} is there, at {settings.openai_base_url}")


def _why(error: BrainError, asked: str, settings: Settings) -> tuple[str, str]:
    """Cause and cure."""
    where = settings.openai_base_url
    if isinstance(error, BrainUnreachable):
        return f"{where} is not reached: {error}", "let this machine reach it, or correct OPENAI_BASE_URL"
    if isinstance(error, BrainBroke):
        return f"the account has no money left: {error}", "add credit, or raise its limit"
    if isinstance(error, BrainBusy):
        return f"{where} is busy: {error}", "run it again in a while"
    if isinstance(error, BrainDenied) and str(error).startswith("404"):
        return (
            f"{where} knows no {asked}: {error}",
            "correct the model's name; `GET /v1/models` lists what there is",
        )
    if isinstance(error, BrainDenied):
        return f"{where} refuses it: {error}", _KEY
    return f"{where} says: {error}", "see whether OPENAI_BASE_URL is the address of an API, with its /v1"
