"""Makes an instance again from a backup: only where none is, and all of it or nothing."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, func, inspect, select, text, update

from src.accounts.backup import beside, tables
from src.accounts.backup.archive import About, Part, Reader, Sum
from src.accounts.backup.errors import NoBackup, driver_errors, from_system, told_by_the_database
from src.accounts.backup.files import Placing, placing
from src.accounts.backup.keys import Key
from src.accounts.backup.take import CHECK, SEQUENCE_OF, Tell, numbered
from src.accounts.backup.vault import Opener
from src.core import processes, schema
from src.core.database import Database, now_ms
from src.core.instance import database_url, private_folder
from src.core.keyring import Keyring
from src.core.models import AgentStatus, agents, conversations, replies
from src.core.security import same
from src.core.settings import Settings
from src.core.states import Holder, ReplyState, move
from src.core.upkeep_tables import chores
from src.core.upkeep_tables import processes as process_table

HELD = "restored from a backup"  # why a person is needed
_DATA_KEYS_SINCE = "0008"
_MOVES = 1_000  # rows of one statement


@dataclass(frozen=True)
class Found:
    """A backup that was read to its end and is whole."""

    about: About
    parts: list[Sum]
    keys: dict[str, str]


@dataclass(frozen=True)
class Restored:
    """What a restore has done.

    `aside` are the files that were there before, under their new names; `forgotten` counts, by table, what nobody can
    read any more.
    """

    found: Found
    aside: list[Path]
    forgotten: dict[str, int]


@contextmanager
def _reader(path: Path, key: Key) -> Iterator[Reader]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise from_system(f"{path} cannot be read", error) from error
    with file:
        yield Reader(Opener(file, key))


def check(path: Path, key: Key) -> Found:
    """Reads the whole backup and changes nothing. Raises `NoBackup`, `Damaged`."""
    with _reader(path, key) as reader:
        keys = {}
        for part, data in reader.parts():
            if part.kind == "key":
                keys[part.name] = b"".join(data).decode()
        return Found(reader.about, reader.sums, keys)


def restore(path: Path, key: Key, settings: Settings, tell: Tell, keys_file: Path | None = None) -> Restored:
    """Checks the backup, then makes the instance that `settings` describe from it. `tell` hears of each table.

    `keys_file` has its data keys, where they do not lie beside it.

    Raises `NoBackup`, `Damaged`, `InvalidSettings`; then there is no instance, as before.
    """
    found = check(path, key)
    if found.about.revision > schema.HEAD:
        raise NoBackup(
            f"the backup was made by Released {found.about.version} (schema {found.about.revision}), "
            f"which is newer than this one (schema {schema.HEAD}): install that version first"
        )
    keyring = Keyring(_master_key(found, settings))
    rows = (
        beside.read(keys_file or beside.path_of(path)) if found.about.revision >= _DATA_KEYS_SINCE else None
    )
    home = private_folder(settings.released_home)
    with (
        closing(Database(database_url(settings), keyring)) as database,
        told_by_the_database("nothing was restored"),
    ):
        with database.read() as session:
            _refuse_used(session)
        schema.migrate(database)
        if found.about.revision != schema.HEAD:
            schema.migrate(database, found.about.revision)  # the tables as the backup knows them
        with placing(home) as place, _reader(path, key) as reader, database.transaction() as session:
            _load(session, reader, settings, place, tell)
            if rows is not None:
                beside.put(session, rows)
        schema.prepare(database)
        with database.read() as session:
            return Restored(found, place.aside, beside.forgotten(session))


def _master_key(found: Found, settings: Settings) -> str:
    """The key with which the backup's rows are sealed. Raises `NoBackup` when the instance is to have another."""
    in_home = settings.released_home / "secret_key"
    kept = settings.secret_key
    if kept is None and "secret_key" not in found.keys and in_home.exists():
        kept = in_home.read_text(encoding="ascii").strip()
    secret = kept or found.keys.get("secret_key")
    if secret is None:
        raise NoBackup("the backup was made without keys: set SECRET_KEY to the master key of the instance")
    if not same(Keyring(secret).token(CHECK), found.about.key_check):
        where = "SECRET_KEY" if settings.secret_key else str(in_home)
        raise NoBackup(
            f"{where} is another key than the instance of the backup had: give this one the same key"
        )
    return secret


