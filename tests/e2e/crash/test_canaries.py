"""What a customer writes, and who they are, stands in no log and not in the clear in the database."""

from pathlib import Path

from tests.process_world import ProcessWorld
from tests.world import API_KEY, SECRET, TOKEN, call, eventually

CANARY = "ornitorrinco"


def test_no_text_name_number_or_secret_is_left_in_the_clear(tmp_path: Path) -> None:
    with ProcessWorld(tmp_path) as world:
        world.knows(f"¿Venden comida para {CANARY}?", f"Sí, la bolsa de {CANARY} cuesta 7 €.")
        world.says(f"¿venden comida para {CANARY}?")
        world.answers()
        world.fault(on="messages", code=131000, times=1)
        world.says(f"quiero hablar con una persona sobre el {CANARY}", customer=1)
        world.answers(customer=1)
        eventually(lambda: [m for m in world.chat() if m["status"] == "delivered"])
        customers = call("GET", f"{world.sandbox}/api/state")[1]["customers"]
        wamid = world.chat()[0]["id"]
        world.stop()
    known = [CANARY, SECRET, TOKEN, API_KEY, wamid]
    known += [
        str(c[key]) for c in customers[:2] for key in ("wa_id", "user_id", "name", "username") if c[key]
    ]
    for path in [tmp_path / "platform.log", *tmp_path.glob("released.db*")]:
        content = path.read_bytes()
        assert content
        assert [word for word in known if word.encode() in content] == [], path.name
