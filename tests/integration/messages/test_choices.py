"""When several FAQs are close the bot asks, and understands the choice however it is given."""

from tests.world import World, eventually


def two_prices(world: World) -> str:
    """Leads to a question back; returns the wamid of the bot's question."""
    world.knows("¿Cuánto cuesta la limpieza dental?", "La limpieza cuesta 60 €.", title="Precio de limpieza")
    world.knows(
        "¿Cuánto cuesta el blanqueamiento dental?", "El blanqueamiento cuesta 250 €.", title="Precio blanqueo"
    )
    world.says("¿cuánto cuesta?")
    world.answers()
    question = next(m for m in world.chat() if m["from"] == "business")
    assert question["type"] == "interactive"
    return str(question["id"])


def options(world: World) -> list[str]:
    interactive = next(m["interactive"] for m in world.chat() if m["from"] == "business")
    if interactive["type"] == "button":
        return [button["reply"]["id"] for button in interactive["action"]["buttons"]]
    return [row["id"] for section in interactive["action"]["sections"] for row in section["rows"]]


def tap(world: World, question: str, option: str) -> None:
    interactive = next(m["interactive"] for m in world.chat() if m["from"] == "business")
    kind = "button_reply" if interactive["type"] == "button" else "list_reply"
    world.sends({"type": kind, "message_id": question, "id": option})


def test_a_tap_is_the_choice(world: World) -> None:
    question = two_prices(world)
    tap(world, question, "faq:f2")
    assert world.answers(2)[1] == "El blanqueamiento cuesta 250 €."


def test_a_number_in_words_is_the_choice(world: World) -> None:
    two_prices(world)
    first = options(world)[0]
    world.says("la primera")
    expected = {"faq:f1": "La limpieza cuesta 60 €.", "faq:f2": "El blanqueamiento cuesta 250 €."}[first]
    assert world.answers(2)[1] == expected


def test_a_late_tap_is_still_answered(world: World) -> None:
    question = two_prices(world)
    tap(world, question, "faq:f1")
    world.answers(2)
    tap(world, question, "faq:f2")
    assert world.answers(3)[2] == "El blanqueamiento cuesta 250 €."


def test_a_tap_on_a_removed_faq_is_met_honestly(world: World) -> None:
    question = two_prices(world)
    world.faqs.pop()
    world.knows("¿Dónde están?", "En la calle Mayor, 3.")
    tap(world, question, "faq:f2")
    eventually(lambda: len(world.phone()) == 2)
    assert "250" not in world.phone()[1]
