"""Pictures are seen, documents and films honestly not opened; places, contacts and stickers get what befits them."""

import base64
from pathlib import Path
from typing import Any

import pytest

from src.accounts.retention import purge
from src.core.conversation_tables import MediaState, media
from src.core.models import turns
from src.messages import hearing, phrases
from src.messages.hearing.forgetting import forget_media
from tests.integration.hearing.hearing_world import HearingWorld, bytes_of
from tests.world import call, eventually

PNG = b"\x89PNG\r\n\x1a\n" + bytes(2_000_000)
UNSEEN = phrases.say("unseen", "es")


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_a_picture_is_shown_to_the_model_with_what_is_asked(world: HearingWorld) -> None:
    world.sends({"type": "image", "caption": "¿este pan lo tienen sin gluten?"})
    world.answers()
    assert world.heard("image") == [{"kind": "image"}]
    (row,) = world.of_kind("image")
    assert (row.file, row.mime, row.bytes) == (MediaState.FETCHED, "image/jpeg", bytes_of("image"))
    asked = str(world.talks()[0]["body"]["input"])
    assert "data:image/jpeg;base64," in asked
    assert "¿este pan lo tienen sin gluten?" in asked


def test_a_picture_without_a_word_is_shown_too(world: HearingWorld) -> None:
    world.sends({"type": "image"})
    world.answers()
    assert "data:image/jpeg;base64," in str(world.talks()[0]["body"]["input"])


def test_a_pictures_bytes_are_not_in_the_clear(world: HearingWorld, tmp_path: Path) -> None:
    world.sends({"type": "image"})
    world.heard("image")
    assert world.of_kind("image")[0].bytes == bytes_of("image")
    for path in tmp_path.glob("released.db*"):
        assert bytes_of("image")[:64] not in path.read_bytes()
    with world.instance.database.read() as session:
        stored = session.exec_driver_sql("SELECT content FROM media").scalar_one()
    assert bytes_of("image")[:64] not in bytes(stored)


def test_without_a_model_a_picture_is_honestly_unseen_and_its_caption_answered(deaf: HearingWorld) -> None:
    deaf.sends({"type": "image"})
    assert deaf.answers() == [UNSEEN]
    deaf.sends({"type": "image", "caption": "¿A qué hora abren?"})
    assert "7:00" in deaf.answers(2)[1]
    assert deaf.fetched() == 0


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        ({"mime_type": "image/gif"}, "type"),
        ({"mime_type": "image/svg+xml"}, "type"),
        ({"mime_type": "image/png"}, "type"),  # it is a JPEG
        ({"content": encoded(b"<html><script>"), "mime_type": "image/jpeg"}, "type"),
        ({"content": encoded(PNG), "mime_type": "image/png"}, "too large"),
    ],
)
def test_a_picture_is_taken_only_when_it_is_one_and_small(
    tmp_path: Path, database_url: str, picture: Any, reason: str
) -> None:
    with HearingWorld(tmp_path, database_url, media_max_mb=1) as world:
        world.is_a_bakery()
        world.sends({"type": "image", **picture})
        assert world.answers() == [UNSEEN]
        assert world.heard("image") == [{"kind": "refused", "reason": reason}]
        (row,) = world.of_kind("image")
        assert (row.file, row.why, row.bytes) == (MediaState.REFUSED, reason, None)
        assert world.talks() == []


def test_of_many_pictures_five_are_fetched_and_four_are_shown(tmp_path: Path, database_url: str) -> None:
    with HearingWorld(tmp_path, database_url, burst_wait_ms=800) as world:
        world.is_a_bakery()
        number = world.chat_url()
        batch = {"messages": [{"type": "image"} for _ in range(7)]}
        assert call("POST", f"{number}/batch", batch)[0] == 201
        heard = world.heard("image", 7)
        assert [one["kind"] for one in heard] == ["image"] * 5 + ["refused"] * 2
        assert {one["reason"] for one in heard[5:]} == {"too many"}
        assert world.fetched() == 5
        ids = [row.id for row in world.of_kind("image")]
        with world.instance.database.read() as session:
            assert len(hearing.images(session, ids)) == 4
        assert str(world.talks()[0]["body"]["input"]).count("data:image/jpeg") == 4


def test_a_document_is_not_opened_and_a_person_is_called(world: HearingWorld) -> None:
    world.sends({"type": "document"})
    assert world.answers()[0].startswith(phrases.say("file", "es"))
    assert world.conversations()[0]["holder"] == "waiting"
    assert world.heard("document") == [{"kind": "refused", "reason": "not opened"}]
    assert world.fetched() == 0


def test_a_documents_caption_is_read(world: HearingWorld) -> None:
    world.sends({"type": "document", "caption": "¿A qué hora abren?"})
    assert "7:00" in world.answers()[0]
    assert world.fetched() == 0


def test_a_film_is_not_seen(world: HearingWorld) -> None:
    world.sends({"type": "video"})
    assert world.answers() == [UNSEEN]
    assert world.heard("video") == [{"kind": "refused", "reason": "not opened"}]
    assert world.fetched() == 0


@pytest.mark.parametrize(("kind", "sentence"), [("location", "place"), ("contacts", "people")])
def test_a_place_and_a_contact_are_thanked_for_and_cost_nothing(
    world: HearingWorld, kind: str, sentence: str
) -> None:
    world.sends({"type": kind})
    assert world.answers() == [phrases.say(sentence, "es")]
    assert world.asked() == []


def test_a_sticker_alone_gets_no_answer_and_nobody_waits(world: HearingWorld) -> None:
    world.sends({"type": "sticker"})
    eventually(lambda: [row.state for row in world.of_kind("sticker")] == ["answered"])
    world.says("¿A qué hora abren?")
    assert len(world.answers()) == 1
    assert "7:00" in world.phone()[0]


def test_a_kind_that_nobody_knows_is_asked_for_in_writing(world: HearingWorld) -> None:
    world.sends({"type": "raw", "message": {"type": "order", "order": {"catalog_id": "1"}}})
    assert world.answers() == [phrases.say("unsupported", "es")]


def test_files_are_forgotten_in_time(world: HearingWorld) -> None:
    world.sends({"type": "image"})
    world.heard("image")
    world.model("error_500", on="transcriptions")
    world.sends({"type": "audio"})
    world.heard()
    assert forget_media(world.instance) == {"answered": 0}
    world.ages(turns, "created_at", 23)
    assert forget_media(world.instance) == {"answered": 0}
    world.ages(turns, "created_at", 2)
    assert forget_media(world.instance) == {"answered": 1}
    assert world.of_kind("image")[0].file is None
    assert world.of_kind("audio")[0].bytes == bytes_of("audio")
    world.ages(media, "created_at", world.instance.settings.retention_days * 24 + 1)
    assert purge(world.instance)["media"] == 1
    assert world.of_kind("audio")[0].file is None
