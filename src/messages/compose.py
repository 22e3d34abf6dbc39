"""Puts a decision into WhatsApp's message objects, within WhatsApp's limits."""

import re

from src.messages import phrases
from src.messages.decision import Clarify, Confirm, Decision, unanswered
from src.messages.question import Option

MAX_TEXT = 4_096  # Meta, "Text messages": characters of text.body
MAX_BODY = 1_024  # … and of interactive.body.text
MAX_BUTTONS = 3  # Meta, "Interactive reply buttons messages"
MAX_BUTTON_TITLE = 20
MAX_ROWS = 10  # Meta, "Interactive list messages"

_ENDS = (re.compile(r"\n{2,}"), re.compile(r"\n"), re.compile(r"(?<=[.!?…。؟])\s+"), re.compile(r"\s+"))
_JOINED = re.compile("[\u0300-\u036f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def compose(decision: Decision) -> tuple[dict[str, object], ...]:
    """The messages to send, in order, without their address. A text over 4,096 characters becomes several."""
    if isinstance(decision, Clarify):
        return (_choice(decision),)
    if isinstance(decision, Confirm):
        return (dict(decision.message),)
    missed = unanswered(decision)
    if missed is not None and not missed.calls_person and len(decision.text) <= MAX_BODY:
        return (_offer_person(decision.text, missed.language),)
    return tuple(
        {"type": "text", "text": {"body": part, "preview_url": False}} for part in split(decision.text)
    )


def split(text: str, limit: int = MAX_TEXT) -> list[str]:
    """The text in parts of at most `limit` characters, cut at a paragraph, line, sentence or word where one ends."""
    parts = []
    rest = text.strip()
    while len(rest) > limit:
        end = _cut_at(rest, limit)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts


def _cut_at(text: str, limit: int) -> int:
    """Where to cut: the last end of the largest unit that leaves the part at least half full."""
    for end in _ENDS:
        found = [match.end() for match in end.finditer(text, 0, limit + 1) if match.start() <= limit]
        if found and found[-1] >= limit // 2:
            return min(found[-1], limit)
    at = limit
    while at > limit - 32 and (_JOINED.match(text[at]) or text[at - 1] == "\u200d"):
        at -= 1  # keeps an emoji with its skin tone, and a letter with its accent, in one part
    return at


def _choice(decision: Clarify) -> dict[str, object]:
    """Reply buttons when there are at most three and every label stands whole in one, else a list."""
    labels = _labels(decision)
    if labels:
        buttons = [{"type": "reply", "reply": {"id": key, "title": title}} for key, title in labels]
        return _interactive("button", decision.text, {"buttons": buttons})
    rows = [_row(option) for option in decision.options[: MAX_ROWS - 1]]
    hint = phrases.say("person_hint", decision.language)
    rows.append({"id": "person", "title": phrases.say("person", decision.language), "description": hint})
    button = phrases.say("which_one_button", decision.language)
    return _interactive("list", decision.text, {"button": button, "sections": [{"rows": rows}]})


def _offer_person(text: str, language: str) -> dict[str, object]:
    title = phrases.say("person_button", language)
    return _interactive(
        "button", text, {"buttons": [{"type": "reply", "reply": {"id": "person", "title": title}}]}
    )


def _labels(decision: Clarify) -> list[tuple[str, str]]:
    """Ids and labels of the buttons; none when they would not fit, or be cut, or be alike (Meta refuses that)."""
    options = decision.options
    labels = [(f"faq:{option.faq_id}", option.title) for option in options]
    if len(labels) < MAX_BUTTONS:
        labels.append(("person", phrases.say("person_button", decision.language)))
    whole = all(len(title) <= MAX_BUTTON_TITLE and not title.endswith("…") for _, title in labels)
    alike = len({title.casefold() for _, title in labels}) < len(labels)
    return labels if whole and not alike and len(labels) <= MAX_BUTTONS else []


def _row(option: Option) -> dict[str, str]:
    row = {"id": f"faq:{option.faq_id}", "title": option.title}
    return {**row, "description": option.description} if option.description else row


def _interactive(kind: str, body: str, action: dict[str, object]) -> dict[str, object]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": body}, "action": action}}