def _refuse_used(session: Connection) -> None:
    """Raises `NoBackup` unless the database is there for this alone."""
    names = inspect(session).get_table_names()
    if "alembic_version" not in names:
        if names:
            raise NoBackup(
                f"the database holds tables that are not Released's ({names[0]}): give it one of its own"
            )
        return
    if process_table.name in names and (alive := processes.alive(session)):
        raise NoBackup(
            f"a process of the instance lives ({alive[0].kind} on {alive[0].host}): stop all of them first"
        )
    for table in tables.tables(session):
        if (
            table.name != chores.name
            and session.execute(select(text("1")).select_from(table).limit(1)).first()
        ):
            raise NoBackup(
                f"there is an instance already (rows in {table.name}): a backup is restored into an empty one; "
                "name another RELEASED_HOME, or another DATABASE_URL"
            )


def _load(session: Connection, reader: Reader, settings: Settings, place: Placing, tell: Tell) -> None:
    here = {table.name: table for table in tables.tables(session)}
    _lock(session, list(here.values()))
    _refuse_used(session)
    if chores.name in here:
        session.execute(here[chores.name].delete())
    for part, data in reader.parts():
        if part.kind == "table":
            tell(f"{part.name}: {_load_table(session, here, part, data):,} rows")
        elif _is_wanted(part, settings):
            place.put(part.name, data)
    if session.dialect.name == "postgresql":
        _set_sequences(session, list(here.values()), reader.sequences)
    if reader.about.in_use:
        _hold_what_was_under_way(session)


def _lock(session: Connection, every: list[Table]) -> None:
    if session.dialect.name == "sqlite":
        return  # the transaction is the one writer
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        session.execute(text(f"SET LOCAL {name} = 0"))
    session.execute(text(f"LOCK TABLE {', '.join(table.name for table in every)} IN EXCLUSIVE MODE"))


def _load_table(session: Connection, here: dict[str, Table], part: Part, data: Iterator[bytes]) -> int:
    names = [name for name, _ in part.columns]
    table = here.get(part.name)
    if table is None or not set(names) <= set(table.columns.keys()):
        raise NoBackup(
            f"the database has no place for the backup's table {part.name}: was it changed by hand?"
        )
    with driver_errors(session):
        return tables.write(session, table, names, [kind for _, kind in part.columns], data)


def _is_wanted(part: Part, settings: Settings) -> bool:
    """What the settings give, no file has to; the sandbox's WhatsApp is for a sandbox."""
    if part.kind == "file":
        return settings.sandbox_mode
    return getattr(settings, part.name) is None


def _set_sequences(session: Connection, every: list[Table], last: dict[str, int]) -> None:
    """New ids begin after the highest that was ever given out."""
    for table in every:
        for column in numbered(session, table):
            sequence = session.execute(
                SEQUENCE_OF, {"table": f'"{table.name}"', "column": column}
            ).scalar_one()
            highest = session.execute(select(func.max(table.c[column]))).scalar() or 0
            highest = max(highest, last.get(f"{table.name}.{column}", 0))
            if highest:
                session.execute(
                    text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": highest}
                )


def _hold_what_was_under_way(session: Connection) -> None:
    """The instance went on after the snapshot: what was queued has probably been sent, what was due answered.

    So nothing of it is done again: a queued reply counts as one whose sender died, and becomes uncertain with the
    first sweep; a conversation that was due waits for a person.
    """
    c, r = conversations.c, replies.c
    queued = list(session.execute(select(r.id).where(r.state == ReplyState.QUEUED)).scalars())
    for at in range(0, len(queued), _MOVES):
        some = queued[at : at + _MOVES]
        move(session, replies, some, ReplyState.QUEUED, ReplyState.SENDING, lease_until=0)
    answered = select(agents.c.phone_number_id).where(agents.c.status == AgentStatus.LIVE)
    due = (c.due_at.is_not(None), c.holder == Holder.BOT, c.phone_number_id.in_(answered))
    session.execute(
        update(conversations).where(*due).values(holder=Holder.WAITING, reason=HELD, held_at=now_ms())
    )
