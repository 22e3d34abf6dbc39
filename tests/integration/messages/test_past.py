"""A past turn is recalled as it was put to the bot then, not as the conversation is now."""

from src.core.models import messages, turns
from src.messages.decision import DecisionKind
from src.messages.past import Past, recall, turns_since
from tests.world import World


def recalled(world: World) -> list[Past]:
    with world.instance.database.read() as session:
        found = [recall(session, turn) for turn in turns_since(session, world.agent_id, 14, 100)]
    assert all(found)
    return [one for one in found if one is not None]


def test_a_choice_is_recalled_with_what_had_been_offered_and_nothing_that_came_after(world: World) -> None:
    world.knows("¿Cuánto cuesta la limpieza dental?", "La limpieza cuesta 60 €.")
    world.knows("¿Cuánto cuesta el blanqueamiento dental?", "El blanqueamiento cuesta 250 €.")
    world.says("¿cuánto cuesta?")
    asked_back = world.answers(1)[0]
    world.says("la primera")
    world.answers(2)
    world.says("gracias")
    world.answers(3)
    first, second, third = recalled(world)
    assert first.question.texts == ("¿cuánto cuesta?",)
    assert (first.question.context, first.question.offered) == ((), ())
    assert first.decision == DecisionKind.CLARIFY
    assert {option.faq_id for option in second.question.offered} == {"f1", "f2"}
    assert [said.text for said in second.question.context] == ["¿cuánto cuesta?", asked_back]
    assert second.detail["reply"] == world.phone()[1]
    assert len(third.question.context) == 4
    assert third.question.offered == ()


def test_what_had_no_answer_before_counts_as_it_did_then(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    for number, text in enumerate(("¿zorros polares?", "¿venden trineos?"), start=1):
        world.says(text)
        world.answers(number)
    assert [past.question.misses for past in recalled(world)] == [0, 1]


def test_only_this_agents_last_turns_of_those_days_are_found(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    for number in (1, 2, 3):
        world.says("¿A qué hora abren?")
        world.answers(number)
    with world.instance.database.transaction() as session:
        ids = turns_since(session, world.agent_id, 14, 2)
        assert len(ids) == 2
        assert ids == sorted(ids)
        assert turns_since(session, "asst_other", 14, 2) == []
        session.execute(turns.update().values(created_at=turns.c.created_at - 15 * 24 * 3600 * 1000))
        assert turns_since(session, world.agent_id, 14, 2) == []
        session.execute(messages.delete())
        assert recall(session, ids[0]) is None
