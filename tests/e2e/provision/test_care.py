"""Looking after a fleet: what runs is kept running, upgraded with care, backed up, and removed without a trace."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.provision.fleet import NUMBER, Fleet
from tests.world import eventually


def instance(fleet: Fleet, name: str) -> int | None:
    """The process of the client's instance."""
    found = [
        pid
        for pid, line in fleet.processes(name).items()
        if "/released up" in line and "supervise" not in line
    ]
    return found[0] if found else None


def table(fleet: Fleet) -> list[list[str]]:
    return [line.split() for line in fleet.care("list").splitlines()[1:]]


def test_the_list_tells_who_is_there_and_how(fleet: Fleet) -> None:
    assert table(fleet) == []
    fleet.add("bakery")
    port = fleet.env("bakery")["PORT"]
    [row] = table(fleet)
    assert row[:6] == ["bakery", NUMBER, "process", port, "-", "healthy"]
    fleet.care("stop", "bakery")
    fleet.care("stop", "bakery")
    assert table(fleet)[0][5:] == ["stopped", "-"]
    (fleet.folder / "gym").mkdir()
    assert table(fleet)[1][5] == "unfinished"
    fleet.care("start", "--all")
    assert "ejemplo" in fleet.asks("bakery", "¿qué es este bot?")


def test_an_instance_that_dies_is_started_again_and_one_without_supervisor_can_be_ended(fleet: Fleet) -> None:
    fleet.add("bakery")
    first, supervisor = instance(fleet, "bakery"), fleet.pid("bakery")
    assert first
    os.kill(first, signal.SIGKILL)
    eventually(lambda: instance(fleet, "bakery") not in (None, first))
    eventually(lambda: table(fleet)[0][5] == "healthy", 60)
    second = instance(fleet, "bakery")
    assert second
    os.kill(supervisor, signal.SIGKILL)
    fleet.care("stop", "bakery")
    assert second not in fleet.processes("bakery")
    assert table(fleet)[0][5] == "stopped"


def test_settings_that_were_changed_by_hand_hold_from_the_next_start(fleet: Fleet) -> None:
    fleet.add("bakery")
    before = fleet.pid("bakery")
    fleet.care("start", "bakery")
    assert fleet.pid("bakery") == before
    env = fleet.folder / "bakery/.env"
    env.write_text(env.read_text().replace(fleet.env("bakery")["API_KEY"], "rel_another-key-of-the-owner"))
    fleet.care("start", "bakery")
    assert fleet.pid("bakery") != before
    assert len(fleet.api("bakery", "/agent")["agents"]) == 1


def test_a_canary_that_does_not_work_keeps_the_others_as_they_were(fleet: Fleet) -> None:
    fleet.add("bakery")
    fleet.add("gym", number="+34600000148")
    before = fleet.pid("gym")
    env = fleet.folder / "bakery/.env"
    good = env.read_text()
    env.write_text(good + "BURST_WAIT_MS=soon\n")
    done = fleet.run("clients", "upgrade", "--all", "--canary")
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert "bakery does not work" in line
    assert "BURST_WAIT_MS" in line
    assert "left as they were: gym" in line
    assert fleet.pid("gym") == before
    env.write_text(good)
    said = fleet.care("upgrade", "--all", "--canary")
    assert [line.split()[0] for line in said.splitlines()] == ["bakery", "gym"]
    assert fleet.pid("gym") != before
    assert {row[5] for row in table(fleet)} == {"healthy"}


def test_a_removed_client_leaves_a_backup_from_which_it_can_be_made_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    faqs = tmp_path / "faqs.json"
    faqs.write_text(json.dumps([{"q": "¿Abren?", "a": "A las 9:30."}]), encoding="utf-8")
    fleet.add("bakery", "--faqs", str(faqs))
    assert fleet.run("clients", "remove", "bakery").returncode == 2  # nobody was asked
    fleet.care("remove", "bakery", "--yes")
    fleet.care("remove", "bakery", "--yes")
    assert [path.name for path in fleet.folder.iterdir()] == [".backups"]
    [backup] = (fleet.folder / ".backups").glob("bakery-*.backup")
    home = tmp_path / "again"
    done = subprocess.run(
        [shutil.which("released") or ".venv/bin/released", "restore", str(backup)],
        env={
            **os.environ,
            "RELEASED_HOME": str(home),
            "RELEASED_BACKUP_KEY_FILE": str(backup.with_name("key")),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (home / "released.db").exists()


def test_purged_nothing_stays(fleet: Fleet) -> None:
    fleet.add("bakery")
    fleet.care("remove", "bakery", "--yes", "--purge")
    assert list(fleet.folder.iterdir()) == []


@pytest.mark.parametrize(
    "words", [("stop", "nobody"), ("start",), ("upgrade", "a", "--all"), ("backup", "nobody")]
)
def test_who_is_not_there_is_told_in_one_line(fleet: Fleet, words: tuple[str, ...]) -> None:
    done = fleet.run("clients", *words)
    assert done.returncode in (1, 2)
    assert len(done.stderr.strip().splitlines()) == 1
