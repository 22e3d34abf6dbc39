"""A folder of another user's: the doctor says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launch import PROJECT

# What is imported before: a user without rights may not even read this project.
AS_NOBODY = """
import os, src.cli, src.cli.doctor, src.cli.checks.broker
if os.getuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
src.cli.main()
"""


@pytest.mark.parametrize("inner", ["", "instance"])
def test_a_home_that_may_not_be_seen_is_a_finding(tmp_path: Path, inner: str) -> None:
    locked = tmp_path / "locked"
    (locked / "instance").mkdir(parents=True)
    locked.chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "RELEASED_HOME": str(locked / inner)}
    try:
        ended = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, "doctor"],
            cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        locked.chmod(0o700)
    assert (ended.returncode, ended.stderr) == (2, "")
    assert "run as the user who owns it" in ended.stdout
    assert "the check itself failed" not in ended.stdout
