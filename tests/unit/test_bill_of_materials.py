"""What Released is made of is written down whole, each package with its version, hashes and licence."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "scripts/bill_of_materials.py"


def made(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False, timeout=120
    )


def test_every_package_that_runs_is_there_with_licence_and_hashes_and_none_of_developments(
    tmp_path: Path,
) -> None:
    assert made(tmp_path).returncode == 0
    written = (tmp_path / "released.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    components = {one["name"]: one for one in json.loads(written)["components"]}
    text = (PROJECT / "requirements.txt").read_text()
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+) \\$", text, flags=re.MULTILINE):
        assert components[name]["version"] == version
        assert components[name]["licenses"][0]["expression"]
        assert components[name]["externalReferences"][0]["hashes"]
    assert "pytest" not in components
    with (tmp_path / "licences.csv").open() as file:
        assert [row["package"] for row in csv.DictReader(file)] == list(components)


def test_the_graph_begins_with_released_and_reaches_every_package(tmp_path: Path) -> None:
    made(tmp_path)
    found = json.loads((tmp_path / "released.cdx.json").read_text())
    below = {one["ref"]: one["dependsOn"] for one in found["dependencies"]}
    reached, waiting = set(), ["released"]
    while waiting:
        if (ref := waiting.pop()) not in reached:
            reached.add(ref)
            waiting += below[ref]
    assert reached == {"released", *(one["bom-ref"] for one in found["components"])}


def test_the_same_lock_gives_the_same_bill(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    made(first)
    made(second)
    assert (first / "released.cdx.json").read_bytes() == (second / "released.cdx.json").read_bytes()


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ("Version: 0.0.1\nLicense-Expression: MIT", "0.0.1 is installed"),
        ("Version: {version}\nLicense-Expression: AGPL-3.0-only", "none that we take"),
        ("Version: {version}", "its licence is not said"),
    ],
)
def test_another_version_and_another_licence_are_refused(tmp_path: Path, metadata: str, said: str) -> None:
    text = (PROJECT / "requirements.txt").read_text()
    version = re.findall(r"^click==(\S+)", text, flags=re.MULTILINE)[0]
    planted = tmp_path / "planted/click-0.dist-info"
    planted.mkdir(parents=True)
    head = "Metadata-Version: 2.4\nName: click\n"
    (planted / "METADATA").write_text(head + metadata.format(version=version) + "\n")
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path / "out"],
        env={**os.environ, "PYTHONPATH": str(planted.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()
