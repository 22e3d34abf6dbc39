"""Every change and every reading of a conversation is in the audit log, and nobody changes the log unseen."""

import json
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from src.accounts.retention import purge
from src.core import audit
from src.core.actor import acting
from tests import launch
from tests.world import World

pytestmark = pytest.mark.both_databases


def log(world: World) -> list[tuple[str, str, str]]:
    with world.instance.database.read() as session:
        return [(row.actor, row.action, row.object) for row in reversed(audit.latest(session, 1_000))]


def verdict(world: World) -> audit.Verdict:
    with world.instance.database.read() as session:
        return audit.verify(session)


def test_what_an_owner_and_their_people_do_is_written_down_with_the_deed(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.knows("¿Dónde están?", "En la calle Mayor 7.")
    world.says("quiero hablar con una persona")
    world.answers()
    number = world.conversations()[0]["id"]
    for way, path, body in (
        ("GET", "", None),
        ("POST", "/takeover", None),
        ("POST", "/note", {"text": "llamar mañana"}),
        ("POST", "/reply", {"text": "Enseguida le llamo"}),
        ("POST", "/release", None),
    ):
        assert world.api(way, f"/conversation/{number}{path}", body)[0] < 300
    assert world.api("GET", "/conversation/999999")[0] == 404
    said = log(world)
    assert {who for who, _, _ in said} == {"key of the owner"}
    assert [(deed, what) for _, deed, what in said] == [
        ("number added", f"number {world.number_id}"),
        ("agent created", world.agent_id),
        ("faqs replaced", world.agent_id),
        ("listed", "conversations"),
        ("read", f"conversation {number}"),
        ("taken over", f"conversation {number}"),
        ("noted", f"conversation {number}"),
        ("taken over", f"conversation {number}"),
        ("replied", f"conversation {number}"),
        ("released", f"conversation {number}"),
    ]
    assert verdict(world).entries == len(said)
    assert verdict(world).reason is None


def test_a_change_that_fails_leaves_no_entry_and_no_gap(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    before = log(world)
    again = {"phone_number": "+34600000147", "faqs": [{"q": "¿?", "a": "x"}]}
    assert world.api("POST", "/agent", again)[0] == 409
    assert world.api("POST", "/conversation/999999/takeover")[0] == 404
    assert log(world) == before
    assert verdict(world).reason is None


def test_of_what_was_changed_only_keyed_hashes_stay(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.api("PATCH", f"/agent/{world.agent_id}", {"name": "Panadería Sol"})
    world.api("PATCH", f"/agent/{world.agent_id}", {"paused": True})
    with world.instance.database.read() as session:
        paused, named, created = audit.latest(session, 3, world.agent_id)
    assert (created.before, len(created.after)) == (None, 32)
    assert bytes(named.before) != bytes(named.after) == bytes(paused.before)


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("UPDATE audit SET object = 'another' WHERE number = 2", "entry 2 is not as it was written"),
        ("UPDATE audit SET at = at + 1 WHERE number = 3", "entry 3 is not as it was written"),
        ("DELETE FROM audit WHERE number = 2", "entry 2 is missing"),
        ("DELETE FROM audit WHERE number = 1", "entry 1 is missing"),
    ],
)
def test_who_gets_round_the_triggers_is_found_out(world: World, deed: str, reason: str) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.conversations()
    with pytest.raises(DBAPIError, match="only added to"), world.instance.database.transaction() as session:
        session.execute(text(deed))
    assert verdict(world).reason is None
    with world.instance.database.transaction() as session:
        if session.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_stays"))
        else:
            session.execute(text("DROP TRIGGER audit_no_update"))
            session.execute(text("DROP TRIGGER audit_no_delete"))
        session.execute(text(deed))
    assert verdict(world).reason == reason


def test_entries_of_many_at_once_make_one_chain(world: World) -> None:
    def people(name: str) -> None:
        with acting(name):
            for k in range(20):
                with world.instance.database.transaction() as session:
                    audit.note(session, "read", f"conversation {k}")

    threads = [threading.Thread(target=people, args=(f"person {k}",)) for k in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdict(world).entries == 100
    assert verdict(world).reason is None
    assert {who for who, _, _ in log(world)} == {f"person {k}" for k in range(5)}


def test_from_a_shell_it_is_shown_and_verified_against_a_head_that_was_kept(world: World) -> None:
    env = {"PATH": "/usr/bin:/bin", "RELEASED_HOME": str(world.home)}
    env |= {"DATABASE_URL": str(world.settings()["database_url"]), "USER": "ana"}
    world.knows("¿A qué hora abren?", "A las nueve.")
    launch.run("src", "agent", "pause", world.agent_id, env=env)
    first = json.loads(launch.run("src", "audit", "verify", "--json", env=env).stdout)
    assert first["ok"]
    launch.run("src", "agent", "resume", world.agent_id, env=env)
    shown = launch.run("src", "audit", "list", "--about", world.agent_id, env=env).stdout.splitlines()
    assert len(shown) == 3
    assert "agent changed" in shown[0]
    assert "agent created" in shown[2]
    assert "shell of ana" in shown[0]
    assert "key of the owner" in shown[2]
    whole = launch.run("src", "audit", "verify", "--head", first["head"], env=env)
    assert (whole.returncode, whole.stdout[:26]) == (0, "4 entries, unbroken; head ")
    cut = launch.run("src", "audit", "verify", "--head", "ab" * 32, env=env)
    assert cut.returncode == 1
    assert "the end was cut off" in cut.stdout


def test_what_is_forgotten_is_certified(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.says("¿A qué hora abren?")
    world.answers()
    with world.instance.database.transaction() as session:
        session.execute(text("UPDATE message SET sent_at = sent_at - 1300000000"))
    with acting("clock"):
        purge(world.instance)
        purge(world.instance)
    assert log(world)[-1] == ("clock", "forgotten", "over 14 days: message 1")
    assert [deed for _, deed, _ in log(world)].count("forgotten") == 1
