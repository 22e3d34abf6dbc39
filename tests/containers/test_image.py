"""The image: small, without secrets, and content with little."""

import json
from typing import Any

import pytest

from tests.containers.engine import IMAGE, run

pytestmark = pytest.mark.usefixtures("containers")
BASE = "python:3.12-slim"


def inspect(image: str) -> dict[str, Any]:
    [found] = json.loads(run("docker", "image", "inspect", image))
    return dict(found)


def test_the_image_adds_at_most_200_mib_to_its_base() -> None:
    assert inspect(IMAGE)["Size"] - inspect(BASE)["Size"] <= 200 * 2**20


def test_the_image_runs_as_nobody_in_particular_and_says_what_it_is() -> None:
    config = inspect(IMAGE)["Config"]
    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"] == ["CMD", "check-health"]
    assert config["Labels"]["org.opencontainers.image.title"] == "Released"
    assert config["Labels"]["org.opencontainers.image.version"]


def test_every_module_in_the_image_is_compiled() -> None:
    sources = run("docker", "run", "--rm", IMAGE, "find", "/app/src", "/app/sandbox", "-name", "*.py").split()
    compiled = run(
        "docker", "run", "--rm", IMAGE, "find", "/app/src", "/app/sandbox", "-name", "*.pyc"
    ).split()
    assert len(sources) == len(compiled) > 100


def test_nothing_in_the_image_can_be_changed_and_no_secret_came_with_it() -> None:
    wrong = (
        "-writable",
        "-not",
        "-type",
        "l",
        "-o",
        "-name",
        ".env*",
        "-o",
        "-name",
        "*.db",
        "-o",
        "-name",
        "*_key",
    )
    assert run("docker", "run", "--rm", IMAGE, "find", "/app", *wrong) == ""


def test_the_command_line_works_in_a_file_system_that_cannot_be_written() -> None:
    bare = ("--read-only", "--tmpfs", "/tmp", "--network", "none", "--cap-drop", "ALL")
    home = ("-e", "RELEASED_HOME=/tmp/released")
    made = run("docker", "run", "--rm", *bare, *home, IMAGE, "migrate")
    assert made.startswith("schema ") and "was empty" in made
