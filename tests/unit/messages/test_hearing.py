"""What a message says without being a text, and what the bot does with it."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from src.core.agent_config import AgentConfig, Faq
from src.core.settings import Settings
from src.messages import hearing, phrases
from src.messages.hearing.behaviour import Behaviour
from src.messages.hearing.files import begins_as, is_taken, most_bytes
from src.messages.hearing.heard import MAX_TEXT, HeardKind, transcript
from src.messages.hearing.keywords import MOST, keywords, languages

SAMPLES = json.loads((Path(__file__).parents[3] / "sandbox/samples.json").read_text(encoding="ascii"))
TOLD = {"kind": "transcript", "text": "¿Abren el domingo?"}
KEPT = {"kind": "image"}
FAILED = {"kind": "failed", "reason": "away"}
TAP = {"interactive": {"type": "button_reply", "button_reply": {"id": "faq:1", "title": "Horario"}}}


@pytest.mark.parametrize(
    ("kind", "content", "heard", "words", "behaviour"),
    [
        ("text", {"text": {"body": "hola"}}, None, "hola", Behaviour.READ),
        ("audio", {"audio": {"voice": True}}, TOLD, "¿Abren el domingo?", Behaviour.READ),
        ("audio", {"audio": {"voice": True}}, FAILED, None, Behaviour.UNHEARD),
        ("audio", {"audio": {"voice": True}}, None, None, Behaviour.UNHEARD),
        ("image", {"image": {"caption": "¿Es este?"}}, KEPT, "¿Es este?", Behaviour.READ),
        ("image", {"image": {}}, KEPT, None, Behaviour.READ),
        ("image", {"image": {}}, FAILED, None, Behaviour.UNSEEN),
        ("image", {"image": {"caption": "¿Es este?"}}, FAILED, "¿Es este?", Behaviour.READ),
        ("video", {"video": {}}, {"kind": "refused"}, None, Behaviour.UNSEEN),
        ("document", {"document": {"caption": "mi pedido"}}, None, "mi pedido", Behaviour.READ),
        ("document", {"document": {"filename": "a.pdf"}}, None, None, Behaviour.FILE),
        ("sticker", {"sticker": {}}, None, None, Behaviour.STICKER),
        ("location", {"location": {"latitude": 1}}, None, None, Behaviour.PLACE),
        ("contacts", {"contacts": [{"phones": []}]}, None, None, Behaviour.PEOPLE),
        ("order", {"order": {}}, None, None, Behaviour.UNSUPPORTED),
        ("interactive", TAP, None, None, Behaviour.READ),
        ("audio", None, None, None, Behaviour.UNHEARD),
        ("audio", {"audio": "odd"}, {"kind": "transcript", "text": 7}, None, Behaviour.UNHEARD),
    ],
)
def test_each_kind_has_its_words_and_its_behaviour(
    kind: str, content: Any, heard: Any, words: str | None, behaviour: Behaviour
) -> None:
    assert hearing.words(kind, content, heard) == words
    assert hearing.behaviour(kind, content, heard) is behaviour


def test_of_several_messages_the_one_that_asks_for_most_counts() -> None:
    assert hearing.of_turn([Behaviour.STICKER, Behaviour.UNHEARD, Behaviour.PLACE]) is Behaviour.UNHEARD
    assert hearing.of_turn([Behaviour.FILE, Behaviour.UNSEEN]) is Behaviour.FILE
    assert hearing.of_turn([Behaviour.STICKER]) is Behaviour.STICKER


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_every_behaviour_but_two_has_a_sentence(language: str) -> None:
    silent = (Behaviour.READ, Behaviour.STICKER)
    said = [phrases.say(one.value, language) for one in Behaviour if one not in silent]
    assert len(set(said)) == len(Behaviour) - len(silent)


def test_a_transcript_is_kept_as_a_person_sees_it_and_not_longer_than_a_text() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    heard = transcript(f" ¿Abren\u200b hoy? {hidden}\n", 7)
    assert (heard.kind, heard.text, heard.cost) == (HeardKind.TRANSCRIPT, "¿Abren hoy?", 7)
    assert len(transcript("a" * 10_000, 0).text or "") == MAX_TEXT


@pytest.mark.parametrize("text", ["", "  \n", "…", "\u200b"])
def test_a_recording_without_words_has_failed_and_was_paid(text: str) -> None:
    heard = transcript(text, 3)
    assert heard.stored() == {"kind": "failed", "reason": "nothing was said", "cost": 3}
    assert hearing.cost(heard.stored()) == 3


@pytest.mark.parametrize(
    ("kind", "mime", "taken"),
    [
        ("audio", "audio/ogg; codecs=opus", True),
        ("audio", "AUDIO/OGG", True),
        ("audio", "audio/mpeg", True),
        ("audio", "audio/mp4", True),
        ("audio", "audio/amr", False),
        ("audio", "audio/aac", False),
        ("audio", "image/jpeg", False),
        ("image", "image/jpeg", True),
        ("image", "image/png", True),
        ("image", "image/webp", True),
        ("image", "image/svg+xml", False),
        ("image", "image/gif", False),
        ("image", "audio/ogg", False),
        ("image", "", False),
        ("document", "image/jpeg", False),
    ],
)
def test_only_what_can_be_heard_or_seen_is_taken(kind: str, mime: str, taken: bool) -> None:
    assert is_taken(kind, mime) is taken


def test_the_first_bytes_must_say_what_was_declared() -> None:
    voice, photo = (base64.b64decode(SAMPLES[kind]["content"]) for kind in ("audio", "image"))
    assert begins_as("audio/ogg; codecs=opus", voice)
    assert begins_as("image/jpeg", photo)
    assert begins_as("image/webp", base64.b64decode(SAMPLES["sticker"]["content"]))
    assert begins_as("audio/mp4", b"\x00\x00\x00\x20ftypM4A ")
    assert begins_as("audio/mpeg", b"ID3\x04")
    assert begins_as("audio/mpeg", b"\xff\xfb\x90")
    for mime in ("audio/ogg", "audio/mp4", "audio/mpeg", "image/png", "image/webp"):
        assert not begins_as(mime, photo), mime
    assert not begins_as("image/jpeg", b"<svg onload=alert(1)>")
    assert not begins_as("image/jpeg", b"")


def test_sizes_are_metas_unless_the_owner_allows_less() -> None:
    def settings(most: int) -> Settings:
        return Settings(_env_file=None, media_max_mb=most)

    mb = 1024 * 1024
    assert [most_bytes("audio", settings(most)) for most in (1, 100)] == [mb, 16 * mb]
    assert [most_bytes("image", settings(most)) for most in (1, 100)] == [mb, 5 * mb]


def config(*questions: str, name: str | None = "Zarpa", language: str = "es") -> AgentConfig:
    faqs = tuple(Faq(id=f"f{at}", q=question, a="…") for at, question in enumerate(questions))
    return AgentConfig(faqs=faqs, name=name, language=language)


def test_the_transcriber_is_told_the_name_and_the_telling_words() -> None:
    found = keywords(
        config(
            "¿Tienen croissants de Gluten?", "¿Los croissants son veganos?", "¿Dónde está la calle Zurita?"
        )
    )
    assert found[0] == "Zarpa"
    assert set(found[1:3]) == {"Gluten", "Zurita"}
    assert found[3] == "croissants"
    assert not {"Tienen", "está", "los", "Los"} & set(found)


def test_of_many_questions_fifty_words_are_told() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [f"pan{one}{other}ito" for one in letters for other in letters]
    found = keywords(config(*(f"¿Tienen {word}?" for word in words), name=None))
    assert len(found) == MOST
    assert keywords(config(name=None)) == ()


def test_languages_begin_with_the_agents_own() -> None:
    assert languages(config(language="pt-BR")) == ("pt", "es", "en")
    assert languages(config(language="fr")) == ("es", "pt", "en")
