"""What people are told in writing: in every language, for every reason, and safe whatever a customer calls themselves."""

import time
from typing import Any

import pytest

from src.core.agent_config import AgentConfig, Faq
from src.messages import phrases
from src.messages.people import letters
from src.messages.people.alerts import Call

NOW = 1_795_867_200_000


def a_call(**changed: Any) -> Call:
    language = changed.pop("language", "es")
    config = AgentConfig(
        faqs=(Faq(id="f1", q="q", a="a"),), name=changed.pop("name", "Zarpa"), language=language
    )
    given: dict[str, Any] = {
        "alert_id": 1,
        "key": "alert_1",
        "channel": "email",
        "attempt": 1,
        "conversation_id": 12,
        "phone_number_id": "55",
        "agent_id": "asst_1",
        "config": config,
        "reason": "asked for a person",
        "waiting_since": NOW - 60_000,
        "window_closes_at": NOW + 3_600_000,
        "customer": "Lucía",
        "now": NOW,
    }
    return Call(**{**given, **changed})


@pytest.mark.parametrize("language", ["es", "pt", "pt-BR", "en"])
def test_every_sentence_is_there_in_every_language(language: str) -> None:
    for closes in (None, NOW - 1, NOW + 1):
        subject, body = letters.letter(a_call(language=language, window_closes_at=closes), None)
        assert "Zarpa" in subject
        assert "Lucía" in body
        assert "{" not in subject + body
    assert "12" in letters.line(a_call(language=language), None)


@pytest.mark.parametrize("reason", list(letters.REASONS))
def test_every_reason_is_told_in_the_owners_words(reason: str) -> None:
    for language in ("es", "pt"):
        assert reason not in letters.line(a_call(language=language, reason=reason), None)
    assert reason in letters.line(a_call(language="en", reason=reason), None)


def test_a_reason_that_is_new_is_told_as_it_is() -> None:
    assert "a meteor" in letters.line(a_call(reason="a meteor"), None)


@pytest.mark.parametrize(
    "name", ["Eva\r\nBcc: all@example.com", "\x1b[31mEva", "Eva\u202e", "x" * 500, "{since}"]
)
def test_a_name_is_one_short_line_whatever_a_customer_calls_themselves(name: str) -> None:
    subject, body = letters.letter(a_call(customer=name, name=name), "https://bot.example.com")
    assert subject.isprintable()
    assert all(line.isprintable() for line in body.splitlines())
    assert max(map(len, body.splitlines())) < 200
    assert len(body.splitlines()) == 6


def test_times_are_told_with_their_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Mexico_City")
    time.tzset()
    try:
        _, body = letters.letter(a_call(), None)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "2026-11-28 05:59 CST" in body


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_no_sentence_about_a_person_promises_a_time(language: str) -> None:
    promises = (
        "pronto",
        "minut",
        "hora",
        "hoy",
        "enseguida",
        "logo ",
        "breve",
        "hoje",
        "soon",
        "shortly",
        "today",
    )
    for key in (
        "hand_off",
        "hand_off_sorry",
        "hand_off_plain",
        "no_answer",
        "removed",
        "unreadable_again",
        "not_known",
        "rest_not_known",
        "rest_no_answer",
    ):
        said = phrases.say(key, language).casefold()
        assert not any(promise in said for promise in promises), said
