"""Questions to the Graph API in a number's name, and what its errors say."""

from dataclasses import dataclass

from src.cli.checks.web import Answer, ask

RENEW = (
    "business.facebook.com, Settings, Users, System users: choose the user, Generate token, both whatsapp_business "
    "permissions; then `released tokens set --token-file FILE` (with --number ID for a number that has its own)"
)


@dataclass(frozen=True)
class Line:
    """A number, or the instance's own token when there is none, with what is to be asked about it."""

    name: str
    phone_number_id: str | None
    waba_id: str | None
    token: str
    secrets: tuple[str, ...]


def ask_as(line: Line, url: str, **query: str) -> Answer:
    """The answer to a GET with the number's token."""
    return ask(url, query, {"Authorization": f"Bearer {line.token}"})


def error_of(answer: Answer) -> tuple[int, int, str]:
    """Meta's code, subcode and words; 0 where there are none."""
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    if not isinstance(error, dict):
        return 0, 0, answer.text if answer.status == 0 else f"HTTP {answer.status}"
    return int(error.get("code") or 0), int(error.get("error_subcode") or 0), str(error.get("message"))
