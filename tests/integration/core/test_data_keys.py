"""What is sealed for a day is forgotten with the day's key, and secrets outlive every change of the master key."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select, type_coerce, update
from sqlalchemy.exc import OperationalError

from benchmarks.rewrap import rewrap
from src.accounts.retention import purge
from src.accounts.secrets import rotate, secret_columns
from src.core import data_keys, schema
from src.core.database import Database, now_ms
from src.core.errors import InvalidSettings
from src.core.key_tables import data_keys as rows
from src.core.keyring import DataKey, Forgotten, Keyring, Purpose, id_in
from src.core.models import conversations, messages, numbers, seen
from tests.world import World, call, eventually

DAY_MS = 24 * 3600 * 1000
OLD, NEW = "o" * 40, "n" * 40
QUESTION, ANSWER = "¿A qué hora abren?", "A las nueve."


def fresh(url: str, secret_key: str = OLD) -> Database:
    database = Database(url, Keyring(secret_key))
    schema.prepare(database)
    return database


def lying(world: World, column: object) -> bytes:
    """A sealed value as it lies there."""
    with world.instance.database.read() as session:
        return bytes(session.execute(select(type_coerce(column, LargeBinary)).limit(1)).scalar_one())


def days_pass(world: World, days: int) -> None:
    """The days of the keys lie further back."""
    k = rows.c
    with world.instance.database.transaction() as session:
        back = {"begins_at": k.begins_at - days * DAY_MS, "ends_at": k.ends_at - days * DAY_MS}
        session.execute(update(rows).where(k.purpose == Purpose.CONTENT).values(back))
    world.instance.database.keyring.look()


@pytest.mark.both_databases
def test_with_the_days_key_what_was_said_on_it_is_forgotten_in_copies_too(world: World) -> None:
    world.knows(QUESTION, ANSWER)
    world.says(QUESTION)
    assert world.answers() == [ANSWER]
    copy = lying(world, messages.c.content)
    keyring = world.instance.database.keyring
    assert "abren" in keyring.open(copy, "message.content").decode()
    days_pass(world, 14)
    purge(world.instance)
    assert "abren" in keyring.open(copy, "message.content").decode()  # its day is not over age yet
    days_pass(world, 1)
    assert purge(world.instance)["data_key"] >= 1
    for one in (keyring, fresh(str(world.settings()["database_url"]), world_key(world)).keyring):
        with pytest.raises(Forgotten):
            one.open(copy, "message.content")
    world.says(QUESTION)
    assert world.answers(2)[1] == ANSWER


def world_key(world: World) -> str:
    return (world.home / "secret_key").read_text().strip()


def test_who_still_writes_is_sealed_anew_each_day_and_never_nameless(world: World) -> None:
    world.knows(QUESTION, ANSWER)
    world.says(QUESTION)
    world.answers()
    before = id_in(lying(world, conversations.c.customer))
    for _ in range(3):
        days_pass(world, 8)
        purge(world.instance)
        world.says(QUESTION)
    assert len(world.answers(4)) == 4
    assert id_in(lying(world, conversations.c.customer)) != before
    (found,) = world.conversations()
    assert found["customer"]["name"]


@pytest.mark.both_databases
def test_every_secret_is_sealed_anew_and_the_former_key_is_gone(database_url: str) -> None:
    with closing(fresh(database_url)) as database:
        with database.transaction() as session:
            session.execute(numbers.insert(), [number(at) for at in range(450)])
        was = secrets_of(database)
        done = rotate(database, lambda _: None, wait=0)
        assert done.secrets == 900
        assert secrets_of(database) == was
        ids = {id_in(value) for value in raw_of(database)}
        with database.read() as session:
            there = session.execute(select(rows.c.id).where(rows.c.purpose == Purpose.OWNER)).scalars().all()
        assert ids == set(there)


def number(at: int) -> dict[str, object]:
    return {
        "phone_number_id": str(at),
        "phone_number": f"+346{at:08}",
        "access_token": f"EAAG{at}",
        "app_secret": f"secret {at}",
        "created_at": 1,
    }


def secrets_of(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        found = session.execute(
            select(numbers.c.access_token, numbers.c.app_secret).order_by(numbers.c.phone_number)
        )
        return [(row.access_token, row.app_secret) for row in found]


def raw_of(database: Database) -> list[bytes]:
    found = []
    with database.read() as session:
        for table, column in secret_columns():
            query = select(type_coerce(column, LargeBinary)).select_from(table).where(column.is_not(None))
            found += [bytes(value) for value in session.execute(query).scalars()]
    return found


@pytest.mark.both_databases
def test_another_master_key_opens_everything_and_the_former_nothing(database_url: str) -> None:
    with closing(fresh(database_url)) as database:
        with database.transaction() as session:
            session.execute(numbers.insert(), [number(1)])
        hashed = (
            database.keyring.seen("wamid.1"),
            database.keyring.lookup("wa:34"),
            database.keyring.sign("audit", b""),
        )
    with closing(fresh(database_url, f"{NEW},{OLD}")) as database:
        rotate(database, lambda _: None, wait=0)
    with closing(fresh(database_url, NEW)) as database:
        assert secrets_of(database) == [("EAAG1", "secret 1")]
        keyring = database.keyring
        assert (keyring.seen("wamid.1"), keyring.lookup("wa:34"), keyring.sign("audit", b"")) == hashed
    with (
        closing(Database(database_url, Keyring(OLD))) as database,
        pytest.raises(InvalidSettings, match="SECRET_KEY"),
    ):
        database.keyring.look()


def test_an_instance_of_before_keeps_its_hashes_and_reads_what_it_has_sealed(database_url: str) -> None:
    before = Keyring(OLD)
    with closing(Database(database_url, Keyring(OLD))) as database:
        schema.migrate(database)
        with database.transaction() as session:
            session.execute(seen.insert(), [{"key": before.seen("wamid.1"), "seen_at": 1}])
        data_keys.ensure(database)
        assert database.keyring.seen("wamid.1") == before.seen("wamid.1")
        assert database.keyring.open(before.seal(b"x", "a.b"), "a.b") == b"x"
    with closing(fresh(database_url, f"{NEW},{OLD}")) as database:
        rotate(database, lambda _: None, wait=0)
    with closing(fresh(database_url, NEW)) as database:
        assert database.keyring.seen("wamid.1") == before.seen("wamid.1")
        assert database.keyring.open(before.seal(b"x", "a.b"), "a.b") == b"x"


def test_a_new_instances_hashes_are_not_made_of_its_master_key(database_url: str) -> None:
    with closing(fresh(database_url)) as database:
        assert database.keyring.lookup("wa:34") != Keyring(OLD).lookup("wa:34")


def test_a_repetition_is_known_after_the_keys_were_changed(world: World) -> None:
    world.knows(QUESTION, ANSWER)
    wamid = world.says(QUESTION)
    world.answers()
    rotate(world.instance.database, lambda _: None, wait=0)
    assert call("POST", f"{world.sandbox}/api/redeliver", {"wamids": [wamid], "as": "same"})[0] == 204
    eventually(lambda: len(world.ledger("webhook")) > 1 and world.ledger("webhook")[-1]["wamids"] == [wamid])
    world.says("¿a qué hora abren hoy?")
    assert len(world.answers(2)) == 2
    assert len(world.ledger("send")) == 2


def test_without_a_key_of_the_day_nothing_is_lost(database_url: str) -> None:
    with closing(fresh(database_url)) as database:
        with database.transaction() as session:
            session.execute(rows.delete().where(rows.c.purpose == Purpose.CONTENT))
        database.keyring.look()
        sealed = database.keyring.seal(b"hola", "message.content", Purpose.CONTENT)
        assert id_in(sealed).startswith("o")
        assert database.keyring.open(sealed, "message.content") == b"hola"
        data_keys.ensure(database)
        assert id_in(database.keyring.seal(b"hola", "a.b", Purpose.CONTENT)).startswith("d")


def test_a_file_that_changes_is_read_again(tmp_path: Path, database_url: str) -> None:
    path = tmp_path / "secret_key"
    path.write_text(OLD)
    running = Database(database_url, Keyring(OLD, path.read_text))
    schema.prepare(running)
    path.write_text(f"{NEW},{OLD}")
    with closing(fresh(database_url, f"{NEW},{OLD}")) as database:
        rotate(database, lambda _: None, wait=0)
    path.write_text(NEW)
    running.keyring.look()
    with running.transaction() as session:
        session.execute(numbers.insert(), [number(1)])
    running.close()
    with closing(fresh(database_url, NEW)) as database:
        assert secrets_of(database) == [("EAAG1", "secret 1")]


def test_a_comma_parts_keys_only_where_each_is_long_enough(database_url: str) -> None:
    with closing(fresh(database_url, "one key, with a comma, of forty characters")) as database:
        database.keyring.look()
        with pytest.raises(InvalidSettings):
            Database(database_url, Keyring("one key")).keyring.look()


def test_while_secrets_are_sealed_anew_every_customer_is_answered(world: World) -> None:
    found = rewrap(world, 400, wait=1.0)
    assert found.secrets >= 400
    assert found.asked > 2
    assert (found.answered, found.refused) == (found.asked, 0)


def test_a_key_that_cannot_be_asked_for_is_not_taken_for_destroyed(database_url: str) -> None:
    with closing(fresh(database_url)) as database, closing(fresh(database_url)) as other:
        with database.transaction() as session:
            session.execute(numbers.insert(), [number(1)])
        rotate(database, lambda _: None, wait=0)
        read, other.keyring.source = other.keyring.source, _away
        with pytest.raises(OperationalError):
            secrets_of(other)
        assert other.keyring.seal(b"x", "a.b")  # what it knows goes on
        other.keyring.source = read
        assert secrets_of(other) == secrets_of(database)


def _away() -> list[DataKey]:
    raise OperationalError("SELECT", {}, Exception("away"))


def test_a_secret_whose_key_is_gone_is_an_error_and_no_empty_secret(database_url: str) -> None:
    with closing(fresh(database_url)) as database:
        with database.transaction() as session:
            session.execute(numbers.insert(), [number(1)])
            session.execute(rows.delete().where(rows.c.purpose == Purpose.OWNER))
        database.keyring.look()
        with pytest.raises(InvalidSettings, match="set it anew"):
            secrets_of(database)


def test_many_threads_that_look_at_once_lose_no_key(database_url: str) -> None:
    with closing(fresh(database_url)) as database, closing(fresh(database_url)) as other:
        sealed = [database.keyring.seal(b"x", "a.b")]
        with ThreadPoolExecutor(8) as pool:
            looks = [pool.submit(other.keyring.look) for _ in range(40)]
            for _ in range(5):
                with database.transaction() as session:
                    now: int = session.execute(select(now_ms())).scalar_one()
                    data_keys.make(session, database.keyring, data_keys.new_owner_key(now))
                database.keyring.look()
                sealed.append(database.keyring.seal(b"x", "a.b"))
            for look in looks:
                look.result()
        assert {other.keyring.open(one, "a.b") for one in sealed} == {b"x"}
