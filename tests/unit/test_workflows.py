"""What runs at GitHub keeps the promises of docs/delivery.md: pinned, no more rights than needed, secrets in one job."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / ".github/workflows"
NAMES = sorted(path.name for path in FOLDER.glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
SHELL = [
    *sorted(PROJECT.glob("scripts/*.sh")),
    *sorted(PROJECT.glob("deploy/release/*.sh")),
    PROJECT / ".ci/run",
]


def workflow(name: str) -> dict[str, Any]:
    # YAML 1.1, which PyYAML reads, takes the word `on` for a truth.
    found: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text())
    return {"on" if key is True else key: value for key, value in found.items()}


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in NAMES:
        for job, content in workflow(name)["jobs"].items():
            yield name, job, content


def steps(job: dict[str, Any], action: str) -> list[dict[str, Any]]:
    return [step for step in job.get("steps", []) if step.get("uses", "").startswith(f"{action}@")]


def tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: install what requirements-dev.txt names")
    return found


def test_there_are_five_workflows() -> None:
    assert NAMES == ["audit.yml", "deploy.yml", "image.yml", "release.yml", "test.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_allowed_that_a_job_does_not_ask_for(name: str) -> None:
    assert workflow(name)["permissions"] == {}
    assert all("permissions" in job for job in workflow(name)["jobs"].values())


def test_only_the_job_that_publishes_may_write() -> None:
    writing = {
        (name, job)
        for name, job, content in jobs()
        if any(right == "write" for right in content["permissions"].values())
    }
    assert writing == {("image.yml", "publish"), ("deploy.yml", "image"), ("release.yml", "release")}
    assert workflow("deploy.yml")["jobs"]["image"]["uses"] == "$/.github/workflows/image.yml"


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is(name: str) -> None:
    used = re.findall(r"^ +(?:- )?uses: (.+)$", (FOLDER / name).read_text(), flags=re.MULTILINE)
    assert used
    for one in used:
        assert one.startswith("$/.github/workflows/") or PINNED.fullmatch(one), one


def test_one_action_has_one_version() -> None:
    text = "\n".join((FOLDER / name).read_text() for name in NAMES)
    pins = {pin.split("@")[0]: set() for pin in PINNED.findall(text)}  # type: dict[str, set[str]]
    for pin in PINNED.findall(text):
        pins[pin.split("@")[0]].add(pin)
    assert [found for found in pins.values() if len(found) > 1] == []


def test_no_checkout_leaves_a_token_behind() -> None:
    checkouts = [step for _, _, job in jobs() for step in steps(job, "actions/checkout")]
    assert len(checkouts) >= 5
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_job_that_runs_ends_some_day() -> None:
    assert all("timeout-minutes" in job or "uses" in job for _, _, job in jobs())


def test_secrets_are_named_in_the_job_that_deploys_and_nowhere_else() -> None:
    named = {(name, job) for name, job, content in jobs() if re.search(r"(?<!\w)secrets\b", str(content))}
    assert named == {("deploy.yml", "deploy")}
    assert workflow("deploy.yml")["jobs"]["deploy"]["environment"] == "production"


def test_a_pull_request_starts_the_tests_and_nothing_else() -> None:
    assert set(workflow("test.yml")["on"]) == {"pull_request", "workflow_call"}
    assert set(workflow("image.yml")["on"]) == {"workflow_call"}
    assert workflow("deploy.yml")["on"] == {"push": {"branches": ["main"]}}
    assert workflow("image.yml")["jobs"]["publish"]["if"] == (
        "github.event_name == 'push' && github.ref == 'refs/heads/main'"
    )


def test_a_release_is_a_tag_of_main_that_was_tested_and_every_file_of_it_is_signed() -> None:
    assert workflow("release.yml")["on"] == {"push": {"tags": ["v*"]}}
    chain = workflow("release.yml")["jobs"]
    assert chain["test"]["uses"] == "$/.github/workflows/test.yml"
    assert chain["release"]["needs"] == "test"
    assert "merge-base --is-ancestor" in str(chain["release"]["steps"])
    signed = steps(chain["release"], "actions/attest")
    assert [step["with"]["subject-path"] for step in signed] == ["release/*", "release/released-*.tar.gz"]
    assert signed[1]["with"]["sbom-path"] == "release/released.cdx.json"
    assert all(step["if"] == "vars.ATTESTATION != 'none'" for step in signed)


def test_packages_are_audited_with_every_change_and_each_day() -> None:
    audit = workflow("audit.yml")
    assert audit["on"]["schedule"] == [{"cron": "17 5 * * *"}]
    assert workflow("test.yml")["jobs"]["audit"]["uses"] == "$/.github/workflows/audit.yml"
    assert "./scripts/audit.sh" in [step.get("run") for step in audit["jobs"]["packages"]["steps"]]


def test_an_audit_that_reaches_no_advisories_fails() -> None:
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", PROJECT / "scripts/audit.sh"],
        env=nowhere,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "no advisories can be had" in done.stderr


def test_main_is_tested_then_built_then_deployed() -> None:
    chain = workflow("deploy.yml")["jobs"]
    assert chain["test"]["uses"] == "$/.github/workflows/test.yml"
    assert (chain["image"]["needs"], chain["deploy"]["needs"]) == ("test", "image")
    assert (chain["deploy"]["if"], chain["nowhere"]["if"]) == (
        "vars.DEPLOY_HOST != ''",
        "vars.DEPLOY_HOST == ''",
    )


def test_the_suite_is_the_one_command_on_every_version_that_is_promised() -> None:
    suite = workflow("test.yml")["jobs"]["suite"]
    assert ".ci/run" in [step.get("run") for step in suite["steps"]]
    versions = suite["strategy"]["matrix"]["python"]
    least = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert versions[0] == least.removeprefix(">=")
    assert len(versions) == len(set(versions)) >= 3


def test_only_pull_requests_are_cancelled_by_what_follows() -> None:
    cancelled = workflow("test.yml")["concurrency"]["cancel-in-progress"]
    assert cancelled == "${{ github.event_name == 'pull_request' }}"
    deploying = workflow("deploy.yml")
    assert deploying["concurrency"]["cancel-in-progress"] is False
    assert deploying["jobs"]["deploy"]["concurrency"] == {"group": "production", "cancel-in-progress": False}


def test_the_job_with_the_key_uses_no_action_of_others() -> None:
    used = [step["uses"] for step in workflow("deploy.yml")["jobs"]["deploy"]["steps"] if "uses" in step]
    assert all(one.startswith("actions/") for one in used)


def test_the_image_takes_nothing_from_a_cache_that_other_jobs_may_write() -> None:
    [build] = steps(workflow("image.yml")["jobs"]["publish"], "docker/build-push-action")
    assert build["with"]["cache-from"].startswith("type=registry,")
    assert build["with"]["cache-to"].startswith("type=registry,")
    assert (build["with"]["provenance"], build["with"]["sbom"]) == ("mode=max", True)
    assert "type=gha" not in "".join((FOLDER / name).read_text() for name in NAMES)


def test_no_ssh_takes_a_host_on_trust() -> None:
    for path in SHELL:
        assert not re.search(r"StrictHostKeyChecking=(no|accept-new)|ssh-keyscan", path.read_text()), path
    assert "StrictHostKeyChecking=yes" in (PROJECT / "deploy/release/ask.sh").read_text()


def test_updates_come_grouped_weekly_and_a_week_late() -> None:
    updates = yaml.safe_load((PROJECT / ".github/dependabot.yml").read_text())["updates"]
    assert {"pip", "github-actions", "docker"} <= {one["package-ecosystem"] for one in updates}
    for one in updates:
        assert one["schedule"] == {"interval": "weekly"}
        assert one["cooldown"]["default-days"] >= 7
        assert [group["patterns"] for group in one["groups"].values()] == [["*"]]


def test_zizmor_finds_nothing() -> None:
    done = subprocess.run(
        [tool("zizmor"), "--offline", "--quiet", "--no-progress", "--color=never", PROJECT / ".github"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(path: Path) -> None:
    done = subprocess.run(
        [tool("shellcheck"), "-x", "-S", "warning", "-s", "bash", path],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
