"""A voice note is answered as if it had been written; where it cannot be heard, the customer is told."""

import logging
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from src.core.brain_tables import usage
from src.core.conversation_tables import MediaState
from src.messages import phrases
from tests.integration.brain.model_world import BAKERY
from tests.integration.hearing.hearing_world import HearingWorld, bytes_of
from tests.world import eventually

HOURS, WHERE = BAKERY[0], BAKERY[1]
ASKED = "¿a qué hora abren?"
UNHEARD = phrases.say("unheard", "es")


def test_a_voice_note_is_answered_as_if_it_were_written(world: HearingWorld) -> None:
    world.speaks(HOURS[0])
    assert world.answers() == [HOURS[1]]
    (heard,) = world.heard()
    assert (heard["kind"], heard["text"]) == ("transcript", HOURS[0])
    (row,) = world.of_kind("audio")
    assert (row.file, row.mime, row.size, row.bytes) == (
        MediaState.FETCHED,
        "audio/ogg",
        len(bytes_of("audio")),
        None,
    )


def test_the_transcriber_is_told_what_it_may_hear(world: HearingWorld) -> None:
    world.speaks(ASKED)
    world.answers()
    (request,) = world.transcribed()
    assert request["body"]["languages"] == ["es", "pt", "en"]
    assert request["body"]["keywords"][0] == "Zarpa"
    assert "gluten" in request["body"]["keywords"]
    assert request["body"]["file"]["type"] == "audio/ogg"


def test_what_was_said_is_remembered_in_the_next_turn(world: HearingWorld) -> None:
    world.speaks("soy Ornella, ¿a qué hora abren los sábados?")
    world.answers()
    world.says("¿y en qué calle es?")
    world.answers(2)
    assert "Ornella" in str(world.talks()[-1]["body"]["input"])


def test_what_was_heard_is_paid_and_counted_once(world: HearingWorld) -> None:
    conversation_id = world.is_held()
    world.speaks(ASKED)
    world.waits("audio")
    world.hears(conversation_id)
    world.hears(conversation_id)
    assert (len(world.transcribed()), world.fetched()) == (1, 1)
    with world.instance.database.read() as session:
        rows = session.execute(usage.select().where(usage.c.purpose == "transcribe")).all()
    assert [(row.model, row.calls) for row in rows] == [("gpt-transcribe", 1)]
    assert rows[0].cost > 0
    (row,) = world.of_kind("audio")
    assert row.heard["cost"] == rows[0].cost


def test_a_voice_note_that_was_not_heard_is_spoken_of_beside_the_answer(tmp_path: Path) -> None:
    with HearingWorld(tmp_path, openai_api_key=None, burst_wait_ms=1500) as deaf:
        deaf.is_a_bakery()
        deaf.sends({"type": "audio"})
        deaf.says(HOURS[0])
        assert deaf.answers() == [f"{HOURS[1]}\n\n{phrases.say('also_unheard', 'es')}"]


def test_without_a_model_the_customer_is_asked_to_write_and_then_a_person_is_called(
    deaf: HearingWorld,
) -> None:
    deaf.sends({"type": "audio"})
    assert deaf.answers() == [UNHEARD]
    assert deaf.heard() == [{"kind": "failed", "reason": "no model"}]
    deaf.sends({"type": "audio"})
    assert deaf.answers(2)[1].startswith(phrases.say("unreadable_again", "es"))
    assert deaf.conversations()[0]["holder"] == "waiting"
    assert deaf.fetched() == 0


@pytest.mark.parametrize(
    ("fault", "reason", "tries"),
    [
        ({"on": "media_id", "code": 131000, "times": 3}, "away", 3),
        ({"on": "media_id", "code": 100}, "gone", 1),
        ({"on": "media_id", "code": 190}, "denied", 1),
        ({"on": "media", "kind": "error", "http_status": 503, "times": 3}, "away", 3),
        ({"on": "media", "kind": "corrupt", "times": 3}, "away", 3),
        ({"on": "media", "kind": "error", "http_status": 404}, "gone", 1),
    ],
)
def test_a_voice_note_that_meta_does_not_give(
    world: HearingWorld, fault: Any, reason: str, tries: int
) -> None:
    world.fault(**fault)
    world.sends({"type": "audio"})
    assert world.answers(seconds=40) == [UNHEARD]
    assert world.heard() == [{"kind": "failed", "reason": reason}]
    (row,) = world.of_kind("audio")
    assert (row.file, row.bytes) == (MediaState.FAILED, None)
    assert world.fetched() == tries
    assert world.transcribed() == []


def test_a_trouble_of_metas_that_passes_is_not_noticed(world: HearingWorld) -> None:
    world.fault(on="media", kind="corrupt")
    world.fault(on="media", kind="hang", answer=False)
    world.speaks(HOURS[0])
    assert world.answers(seconds=40) == [HOURS[1]]
    assert world.fetched() == 3


