"""The keys are seen and changed by commands; a backup forgets with its file of keys."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from src.accounts.backup import beside
from src.accounts.retention import purge
from src.cli import released as program
from src.core.key_tables import data_keys
from src.core.keyring import Purpose
from tests.integration.cli.backup_world import new_key
from tests.integration.cli.test_backup_files import Place
from tests.integration.messages.test_retention import AGED
from tests.world import World, call

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An instance with an agent."""
    made = Place(tmp_path / "one").make()
    made.released("agent", "list")  # makes the data keys
    return made


def test_the_days_that_can_be_read_are_told(place: Place) -> None:
    said = place.released("secrets", "status")
    assert "contents can be read of" in said
    assert "owner      1" in said


def test_another_master_key_is_made_and_the_former_opens_nothing(place: Place) -> None:
    path = place.home / "secret_key"
    was = path.read_text().strip()
    said = place.released("secrets", "rotate", "--new-master", "--wait", "0")
    assert "data keys wrapped" in said
    assert path.stat().st_mode & 0o777 == 0o600
    new = path.read_text().strip()
    assert was not in new
    assert len(place.agents()) == 1
    assert "was made with" in place.fails("agent", "list", SECRET_KEY=was)


def test_a_key_in_the_environment_is_changed_there(place: Place) -> None:
    was = (place.home / "secret_key").read_text().strip()
    assert "put a new key and a comma before it" in place.fails(
        "secrets", "rotate", "--new-master", SECRET_KEY=was
    )
    both = {"SECRET_KEY": f"{'n' * 40},{was}"}
    said = place.released("secrets", "rotate", "--wait", "0", **both)
    assert "take the others out" in said
    assert "Zarpa" not in place.fails("agent", "list", SECRET_KEY=was)
    assert "phone_number" in place.released("agent", "list", SECRET_KEY="n" * 40)


def test_an_old_backup_forgets_with_its_keys(tmp_path: Path, world: World) -> None:
    """Its days are over age: nobody reads them, whatever else is there."""
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.says("¿A qué hora abren?")
    world.answers()
    here = Place(world.home, str(world.settings()["database_url"]))
    target, key = tmp_path / "old.backup", new_key(tmp_path)
    here.released("backup", "--to", target, "--key-file", key)
    keys = beside.path_of(target)
    kept = json.loads(keys.read_text())["keys"]
    last = max(row["ends_at"] for row in kept if row["ends_at"])
    assert beside.renew(keys, last) == sum(row["purpose"] == "content" for row in kept)
    assert beside.renew(keys, last) == 0
    other = Place(tmp_path / "other")
    said = other.released("restore", target, "--key-file", key)
    assert "rows of message cannot be read any more" in said
    assert len(other.agents()) == 1
    assert call("GET", f"{world.url}/health")[0] == 200


def test_a_backup_without_its_keys_says_what_is_missing(place: Place, tmp_path: Path) -> None:
    target, key = tmp_path / "one.backup", new_key(tmp_path)
    place.released("backup", "--to", target, "--key-file", key)
    moved = beside.path_of(target).rename(tmp_path / "elsewhere.keys")
    other = Place(tmp_path / "other")
    assert "one.backup.keys is missing" in other.released("restore", target, "--key-file", key)
    assert "Restored" in other.released("restore", target, "--key-file", key, "--keys-file", moved)
    assert len(other.agents()) == 1
    moved.write_text("{}")
    assert "no file of a backup's keys" in Place(tmp_path / "third").released(
        "restore", target, "--key-file", key, "--keys-file", moved
    )


def test_the_keys_of_a_copy_are_renewed_by_a_command(place: Place, tmp_path: Path) -> None:
    target, key = tmp_path / "one.backup", new_key(tmp_path)
    place.released("backup", "--to", target, "--key-file", key)
    keys = beside.path_of(target)
    found = json.loads(keys.read_text())
    for row in found["keys"]:
        if row["purpose"] == "content":
            row["ends_at"] -= 30 * DAY_MS
    keys.write_text(json.dumps(found))
    said = place.released("backup", "--renew", keys)
    assert f"{len(found['keys']) - 2} keys of days that are over age are gone" in said
    assert len(json.loads(keys.read_text())["keys"]) == 2


def test_a_certificate_says_what_was_forgotten_and_rests_on_the_log(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.says("¿A qué hora abren?")
    world.answers()
    with world.instance.database.transaction() as session:
        for table, columns in AGED.items():
            back = {name: table.c[name] - 16 * DAY_MS for name in columns}
            session.execute(update(table).values(back))
        k = data_keys.c
        session.execute(
            update(data_keys)
            .where(k.purpose == Purpose.CONTENT)
            .values(begins_at=k.begins_at - 16 * DAY_MS, ends_at=k.ends_at - 16 * DAY_MS)
        )
    here = Place(world.home, str(world.settings()["database_url"]))
    done = CliRunner().invoke(program, ["audit", "certificate"], env=here.settings)
    assert done.exit_code == 1, "something is over age"
    purge(world.instance)
    done = CliRunner().invoke(program, ["audit", "certificate"], env=here.settings)
    assert done.exit_code == 0
    assert "key destroyed  contents of 20" in done.output
    assert "message 1" in done.output
    told = json.loads(here.released("audit", "certificate", "--json"))
    assert told["over_age_now"] == 0
    assert "unbroken" in here.released("audit", "verify", "--head", told["log"]["head"])
    later = json.loads(here.released("audit", "certificate", "--json", "--since", "2999-01-01"))
    assert later["forgotten"] == []
