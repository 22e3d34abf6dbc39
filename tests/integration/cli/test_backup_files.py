"""A backup is whole or refused, and a restore is done or has changed nothing."""

import errno
import io
import os
import resource
import sqlite3
import stat
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from src.accounts.agent_input import AgentInput, FaqInput
from src.accounts.agents import list_agents
from src.accounts.backup import keys
from src.accounts.backup.errors import Damaged, NoBackup, from_system
from src.accounts.backup.keys import Key
from src.accounts.backup.vault import CHUNK, HEAD_BYTES, SEALED, Opener, Sealer
from src.accounts.create import create_agent
from src.accounts.key_holder import OWNER
from src.accounts.numbers import add_number
from src.cli import released as program
from src.core import schema
from src.core.database import Database
from src.core.errors import Refusal
from src.core.instance import open_instance
from src.core.keyring import Keyring
from src.core.processes import Heartbeat
from src.core.settings import Settings
from tests.integration.cli.backup_world import contents, new_key, released, rows
from tests.world import NUMBER, eventually

KEY = Key(keys.KEY_FILE, os.urandom(32))


class Place:
    """An instance's home, without the instance running."""

    def __init__(self, home: Path, database_url: str | None = None) -> None:
        self.home = home
        self.database_url = database_url or f"sqlite:///{home}/released.db"
        self.settings = {"RELEASED_HOME": str(home), "DATABASE_URL": self.database_url}

    def make(self, faqs: int = 1) -> "Place":
        """An agent with its FAQs, the first of them about a street."""
        given = Settings(_env_file=None, released_home=self.home, database_url=self.database_url)
        instance = open_instance(given)
        schema.migrate(instance.database)
        with instance.database.transaction() as session:
            add_number(session, NUMBER, "106540352242922")
        known = [FaqInput(q="¿Dónde están?", a="En la calle del Pez, 7.")]
        known += [FaqInput(q=f"¿Y {number}?", a="Sí. " * 900) for number in range(1, faqs)]
        create_agent(instance, OWNER, AgentInput(phone_number=NUMBER, faqs=known))
        instance.close()
        return self

    def goes_back(self, revision: str) -> None:
        """Its database is as a version of before the data keys made it."""
        secret = (self.home / "secret_key").read_text().strip()
        with closing(Database(self.database_url, Keyring(secret))) as database:
            schema.migrate(database, revision)

    def agents(self) -> list[dict[str, object]]:
        """The agents, unsealed with the keys of the home."""
        given = Settings(_env_file=None, released_home=self.home, database_url=self.database_url)
        instance = open_instance(given)
        with instance.database.read() as session:
            found = list_agents(session, OWNER)
        instance.close()
        return found

    def released(self, *words: str | Path, **settings: str) -> str:
        """What the command said; its complaint when it failed."""
        given = {**self.settings, **settings}
        done = CliRunner().invoke(program, [str(word) for word in words], env=given)
        if done.exception is None:
            return done.output
        assert isinstance(done.exception, Refusal), done.exception
        return f"refused: {done.exception.detail}"

    def fails(self, *words: str | Path, **settings: str) -> str:
        """The one line with which the command ends."""
        done = CliRunner().invoke(program, [str(word) for word in words], env={**self.settings, **settings})
        assert done.exception is not None
        return str(done.exception)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An instance with an agent."""
    return Place(tmp_path / "one").make()


@pytest.fixture
def other(tmp_path: Path) -> Place:
    """A home in which nothing is."""
    return Place(tmp_path / "other")


@pytest.fixture
def backup(place: Place, tmp_path: Path) -> Path:
    """A backup of the instance, sealed with the key file `key` beside it."""
    target = tmp_path / "one.backup"
    said = place.released("backup", "--to", target, "--key-file", new_key(tmp_path))
    assert "rows" in said, said
    return target


def sealed(size: int) -> bytes:
    """A sealed stream of so many bytes."""
    file = io.BytesIO()
    sealer = Sealer(file, KEY)
    plain = bytes(size)
    for at in range(0, size, 100_000):
        sealer.write(plain[at : at + 100_000])
    sealer.close()
    return file.getvalue()


def opened(stream: bytes, key: Key = KEY) -> int:
    """How many bytes are in it."""
    return sum(len(chunk) for chunk in Opener(io.BytesIO(stream), key).chunks())


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7])
def test_a_sealed_stream_opens_to_what_it_was(size: int) -> None:
    assert opened(sealed(size)) == size


def test_no_bit_can_be_turned() -> None:
    stream = sealed(CHUNK + 1000)
    for place in [*range(HEAD_BYTES + 40), *range(HEAD_BYTES, len(stream), 99_991), len(stream) - 1]:
        broken = bytearray(stream)
        broken[place] ^= 1
        with pytest.raises(NoBackup):
            opened(bytes(broken))


def test_nothing_can_be_cut_off() -> None:
    stream = sealed(2 * CHUNK + 1000)
    for length in [*range(HEAD_BYTES + 40), HEAD_BYTES + SEALED - 1, HEAD_BYTES + SEALED, len(stream) - 1]:
        with pytest.raises(NoBackup):
            opened(stream[:length])


def test_a_stream_that_was_cut_between_two_chunks_is_told_from_a_damaged_one() -> None:
    stream = sealed(2 * CHUNK + 1000)
    whole = HEAD_BYTES + SEALED
    with pytest.raises(Damaged, match=f"cut off after byte {whole}"):
        opened(stream[:whole])
    broken = bytearray(stream)
    broken[whole + 5] ^= 1
    with pytest.raises(Damaged, match=f"damaged between the bytes {whole} and {whole + SEALED}"):
        opened(bytes(broken))


def test_chunks_cannot_be_reordered_repeated_or_added() -> None:
    stream = sealed(3 * CHUNK + 1000)
    head, chunks = stream[:HEAD_BYTES], [stream[HEAD_BYTES + at * SEALED :][:SEALED] for at in range(4)]
    for order in ([1, 0, 2, 3], [0, 0, 2, 3], [0, 2, 3], [0, 1, 2, 3, 3], [3], [0, 1, 2, 2, 3]):
        with pytest.raises(Damaged):
            opened(head + b"".join(chunks[at] for at in order))


def test_a_chunk_of_another_backup_with_the_same_key_does_not_fit() -> None:
    one, two = sealed(CHUNK + 10), sealed(CHUNK + 10)
    with pytest.raises(Damaged):
        opened(one[: HEAD_BYTES + SEALED] + two[HEAD_BYTES + SEALED :])


def test_a_wrong_key_and_a_wrong_kind_of_key_are_told_from_damage() -> None:
    stream = sealed(10)
    with pytest.raises(NoBackup, match="not the key file"):
        opened(stream, Key(keys.KEY_FILE, os.urandom(32)))
    with pytest.raises(NoBackup, match="sealed with a key file, not with a passphrase"):
        opened(stream, keys.passphrase("correct horse battery"))
    with pytest.raises(NoBackup, match="not a backup of Released"):
        opened(b"PK\x03\x04 a zip file that is as long as the head of a backup would have been" * 2)


def test_a_backup_of_a_later_format_says_so() -> None:
    stream = bytearray(sealed(10))
    stream[16] = 2
    stream[HEAD_BYTES - 4 : HEAD_BYTES] = zlib.crc32(bytes(stream[: HEAD_BYTES - 4])).to_bytes(4, "big")
    with pytest.raises(NoBackup, match="format 2"):
        opened(bytes(stream))


def test_a_passphrase_opens_what_it_sealed_and_no_other_does(
    place: Place, other: Place, tmp_path: Path
) -> None:
    (tmp_path / "words").write_text("four random words here\n")
    (tmp_path / "wrong").write_text("five random words here\n")
    target = tmp_path / "sealed.backup"
    assert "rows" in place.released("backup", "--to", target, "--passphrase-file", tmp_path / "words")
    said = other.released("restore", target, "--passphrase-file", tmp_path / "wrong")
    assert "this is not the passphrase" in said
    assert not other.home.exists()
    assert "Restored" in other.released("restore", target, "--passphrase-file", tmp_path / "words")
    assert other.agents() == place.agents()


def test_the_file_is_the_owners_alone_and_is_never_overwritten(
    place: Place, backup: Path, tmp_path: Path
) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    before = backup.read_bytes()
    assert "never overwritten" in place.released("backup", "--to", backup, "--key-file", tmp_path / "key")
    assert "never overwritten" in place.released("backup", "--new-key", tmp_path / "key")
    assert backup.read_bytes() == before


def test_nothing_readable_is_in_it(place: Place, backup: Path) -> None:
    found = backup.read_bytes()
    for word in ("Pez", NUMBER[1:], (place.home / "secret_key").read_text().strip()):
        assert word.encode() not in found


def test_without_a_name_backups_are_collected_in_the_home(place: Place, tmp_path: Path) -> None:
    said = place.released("backup", RELEASED_BACKUP_KEY_FILE=str(new_key(tmp_path)))
    made, keys_file = sorted((place.home / "backups").iterdir())
    assert keys_file.name == f"{made.name}.keys"
    assert str(made) in said
    assert "copy it to another machine" in said


def test_when_the_disk_is_full_no_half_backup_stays(tmp_path: Path) -> None:
    place, key = Place(tmp_path / "one").make(faqs=60), new_key(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        said = place.released("backup", "--to", tmp_path / "full" / "x.backup", "--key-file", key)
        assert "No such file" in said
        said = place.released("backup", "--to", tmp_path / "x.backup", "--key-file", key)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "cannot be written: File too large" in said
    assert not list(tmp_path.glob("*x.backup*")) + list(tmp_path.glob(".*"))
    assert "make room" in str(from_system("x", OSError(errno.ENOSPC, "No space left on device")))


def test_an_instance_that_is_there_is_never_restored_over(place: Place, backup: Path, tmp_path: Path) -> None:
    before = contents(place.database_url), (place.home / "secret_key").read_bytes()
    said = place.released("restore", backup, "--key-file", tmp_path / "key")
    assert "there is an instance already" in said
    assert (contents(place.database_url), (place.home / "secret_key").read_bytes()) == before
    assert len(list(place.home.iterdir())) == len({"released.db", "secret_key", "api_key"})


def test_a_process_that_lives_keeps_a_restore_away(other: Place, backup: Path, tmp_path: Path) -> None:
    instance = open_instance(Settings(_env_file=None, released_home=other.home))
    schema.migrate(instance.database)
    heartbeat = Heartbeat(instance.database, "web")
    heartbeat.start()
    eventually(lambda: rows(other.database_url, "SELECT 1 FROM process"))
    said = other.released("restore", backup, "--key-file", tmp_path / "key")
    heartbeat.stop()
    instance.close()
    assert "stop all of them first" in said
    assert "Restored" in other.released("restore", backup, "--key-file", tmp_path / "key")


def test_the_keys_of_an_unused_home_are_kept_aside(other: Place, backup: Path, tmp_path: Path) -> None:
    instance = open_instance(Settings(_env_file=None, released_home=other.home))
    schema.migrate(instance.database)
    instance.close()
    unused = (other.home / "secret_key").read_text()
    assert "What was there before" in other.released("restore", backup, "--key-file", tmp_path / "key")
    (aside,) = other.home.glob("secret_key.before-restore-*")
    assert aside.read_text() == unused
    assert len(other.agents()) == 1


def test_a_damaged_backup_changes_nothing_and_check_says_where(
    other: Place, backup: Path, tmp_path: Path
) -> None:
    broken = bytearray(backup.read_bytes())
    broken[-100] ^= 1
    backup.write_bytes(broken)
    for words in (["--check"], []):
        said = other.released("restore", backup, "--key-file", tmp_path / "key", *words)
        assert f"damaged between the bytes {HEAD_BYTES} and {len(broken)}" in said
    assert not other.home.exists()


def test_check_reads_everything_and_makes_nothing(other: Place, backup: Path, tmp_path: Path) -> None:
    said = other.released("restore", "--check", backup, "--key-file", tmp_path / "key")
    assert "is whole" in said
    assert [line.split()[:2] for line in said.splitlines() if line.lstrip().startswith("key ")] == [
        ["key", "secret_key"],
        ["key", "api_key"],
    ]
    assert not other.home.exists()


def test_a_restore_that_fails_in_the_middle_leaves_an_empty_instance(
    other: Place, backup: Path, tmp_path: Path
) -> None:
    instance = open_instance(Settings(_env_file=None, released_home=other.home))
    schema.migrate(instance.database)
    instance.close()
    with sqlite3.connect(other.home / "released.db") as database:
        database.execute(
            "CREATE TRIGGER no BEFORE INSERT ON agent_version BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    database.close()
    before = contents(other.database_url), sorted(path.name for path in other.home.iterdir())
    said = other.released("restore", backup, "--key-file", tmp_path / "key")
    assert "nothing was restored: the database said: no" in said
    assert (contents(other.database_url), sorted(path.name for path in other.home.iterdir())) == before


def test_a_backup_without_keys_wants_the_instances_own(place: Place, other: Place, tmp_path: Path) -> None:
    target, key = tmp_path / "bare.backup", new_key(tmp_path)
    place.released("backup", "--no-keys", "--to", target, "--key-file", key)
    assert "made without keys" in other.released("restore", target, "--key-file", key)
    said = other.released("restore", target, "--key-file", key, SECRET_KEY="x" * 40)
    assert "SECRET_KEY is another key" in said
    own = (place.home / "secret_key").read_text().strip()
    assert "Restored" in other.released("restore", target, "--key-file", key, SECRET_KEY=own)
    assert not (other.home / "secret_key").exists()


def test_a_backup_of_an_older_schema_is_brought_to_this_one(
    tmp_path: Path, place: Place, other: Place
) -> None:
    place.goes_back("0001")
    target, key = tmp_path / "old.backup", new_key(tmp_path)
    place.released("backup", "--to", target, "--key-file", key)
    assert "schema 0001" in other.released("restore", target, "--key-file", key)
    assert rows(other.database_url, "SELECT version_num FROM alembic_version") == [(schema.HEAD,)]
    assert len(other.agents()) == 1


def test_a_backup_of_a_newer_schema_is_refused(place: Place, other: Place, tmp_path: Path) -> None:
    rows(place.database_url, "UPDATE alembic_version SET version_num = '9999'")
    target, key = tmp_path / "new.backup", new_key(tmp_path)
    place.released("backup", "--to", target, "--key-file", key)
    assert "newer than this one" in other.released("restore", target, "--key-file", key)
    assert not other.home.exists()


def test_the_sandboxs_telephone_comes_back_too(place: Place, other: Place, tmp_path: Path) -> None:
    with sqlite3.connect(place.home / "sandbox.db") as database:
        database.execute("CREATE TABLE chat (text TEXT)")
        database.execute("INSERT INTO chat VALUES ('hola')")
    database.close()
    target, key = tmp_path / "telephone.backup", new_key(tmp_path)
    place.released("backup", "--to", target, "--key-file", key)
    assert "Restored" in other.released("restore", target, "--key-file", key)
    with sqlite3.connect(other.home / "sandbox.db") as database:
        assert database.execute("SELECT text FROM chat").fetchall() == [("hola",)]
    database.close()
    assert {path.name for path in place.home.glob("sandbox*")} == {"sandbox.db"}


def test_postgresql_goes_on_counting_where_it_was(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    cluster = request.getfixturevalue("postgres")
    with cluster.fresh() as one, cluster.fresh() as two:
        place, other = Place(tmp_path / "one", one).make(), Place(tmp_path / "two", two)
        rows(one, "SELECT setval('message_id_seq', 41)")  # rows that were deleted since
        target, key = tmp_path / "counted.backup", new_key(tmp_path)
        place.released("backup", "--to", target, "--key-file", key)
        assert "Restored" in other.released("restore", target, "--key-file", key)
        assert rows(two, "SELECT nextval('message_id_seq')") == [(42,)]
        assert contents(one) == contents(two)


def test_mistakes_are_told_and_no_instance_is_made(other: Place, place: Place, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("tooshort")
    (tmp_path / "note").write_text("this is no backup")
    key = new_key(tmp_path)
    for words, said in (
        (["backup"], "say what seals the backup"),
        (["backup", "--key-file", tmp_path / "none"], "cannot be read: No such file"),
        (["backup", "--key-file", tmp_path / "short"], "is not a backup's key file"),
        (["backup", "--passphrase-file", tmp_path / "short"], "fewer than 12 characters"),
        (["backup", "--passphrase-file", key, "--key-file", key], "not both"),
        (["restore", tmp_path / "note", "--key-file", key], "is not a backup of Released"),
        (["restore", tmp_path / "none", "--key-file", key], "cannot be read: No such file"),
    ):
        assert said in place.released(*words)
    assert "there is no instance in" in other.released("backup", "--key-file", key)
    assert not other.home.exists()


def test_a_complaint_is_one_line_and_never_a_traceback(place: Place, tmp_path: Path) -> None:
    done = released("restore", place.home / "released.db", "--key-file", new_key(tmp_path), **place.settings)
    assert done.returncode == 1
    assert done.stderr == "released: this is not a backup of Released\n"
