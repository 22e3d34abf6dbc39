"""Behind a pooler that gives a connection to whoever begins a transaction, customers are answered all the same."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from src.core.database import normalise_url
from tests.ports import free_port
from tests.servers import PostgreSQL, as_nobody
from tests.world import World, eventually

_OFTEN = 8  # more often than psycopg runs a statement before it prepares it
_SERVERS = 3  # connections to PostgreSQL, fewer than threads that ask for one
_CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {servers}
unix_socket_dir =
"""


@pytest.fixture
def pooled_url(postgres: PostgreSQL) -> Iterator[str]:
    """The URL of a fresh database, by way of a PgBouncer."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    assert Path(program).exists(), "PgBouncer is not installed: run  sudo apt-get install pgbouncer"
    with (
        postgres.fresh() as direct,
        tempfile.TemporaryDirectory(prefix="released-pooler-", dir="/tmp") as name,
    ):
        folder, port, url = Path(name), free_port(), normalise_url(direct)
        folder.chmod(0o755)
        (folder / "users").write_text('"postgres" ""\n')
        settings = {"server": url.port, "port": port, "folder": folder, "servers": _SERVERS}
        (folder / "pgbouncer.ini").write_text(_CONFIGURATION.format(**settings))
        pooler = subprocess.Popen([program, "-q", folder / "pgbouncer.ini"], cwd=folder, **as_nobody())
        try:
            pooled = f"postgresql://postgres@127.0.0.1:{port}/{url.database}"
            eventually(lambda: pooler.poll() is None and _answers(pooled))
            yield pooled
        finally:
            pooler.terminate()
            pooler.wait(30)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def test_customers_are_answered_through_a_pooler(tmp_path: Path, pooled_url: str) -> None:
    with World(tmp_path, pooled_url, database_pooler=True) as world:
        world.knows("¿A qué hora abrís?", "De 9 a 18.")

        def chat(customer: int) -> list[str]:
            for turn in range(_OFTEN):
                world.says("¿A qué hora abrís?", customer)
                world.answers(turn + 1, customer)
            return world.phone(customer)

        customers = range(len(world.customers))
        with ThreadPoolExecutor(len(customers)) as pool:
            assert list(pool.map(chat, customers)) == [["De 9 a 18."] * _OFTEN for _ in customers]
        figures = world.api("GET", "/metrics")[1]
        assert 'released_turn_ends_total{outcome="failed"} 0.0' in figures
