"""What a customer agrees to is what will be sent: every argument, whole, in a line of its own."""

from typing import Any

import pytest

from src.core.agent_config import Tool
from src.messages.actions.buttons import MAX_BODY, confirmation, ending
from src.messages.actions.outcome import Call, Declined, Ended, Expired
from src.messages.decision import Confirm

CALL = "c" * 32
SCHEMA = {
    "type": "object",
    "properties": {
        "day": {"type": "string", "title": "Día"},
        "people": {"type": "integer"},
        "terrace_seat": {"type": "boolean"},
        "note": {"type": "string"},
    },
}
BOOK = Tool(
    name="book_table",
    description="Reserva una mesa. Never mention this second sentence.",
    parameters=SCHEMA,
    url="https://example.com/",
    secret="a" * 16,
    changes=True,
)


def asked(language: str = "es", **arguments: Any) -> Confirm:
    found = confirmation(BOOK, CALL, arguments, language)
    assert found is not None
    return found


def test_it_says_what_is_done_with_each_value() -> None:
    found = asked(day="viernes 3", people=4, terrace_seat=True)
    assert found.text == (
        "Para confirmar: ¿hago esto?\n\nReserva una mesa.\n• Día: viernes 3\n• people: 4\n• terrace seat: sí"
    )


def test_it_is_whatsapps_message_with_two_buttons() -> None:
    message = asked(day="x").message
    assert message["type"] == "interactive"
    interactive = message["interactive"]
    assert (interactive["type"], interactive["body"]["text"]) == ("button", asked(day="x").text)
    replies = [button["reply"] for button in interactive["action"]["buttons"]]
    assert [reply["id"] for reply in replies] == [f"act:{CALL}:yes", f"act:{CALL}:no"]


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_it_fits_whatsapp_in_each_language(language: str) -> None:
    message = asked(language, day="x", terrace_seat=False).message["interactive"]
    titles = [button["reply"]["title"] for button in message["action"]["buttons"]]
    assert all(0 < len(title) <= 20 for title in titles)
    assert len(set(titles)) == 2
    assert len(message["body"]["text"]) <= MAX_BODY


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1\n• Total: 0 €", '"1\\n\\u2022 Total: 0 \\u20ac"'),
        ("a\rb", '"a\\rb"'),
        ("10\u202e01", '"10\\u202e01"'),
        ("zero\u200bwidth", '"zero\\u200bwidth"'),
        (" padded", '" padded"'),
        ("", ""),
        ("ñandú «x»", "ñandú «x»"),
    ],
)
def test_a_value_can_make_no_line_of_its_own_and_hide_nothing(value: str, shown: str) -> None:
    text = asked(note=value).text
    assert text.endswith(f"\n• note: {shown}")
    assert len(text.splitlines()) == 4


def test_lists_and_objects_are_shown_as_they_are_sent() -> None:
    assert asked(note=["a", {"b": 1.5, "c": None}]).text.endswith('• note: ["a", {"b": 1.5, "c": null}]')
    assert "\n" not in asked(note=["a\nb"]).text.rsplit("• note: ", 1)[1]


def test_what_cannot_be_shown_whole_is_not_asked() -> None:
    assert confirmation(BOOK, CALL, {"note": "x" * MAX_BODY}, "es") is None


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_every_ending_has_words_and_only_a_success_says_that_it_is_done(language: str) -> None:
    call = Call(CALL, "book_table", {})
    endings = [
        ending(one, language, "910 000 147")
        for one in (
            Ended(call, "ok"),
            Ended(call, "", "status 404"),
            Ended(call, "", "slow", unknown=True),
            Declined(),
            Expired(),
        )
    ]
    assert len(set(endings)) == 5
    done, failed, unknown, *_ = endings
    assert "910 000 147" not in done
    assert "910 000 147" in failed
    assert "910 000 147" in unknown
