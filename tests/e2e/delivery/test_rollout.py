"""A deploy brings the new version without a moment in which nobody takes webhooks, or leaves the one before."""

import pytest

from tests.e2e.delivery.host import IMAGE, SECRET, Host, digest
from tests.world import eventually

WITH_CHILDREN = (
    "run --rm",
    "--no-recreate --scale web=2",
    "rm id",
    "worker beat",
)
ALONE = ("worker beat",)


def assert_clean(host: Host, number: int) -> None:
    """One version everywhere, webhooks taken all the time, and `.env` names what runs."""
    assert host.everywhere(number), host.world["containers"]
    assert host.world["gaps"] == 0
    kept = (host.project / ".env").read_text().splitlines()
    assert kept[-1] == f"RELEASED_IMAGE={IMAGE}@{digest(number)}"
    assert SECRET in kept
    assert len(kept) == 3
    assert (host.project / ".env").stat().st_mode & 0o777 == 0o600


def test_a_first_deploy_starts_everything(bare: Host) -> None:
    code, said = bare.deploy(1)
    assert code == 0, said
    assert_clean(bare, 1)
    for service in ("db", "redis", "caddy"):
        assert len(bare.runs(service)) == 1


@pytest.mark.parametrize("compose", ["docker compose", "docker-compose"])
def test_a_deploy_brings_the_schema_then_web_then_the_others(host: Host, compose: str) -> None:
    if compose == "docker-compose":
        (host.docker / "no-plugin").touch()
    began = len(host.commands())
    code, said = host.deploy(2)
    assert code == 0, said
    assert_clean(host, 2)
    assert said.splitlines()[-1] == f"{digest(2)} runs."
    marks = (f"pull -q {IMAGE}@{digest(2)}", " migrate", " web", "stop -t", " worker beat", " sandbox")
    asked = [line for line in host.commands()[began:] if not line.startswith("ps ")]
    at = [next(place for place, line in enumerate(asked) if mark in line) for mark in marks]
    assert at == sorted(at)
    assert host.results() == ["ok", "begun", "ok"]


def test_the_same_once_more_changes_nothing(host: Host) -> None:
    before = host.world["containers"]
    code, said = host.deploy(1)
    assert code == 0, said
    assert host.world["containers"] == before


def test_a_version_that_never_works_is_rolled_back(host: Host) -> None:
    host.publishes(2, broken=("worker",))
    code, said = host.deploy(2)
    assert code == 1
    assert said.splitlines()[-1] == (
        f"release: the new worker did not work within 2 s; back at {IMAGE}@{digest(1)}"
    )
    assert_clean(host, 1)
    assert host.results()[-1].startswith(f"failed, back at {digest(1)}: the new worker")


@pytest.mark.parametrize("service", ["web", "beat"])
def test_a_version_that_ends_again_and_again_is_rolled_back_without_waiting(host: Host, service: str) -> None:
    host.publishes(2, broken=(service,))
    host.broken_ones_end_at_once()
    code, said = host.deploy(2)
    assert code == 1
    assert f"the new {service} does not work: it ends again and again; back at" in said
    assert_clean(host, 1)


def test_a_migration_that_fails_leaves_every_container_as_it_was(host: Host) -> None:
    before = host.world["containers"]
    host.publishes(2, migrates=False)
    code, said = host.deploy(2)
    assert code == 1
    assert "migrate failed: ERROR: relation reply is locked; back at" in said
    assert host.world["containers"] == before
    assert_clean(host, 1)


def test_the_way_back_leaves_the_schema(host: Host) -> None:
    host.publishes(2, broken=("worker",))
    host.broken_ones_end_at_once()
    host.deploy(2)
    assert host.world["migrated"] == [digest(1), digest(2)]


def test_a_version_behind_whose_proxy_no_worker_answers_is_not_taken_for_good(host: Host) -> None:
    (host.docker / "no-workers").touch()
    code, said = host.deploy(2)
    assert code == 2
    assert "and the way back to" in said
    assert "none: start them" in said


