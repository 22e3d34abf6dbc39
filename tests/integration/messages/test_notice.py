"""Who talks to a machine is told so with its first message (EU AI Act, art. 50.1), and not again and again."""

from pathlib import Path

from src.core.settings import load_settings
from src.messages.compose import MAX_BODY, MAX_TEXT
from src.messages.notice import with_notice
from tests.world import World

NOTICE = "Te responde el asistente automático de Zarpa, no una persona."


def text(body: str) -> dict[str, object]:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def test_the_first_answer_says_that_no_person_answers_and_the_next_does_not(
    tmp_path: Path, database_url: str
) -> None:
    with World(tmp_path, database_url, ai_notice=True) as world:
        world.knows("¿A qué hora abren?", "A las nueve.")
        world.knows("¿Dónde están?", "En la calle Mayor 7.")
        world.api("PATCH", f"/agent/{world.agent_id}", {"name": "Zarpa"})
        world.says("¿a qué hora abren?")
        assert world.answers() == [f"{NOTICE}\n\nA las nueve."]
        world.says("¿dónde están?")
        assert world.answers(2)[1] == "En la calle Mayor 7."
        assert len(world.ledger("send")) == 2


def test_a_choice_is_told_so_too() -> None:
    choice = {"type": "interactive", "interactive": {"type": "list", "body": {"text": "¿Cuál?"}}}
    (first,) = with_notice((choice,), "pt", None)
    said = "Quem responde é um assistente automático, não uma pessoa.\n\n¿Cuál?"
    assert first["interactive"]["body"]["text"] == said
    assert choice["interactive"] == {"type": "list", "body": {"text": "¿Cuál?"}}, (
        "what was given stays as it was"
    )


def test_where_both_are_too_long_for_one_message_the_notice_goes_before() -> None:
    for long in (
        text("x" * MAX_TEXT),
        {"type": "interactive", "interactive": {"type": "list", "body": {"text": "x" * MAX_BODY}}},
    ):
        first, *others = with_notice((long,), "en", "Zarpa")
        assert first == text("You are talking to the automatic assistant of Zarpa, not to a person.")
        assert others == [long]


def test_in_production_with_a_real_number_it_is_told_unless_somebody_turns_it_off() -> None:
    real = {"meta_access_token": "EAAG1", "meta_app_secret": "of the app"}
    production = {"app_env": "prod", "public_url": "https://a.example"}
    live = real | production
    assert load_settings(**live).tells_of_itself
    assert not load_settings(**live, ai_notice=False).tells_of_itself
    assert not load_settings(**production).tells_of_itself
    assert not load_settings(**real).tells_of_itself
    assert load_settings(ai_notice=True).tells_of_itself
