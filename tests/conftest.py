"""Which tests run, and what every test may ask for: a database of each kind, fresh and migrated."""

import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copyfile
from typing import Any

import coverage
import hypothesis
import pytest

from src.core import schema
from src.core.database import Database
from src.core.keyring import Keyring
from tests import launch
from tests.servers import PostgreSQL, postgresql

KINDS = ["sqlite", "postgresql"]
QUICK = {
    "unit",
    "api",
    "messages",
}  # folders of tests that a quick run has; whoever changes other parts runs theirs

LONG = (
    "provision",
    "full",
    "crash",
    "e2e",
    "cli",
    "integration",
)  # folders, those with the longest tests first

# Folders and files whose tests go again and again through what the others measure: without coverage they take half
# the time.
UNMEASURED = (
    *(
        f"e2e/{name}"
        for name in ("crash", "delivery", "full/test_scale", "readme", "reports", "start", "telephone")
    ),
    *("unit/evals", "integration/keys/test_described.py", "integration/keys/test_every_route.py"),
    *("integration/messages/test_retention.py", "integration/tokens/test_rotation.py::test_in_a_year"),
    *("unit/messages/test_chosen_faqs.py", "unit/messages/test_grounding_properties.py"),
)

# On a machine with other work nothing may fail for taking long, and a run finds what the one before found.
hypothesis.settings.register_profile(
    "ours", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("ours")


if sys.version_info < (
    3,
    12,
):  # under coverage, a thread dies that begins while another installs its trace function
    _settrace = sys.settrace  # https://github.com/python/cpython/issues/98257

    def _again(function: Any) -> None:
        try:
            _settrace(function)
        except RuntimeError:
            _settrace(function)

    sys.settrace = _again


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """RUN_TESTS_FAST=1 runs what is quick, on SQLite. What is not about SQL runs on one database, unless DATABASES=both."""
    fast, both = os.environ.get("RUN_TESTS_FAST") == "1", os.environ.get("DATABASES") == "both"
    left = [one for one in items if (fast and _takes_long(one)) or (not both and _is_for_the_other(one))]
    config.hook.pytest_deselected(items=left)
    items[:] = _long_first([one for one in items if one not in set(left)])


def _long_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """The files with long tests first in the share of each process, lest one of these goes on while the others idle.

    A process begins with an even share of the list, in its order, and takes from the ends of others' when it is done.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    ordered = sorted(
        files, key=lambda path: next((k for k, name in enumerate(LONG) if name in path.parts), len(LONG))
    )
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return [item for share in range(processes) for path in ordered[share::processes] for item in files[path]]


def _takes_long(item: pytest.Item) -> bool:
    folders = set(item.path.parts)
    if "containers" in folders:  # they are asked for by name
        return False
    return item.get_closest_marker("slow") is not None or not folders & QUICK or "[postgresql" in item.nodeid


def _is_for_the_other(item: pytest.Item) -> bool:
    """Is the test, with this kind of database, left to the other kind? Of all that may be, about half are, always the same."""
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("database_url") if callspec else None
    if kind is None or item.get_closest_marker("both_databases") or os.environ.get("RUN_TESTS_FAST") == "1":
        return False
    return str(kind) != KINDS[zlib.crc32(item.nodeid.replace(kind, "", 1).encode()) % 2]


@pytest.fixture(scope="session", autouse=True)
def quick_starts() -> Iterator[None]:
    """Processes of ours are forked off one that has imported everything."""
    with launch.nursery():
        yield


@pytest.fixture(autouse=True)
def at_full_speed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is `UNMEASURED` runs without coverage, and so do its processes; so does what SQLite has measured."""
    measured = coverage.Coverage.current()
    here = request.node.nodeid.removeprefix("tests/")
    if measured is None or not (here.startswith(UNMEASURED) or "[postgresql" in here):
        yield
        return
    for name in [one for one in os.environ if one.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)
    measured.stop()
    yield
    measured.start()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A PostgreSQL of this test run's own."""
    with postgresql() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "released.db"
    with closing(Database(f"sqlite:///{path}", Keyring("k" * 32))) as database:
        schema.migrate(database)
    return path


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database, of each kind where the test is marked `both_databases`."""
    yield from url_of(request, tmp_path)


def url_of(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a fresh database of the kind that the fixture's parameter names; SQLite's file in `folder`."""
    if request.param == "sqlite":
        copyfile(request.getfixturevalue("sqlite_template"), folder / "released.db")
        yield f"sqlite:///{folder}/released.db"
        return
    cluster: PostgreSQL = request.getfixturevalue("postgres")
    with cluster.fresh() as url:
        yield url