@pytest.mark.parametrize(
    "sound",
    [
        {"mime_type": "audio/amr"},
        {"mime_type": "audio/mpeg"},  # it is no MP3
        {"mime_type": "audio/ogg", "content": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="},
    ],
)
def test_what_is_not_what_it_says_is_refused(world: HearingWorld, sound: Any) -> None:
    world.sends({"type": "audio", **sound})
    assert world.answers() == [UNHEARD]
    assert world.heard() == [{"kind": "refused", "reason": "type"}]
    assert world.of_kind("audio")[0].file == MediaState.REFUSED
    assert world.transcribed() == []


def test_more_bytes_than_were_told_are_refused(world: HearingWorld) -> None:
    world.fault(on="media", kind="too_large")
    world.sends({"type": "audio"})
    assert world.answers() == [UNHEARD]
    assert world.heard() == [{"kind": "refused", "reason": "too large"}]


@pytest.mark.parametrize(
    ("act", "reason"),
    [("error_500", "down"), ("billing", "broke"), ("unauthorized", "denied"), ("garbage", "down")],
)
def test_a_transcriber_that_fails_is_not_paid_twice(world: HearingWorld, act: str, reason: str) -> None:
    world.model(act, on="transcriptions")
    world.sends({"type": "audio"})
    assert world.answers() == [UNHEARD]
    (heard,) = world.heard()
    assert (heard["kind"], heard["reason"]) == ("failed", reason)
    assert len(world.transcribed()) == 1
    assert world.of_kind("audio")[0].bytes == bytes_of("audio")  # a person may still listen


def test_a_busy_transcriber_is_asked_again_without_fetching_again(world: HearingWorld) -> None:
    world.model("rate_limit", on="transcriptions", retry_after=0.4, times=2)
    world.speaks(HOURS[0])
    assert world.answers(seconds=40) == [HOURS[1]]
    assert (len(world.transcribed()), world.fetched()) == (3, 1)
    assert world.of_kind("audio")[0].bytes is None


def test_a_transcriber_that_stays_busy_is_given_up(tmp_path: Path, database_url: str) -> None:
    with HearingWorld(tmp_path, database_url, openai_max_wait=2) as world:
        world.is_a_bakery()
        world.model("rate_limit", on="transcriptions", retry_after=0.5)
        world.sends({"type": "audio"})
        assert world.answers(seconds=40) == [UNHEARD]
        assert world.heard()[0]["reason"] in ("busy", "the model rests")


def test_at_a_ceiling_nothing_is_spent(tmp_path: Path, database_url: str) -> None:
    with HearingWorld(tmp_path, database_url, customer_day_calls=1) as world:
        world.is_a_bakery()
        world.speaks(HOURS[0])
        world.answers()
        world.sends({"type": "audio"})
        assert world.answers(2)[1] == UNHEARD
        assert world.heard(count=2)[1] == {"kind": "failed", "reason": "ceiling customer_day"}
        assert len(world.transcribed()) == 1


def test_a_silent_recording_has_no_words(world: HearingWorld) -> None:
    world.speaks(" … ")
    assert world.answers() == [UNHEARD]
    (heard,) = world.heard()
    assert (heard["kind"], heard["reason"]) == ("failed", "nothing was said")


def test_voice_notes_of_one_burst_are_all_heard(tmp_path: Path, database_url: str) -> None:
    with HearingWorld(tmp_path, database_url, burst_wait_ms=600) as world:
        world.is_a_bakery()
        world.speaks(HOURS[0])
        world.speaks(WHERE[0])
        eventually(lambda: len(world.of_kind("audio")) == 2)
        assert [heard["text"] for heard in world.heard(count=2)] == [HOURS[0], WHERE[0]]
        assert len(world.answers()) == 1
        (talk,) = world.talks()
        assert HOURS[0] in str(talk["body"]["input"])
        assert WHERE[0] in str(talk["body"]["input"])


def test_a_voice_note_that_comes_while_another_is_heard_is_heard_too(world: HearingWorld) -> None:
    world.model("hang", on="transcriptions", seconds=1.0, times=1)
    world.sends({"type": "audio"})
    eventually(world.transcribed)
    world.speaks(HOURS[0])
    second = world.heard(count=2)[1]
    assert second is not None
    assert second["text"] == HOURS[0]


def test_every_call_of_hearing_passes_the_agents_gate(world: HearingWorld) -> None:
    before = passed_the_gate()
    world.speaks(HOURS[0])
    world.speaks(WHERE[0])
    world.heard(count=2)
    world.answers()
    eventually(lambda: passed_the_gate() - before == len(world.asked()))
    assert len(world.transcribed()) == 2


def passed_the_gate() -> float:
    return REGISTRY.get_sample_value("released_pace_wait_seconds_count") or 0.0


def test_what_is_too_old_for_the_bot_is_not_heard(world: HearingWorld) -> None:
    world.sends({"type": "audio", "timestamp": 1_000_000_000})
    eventually(lambda: world.of_kind("audio") and world.of_kind("audio")[0].state == "expired")
    assert world.of_kind("audio")[0].heard is None
    assert (world.fetched(), world.transcribed()) == (0, [])


def test_no_word_of_a_voice_note_is_in_the_log_or_in_the_clear(
    world: HearingWorld, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "ornitorrinco"
    with caplog.at_level(logging.DEBUG):
        world.speaks(f"¿venden comida para {canary}?")
        world.answers()
        world.heard()
    assert [record for record in caplog.records if canary in str(record.__dict__)] == []
    for path in tmp_path.glob("released.db*"):
        content = path.read_bytes()
        assert canary.encode() not in content
        assert bytes_of("audio")[:200] not in content
