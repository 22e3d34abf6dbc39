"""Spans of time and tables as a person reads them in a shell."""

from typing import Any

import pytest

from src.cli import spoken

NOW = 1_795_867_200_000
MINUTE = 60_000


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (-5, "less than a minute"),
        (59_999, "less than a minute"),
        (MINUTE, "1 min"),
        (59 * MINUTE, "59 min"),
        (60 * MINUTE, "1 h 0 min"),
        ((23 * 60 + 10) * MINUTE, "23 h 10 min"),
        ((47 * 60 + 59) * MINUTE, "47 h 59 min"),
        (50 * 60 * MINUTE, "2 d 2 h"),
    ],
)
def test_a_span_is_told_in_words(ms: int, words: str) -> None:
    assert spoken.span(ms) == words


def one(**changed: Any) -> dict[str, Any]:
    given = {
        "id": 1,
        "holder": "waiting",
        "waiting_since": NOW - 5 * MINUTE,
        "last_at": NOW,
        "window_open": True,
        "window_closes_at": NOW + 90 * MINUTE,
        "customer": {"name": "Ana", "wa_id": "34600000199"},
        "reason": "asked for a person",
        "last": {"from": "customer", "at": NOW, "text": "hola"},
    }
    return {**given, **changed}


def test_columns_stand_below_each_other_whatever_is_in_them() -> None:
    wide = one(customer={"name": "明美"}, last=None, window_open=False)
    lines = list(
        spoken.table([one(), wide, one(customer={}, last={"from": "bot", "at": 1, "text": None})], NOW)
    )
    heads = lines[0]
    assert lines[1][heads.index("WINDOW") :].startswith("1 h 30 min  Ana 34600000199  asked for a person")
    assert "closed" in lines[2]
    assert lines[2].index("asked") == heads.index("REASON") - 2  # two characters take two columns each
    assert "unknown" in lines[3]
    assert lines[3].endswith("bot: …")


def test_where_nobody_writes_there_is_no_table() -> None:
    assert list(spoken.table([], NOW)) == ["no conversations"]
