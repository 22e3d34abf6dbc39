"""What customers write, who they are, and every secret stand nowhere in the clear: not in PostgreSQL's files and its log
of writes, not in Redis, logs, metrics or backups."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from redis import Redis as Client

from benchmarks.turns import make_customers, settle
from tests.brokers import PASSWORD, Redis
from tests.e2e.full.conftest import Make
from tests.full_world import FullWorld
from tests.ports import free_port
from tests.world import API_KEY, SECRET, TOKEN, call

# For more: CANARIES=1000 pytest tests/e2e/full/test_full_canaries.py
CONVERSATIONS = int(os.environ.get("CANARIES", "12"))
FAQ_WORD, NOTE_WORD = "ornitorrinco", "quetzalcoatl"
OWNERS_NUMBER = "+34600000148"
NUMBERS_TOKEN = "EAAGcanary-of-the-second-number"


def word(customer: int) -> str:
    """What only this customer writes."""
    return f"zopilote{customer:05}"


def live(world: FullWorld) -> list[str]:
    """Customers ask, are answered, ask for people, who write notes; returns every word that may be nowhere."""
    make_customers(world, CONVERSATIONS)
    people = call("GET", f"{world.sandbox}/api/state")[1]["customers"]
    for customer in range(CONVERSATIONS):
        world.says(f"¿a qué hora abren? soy {word(customer)}", customer)
    for customer in range(CONVERSATIONS):
        world.answers(1, customer)
    for customer in range(0, CONVERSATIONS, 10):
        world.says(f"quiero hablar con una persona sobre {word(customer)}", customer)
        world.answers(2, customer)
    for waiting in world.conversations()[:5]:
        world.api("POST", f"/conversation/{waiting['id']}/note", {"text": f"llamar por el {NOTE_WORD}"})
    settle(world)
    words = [word(customer) for customer in range(CONVERSATIONS)]
    mine = set(world.customers)
    named = [
        str(one[key])
        for one in people
        if one["id"] in mine
        for key in ("wa_id", "user_id", "name")
        if one[key]
    ]
    return [FAQ_WORD, NOTE_WORD, SECRET, TOKEN, API_KEY, PASSWORD, NUMBERS_TOKEN, *words, *named]


def artefacts(
    world: FullWorld, database_url: str, broker: Redis, folder: Path
) -> Iterator[tuple[str, bytes]]:
    """Everything that is left of an instance, by its name."""
    with psycopg.connect(database_url, autocommit=True) as session:
        session.execute("CHECKPOINT")
        data = Path(str(session.execute("SHOW data_directory").fetchone()[0]))  # type: ignore[index]
        own = session.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert own is not None
        for path in [*(data / "base" / str(own[0])).iterdir(), *(data / "pg_wal").glob("0*")]:
            yield f"PostgreSQL's {path.parent.name}/{path.name}", path.read_bytes()
    with Client(port=broker.port, password=PASSWORD) as client:
        for key in client.scan_iter(count=1000):
            yield f"Redis's {key!r}", key + (client.dump(key) or b"")
    for service in [*world.webs, *world.workers]:
        yield service.log.name, service.log.read_bytes()
    for port in (world.web_ports[0], world.settings()["metrics_port"]):
        yield f"metrics of {port}", call("GET", f"http://127.0.0.1:{port}/metrics")[1].encode()
    for path in folder.iterdir():
        yield path.name, path.read_bytes()


def released(world: FullWorld, *words: str) -> None:
    done = world.run([sys.executable, "-m", "src", *words])
    assert done.returncode == 0, done.stderr


def test_no_text_name_number_or_secret_is_left_in_the_clear(
    make: Make, broker: Redis, tmp_path: Path
) -> None:
    folder, token = tmp_path / "kept", tmp_path / "token"
    folder.mkdir()
    token.write_text(NUMBERS_TOKEN)
    with make(broker.url, metrics_port=free_port()) as world:
        world.knows(f"¿Venden {FAQ_WORD}?", f"Sí, el {FAQ_WORD} cuesta 7 €.")
        released(world, "numbers", "add", OWNERS_NUMBER, "--id", "56", "--token-file", str(token))
        known = live(world)
        key = tmp_path / "backup.key"
        released(world, "backup", "--new-key", str(key))
        released(world, "backup", "--to", str(folder / "x.backup"), "--key-file", str(key))
        looked, shown = 0, 0
        for name, content in artefacts(world, str(world.settings()["database_url"]), broker, folder):
            looked += len(content)
            shown += content.count(OWNERS_NUMBER.encode())
            assert [one for one in known if one.encode() in content] == [], name
        print(f"{len(known):,} words in {looked / 1e6:,.0f} MB of {CONVERSATIONS} conversations: none")
    assert looked > 10_000_000
    assert shown, "what may stand in the clear is found"
