"""An erased customer is nowhere any more, nothing of theirs that was under way comes back, and who writes again is new."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from src.core import audit
from src.core.conversation_tables import MediaState, media
from src.core.database import now_ms
from src.core.models import conversations, messages, replies, seen
from src.core.states import ReplyState
from src.messages import outbox
from src.messages.claim import claim
from src.messages.hearing.waiting import keep
from tests.integration.cli.backup_world import back_up
from tests.integration.hearing.hearing_world import bytes_of
from tests.integration.people.test_takeover import ended
from tests.integration.rights.rights_world import NUMBER, WORDS, Rights
from tests.world import World, call, eventually


@pytest.mark.both_databases
def test_no_cell_of_any_table_holds_them_and_others_are_untouched(rights: Rights) -> None:
    rights.lives()
    before = rights.held()
    assert all(any(word in text for text in before.values()) for word in WORDS)
    (sealed,) = [row.bytes for row in rights.of_kind("image")]
    assert repr(sealed) in before["media"]
    status, done = rights.api("DELETE", f"/customer/+{NUMBER}")
    assert (status, done["status"], done["backups"]) == (200, "ok", [])
    assert all(rows for table, rows in done["deleted"].items()), done["deleted"]
    assert set(done["kept"]) == {"seen", "usage", "cached_answer", "outside"}
    after = rights.held()
    for word in (*WORDS, rights.user_id, repr(sealed)):
        assert [table for table, text in after.items() if word in text] == [], word
    assert after["seen"] == before["seen"]
    assert after["usage"] == before["usage"]
    assert "34655509999" in after["notice"]  # another's
    (left,) = rights.conversations()
    assert left["customer"]["wa_id"] == "34611203344"
    assert rights.api("DELETE", f"/customer/+{NUMBER}")[0] == 404


def test_no_byte_of_sqlites_files_holds_them_while_the_instance_runs(tmp_path: Path) -> None:
    with Rights(tmp_path) as world:
        conversation_id = world.lives()
        here = (conversation_id,)
        with world.instance.database.read() as session:
            sealed = list(session.exec_driver_sql("SELECT customer FROM conversation WHERE id = ?", here))
            for query in (
                "SELECT content FROM message WHERE conversation_id = ?",
                "SELECT content FROM reply WHERE conversation_id = ?",
                "SELECT detail FROM turn WHERE conversation_id = ?",
                "SELECT text FROM note WHERE conversation_id = ?",
                "SELECT d.content FROM media d JOIN message m ON m.id = d.message_id "
                "WHERE m.conversation_id = ? AND d.content IS NOT NULL",
            ):
                sealed += session.exec_driver_sql(query, here)
        pieces = [bytes(row[0])[40:80] for row in sealed]
        assert len(pieces) >= 10
        assert all(any(piece in file.read_bytes() for file in world.files()) for piece in pieces)
        assert world.api("DELETE", f"/customer/{NUMBER}")[0] == 200
        for file in world.files():
            content = file.read_bytes()
            assert [piece for piece in pieces if piece in content] == [], file.name


@pytest.mark.both_databases
def test_a_turn_in_flight_settles_nothing_and_sends_nothing(rights: Rights) -> None:
    rights.is_a_bakery()
    rights.model("hang", seconds=2, answer=True)
    rights.says("¿abren mañana temprano, o más bien tarde?")
    eventually(rights.asked)
    number = rights.conversations()[0]["customer"]["wa_id"]
    assert rights.api("DELETE", f"/customer/{number}")[0] == 200
    eventually(lambda: ended(rights, "lost"))
    assert rights.ledger("send") == []
    assert rights.conversations() == []
    for table in ("message", "turn", "reply"):
        assert rights.held()[table] == "[]"
    rights.says("¿Tienen pan sin gluten?")  # with SQLite it gets the id that was erased
    rights.answers()
    assert len(rights.phone()) == 1
    (talk,) = rights.api("GET", f"/customer/{number}")[1]["conversations"]
    assert len(talk["messages"]) == 1


@pytest.mark.both_databases
def test_a_reply_that_waits_is_not_claimed_and_one_that_left_settles_on_nobody(rights: Rights) -> None:
    rights.is_a_bakery()
    rights.says("¿Dónde están?")
    rights.answers()
    with rights.instance.database.transaction() as session:
        row = {
            "conversation_id": 1,
            "part": 0,
            "author": "bot",
            "content": {"type": "text", "text": {"body": "x"}},
        }
        row |= {"state": ReplyState.QUEUED, "attempts": 0, "next_attempt_at": now_ms() + 60_000}
        row |= {"asked_at": now_ms(), "created_at": now_ms()}
        ids = [
            session.execute(
                insert(replies).values(row | {"tracker": name}).returning(replies.c.id)
            ).scalar_one()
            for name in ("left", "waits")
        ]
        claimed = claim(session, rights.instance, ids[0])
    assert claimed is not None
    number = rights.conversations()[0]["customer"]["wa_id"]
    assert rights.api("DELETE", f"/customer/{number}")[0] == 200
    with rights.instance.database.transaction() as session:
        assert claim(session, rights.instance, ids[1]) is None
    outbox.send(
        rights.instance, claimed
    )  # it was on its way: nothing is written down of it, and nothing breaks
    assert rights.held()["reply"] == "[]"


def test_what_was_fetched_for_an_erased_message_is_not_kept_with_another(rights: Rights) -> None:
    rights.lives()
    with rights.instance.database.read() as session:
        old = session.execute(select(messages).order_by(messages.c.id.desc())).first()
    assert old is not None
    rights.api("DELETE", f"/customer/{NUMBER}")
    rights.says("hola otra vez")
    eventually(lambda: rights.api("GET", f"/customer/{NUMBER}")[0] == 200)
    newest = select(func.max(messages.c.id)).scalar_subquery()
    with rights.instance.database.transaction() as session:
        session.execute(update(messages).values(id=old.id).where(messages.c.id == newest))
        keep(session, old, MediaState.FETCHED, mime="image/jpeg", size=1, content=bytes_of("image"))
        assert session.execute(select(media)).first() is None


@pytest.mark.both_databases
def test_what_meta_repeats_does_not_come_back_and_who_writes_again_is_new(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    wamid = world.says("¿A qué hora abren?")
    world.answers()
    (known,) = world.conversations()
    assert world.api("DELETE", f"/customer/{known['customer']['user_id']}")[0] == 200
    assert call("POST", f"{world.sandbox}/api/redeliver", {"wamids": [wamid], "as": "same"})[0] == 204
    eventually(lambda: world.ledger("webhook")[-1]["wamids"] == [wamid])
    assert world.conversations() == []
    with world.instance.database.read() as session:
        assert session.execute(select(func.count()).select_from(seen)).scalar_one() == 1
    world.says("¿A qué hora abren?")
    assert world.answers(2)[1] == "A las nueve."
    (fresh,) = world.conversations()
    assert world.api("GET", f"/conversation/{fresh['id']}")[1]["notes"] == []
    document = world.api("GET", f"/customer/{known['customer']['user_id']}")[1]
    assert [one["action"] for one in document["audit"] if one["object"].startswith("conversation")] == [
        "read"
    ]


def test_the_audit_log_has_a_keyed_hash_and_stays_whole(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.says("¿A qué hora abren?")
    world.answers()
    number = world.conversations()[0]["customer"]["wa_id"]
    world.api("DELETE", f"/customer/{number}")
    with world.instance.database.read() as session:
        (last,) = audit.latest(session, 1)
        assert audit.verify(session).reason is None
        assert session.execute(select(conversations)).first() is None
    key = world.instance.keyring.lookup(f"wa:{number}")
    assert (last.actor, last.action, last.object) == ("key of the owner", "erased", f"customer {key.hex()}")


def test_a_shell_asks_first_and_names_the_backups_that_still_hold_them(
    rights: Rights, tmp_path: Path
) -> None:
    rights.lives()
    target, _ = back_up(rights, tmp_path)
    asked = rights.typed("erase", NUMBER)
    assert (asked.returncode, "for good" in asked.stderr) == (1, True)
    assert rights.api("GET", f"/customer/{NUMBER}")[0] == 200
    done = rights.typed("erase", NUMBER, "--yes")
    assert done.returncode == 0, done.stderr
    assert "Deleted: media 2, action 1, note 1" in done.stdout
    assert f"Still in {target}, made " in done.stdout
    assert NUMBER not in done.stdout
    again = rights.typed("erase", NUMBER, "--yes")
    assert (again.returncode, "no conversation is with this number" in again.stderr) == (1, True)


def test_backups_are_named_until_they_are_gone_and_over_age(rights: Rights, tmp_path: Path) -> None:
    rights.lives()
    target, _ = back_up(rights, tmp_path)
    shown = json.loads(rights.typed("export", NUMBER, "--json").stdout)
    (copy,) = shown["backups"]
    assert (copy["file"], copy["there"]) == (str(target), True)
    assert copy["delete_by"] - copy["made_at"] == 14 * 24 * 3600 * 1000
    target.unlink()
    (copy,) = rights.api("GET", f"/customer/{NUMBER}")[1]["backups"]  # a copy may lie elsewhere
    assert copy["there"] is False
    with rights.instance.database.transaction() as session:
        session.exec_driver_sql("UPDATE backup SET made_at = made_at - 1296000000")
    assert rights.api("DELETE", f"/customer/{NUMBER}")[1]["backups"] == []