def test_an_image_that_cannot_be_pulled_changes_nothing(host: Host) -> None:
    before, env = host.world, (host.project / ".env").read_text()
    code, said = host.deploy(99)
    assert code == 1
    assert said.splitlines()[-1].endswith("manifest unknown; nothing was changed")
    assert host.world == before
    assert (host.project / ".env").read_text() == env


@pytest.mark.parametrize(
    ("step", "everything"), [*((step, True) for step in WITH_CHILDREN), *((step, False) for step in ALONE)]
)
def test_what_kill_9_leaves_the_next_deploy_puts_in_order(host: Host, step: str, everything: bool) -> None:
    host.stalls_at(step)
    asking = host.begin(f"deploy {digest(2)}")
    host.kill(everything)
    host.goes_on()
    asking.communicate(timeout=60)
    code, said = host.deploy(3)
    assert code == 0, said
    assert_clean(host, 3)
    assert "cut off" in said


def test_what_kill_9_leaves_a_broken_version_does_not_become_the_one_to_go_back_to(host: Host) -> None:
    host.publishes(2, broken=("worker",))
    host.broken_ones_end_at_once()
    host.stalls_at("worker beat")
    asking = host.begin(f"deploy {digest(2)}")
    host.kill(everything=True)
    host.goes_on()
    asking.communicate(timeout=60)
    assert "cut off" in host.ask("status")[1]
    code, said = host.deploy(2)
    assert code == 1
    assert f"back at {IMAGE}@{digest(1)}" in said
    assert_clean(host, 1)


def test_a_deploy_whose_pipeline_is_gone_goes_on_to_its_end(host: Host) -> None:
    host.stalls_at("--scale web=2")
    asking = host.begin(f"deploy {digest(2)}")
    host.stalled()
    host.lose_connection(asking)
    host.goes_on()
    eventually(lambda: host.results()[-1] == "ok" and len(host.results()) == 3)
    assert_clean(host, 2)


def test_of_two_deploys_at_once_the_second_waits(host: Host) -> None:
    host.stalls_at("--scale web=2")
    first = host.begin(f"deploy {digest(2)}")
    host.stalled()
    second = host.begin(f"deploy {digest(3)}")
    assert second.stdout is not None
    assert second.stdout.readline().startswith("Another deploy is under way")
    host.goes_on()
    assert second.communicate(timeout=60)[0].splitlines()[-1] == f"{digest(3)} runs."
    first.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert_clean(host, 3)


def test_a_deploy_that_would_wait_too_long_is_refused_and_the_first_is_not_disturbed(host: Host) -> None:
    host.waits_for_another(2)
    host.stalls_at("--scale web=2")
    first = host.begin(f"deploy {digest(2)}")
    host.stalled()
    code, said = host.deploy(3)
    assert code == 75
    assert "another deploy is still under way" in said
    host.goes_on()
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert_clean(host, 2)


def test_rollback_goes_back_deploy_by_deploy_without_touching_the_schema(host: Host) -> None:
    host.has_deployed(1, 2, 3)
    migrated = host.world["migrated"]
    for number in (2, 1):
        code, said = host.ask("rollback")
        assert code == 0, said
        assert_clean(host, number)
    code, said = host.ask("rollback")
    assert code == 1
    assert "nothing to go back to" in said
    assert host.world["migrated"] == migrated
    assert_clean(host, 1)


def test_the_last_three_images_stay_and_what_failed_goes(host: Host) -> None:
    host.has_deployed(1, 2, 3)
    host.publishes(4, broken=("web",))
    host.broken_ones_end_at_once()
    assert host.deploy(4)[0] == 1
    assert host.deploy(5)[0] == 0
    assert host.world["pulled"] == [digest(number) for number in (2, 3, 5)]


def test_status_tells_what_runs_what_was_before_and_what_became_of_each(host: Host) -> None:
    host.has_deployed(1, 2)
    code, said = host.ask("status")
    assert code == 0
    assert f"current  {IMAGE}@{digest(2)}" in said
    assert f"before   {digest(1)}" in said
    assert said.splitlines()[-1].split("\t")[1:] == ["deploy", digest(2), "ok"]
    assert "cut off" not in said
