"""A process that is killed while it tells a person leaves the alert to the next one."""

from pathlib import Path

from tests.integration.people.sinks import receiver
from tests.process_world import ProcessWorld
from tests.world import NUMBER, eventually


def test_an_alert_outlives_the_process_that_was_telling_it(tmp_path: Path, database_url: str) -> None:
    with receiver() as sink, ProcessWorld(tmp_path, database_url, outgoing_private=sink.private) as world:
        body = {"phone_number": NUMBER, "phone_number_id": world.number_id, "handoff": {"webhook": sink.url}}
        faqs = [{"q": "¿Abren?", "a": "Sí."}]
        assert world.api("POST", "/agent", {**body, "faqs": faqs})[0] == 201
        sink.held.clear()  # the receiver has it, and never answers this process
        world.says("quiero hablar con una persona")
        eventually(lambda: sink.received)
        world.kill()
        sink.held.set()
        world.start()
        world.sql("UPDATE alert SET next_attempt_at = 0")  # the dead process's lease is over
        eventually(lambda: world.sql("SELECT state FROM alert")[0][0] == "sent", 60)
        assert len(sink.received) == 2
        assert len({one.headers["webhook-id"] for one in sink.received}) == 1
