"""Writes what Released is made of: a bill of materials (CycloneDX 1.6) and a list of licences, of what is installed.

`bill_of_materials.py FOLDER`; fails where a locked package is not installed as locked, or its licence is not one of ours.
"""

import csv
import json
import re
import sys
import tomllib
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]

# Licences under which a package may come along: none of them asks anything of our own code while the package
# stays a package of its own, as it does in .venv and in the image.
TAKEN = frozenset(
    [
        "MIT",
        "MIT-0",
        "0BSD",
        "ISC",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "Apache-2.0",
        "PSF-2.0",
        "MPL-2.0",
        "LGPL-3.0-only",
    ]
)
_CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_LINE = re.compile(r"^(?P<what>\S+==\S+(?: ; .*?)?) \\$", re.MULTILINE)


class Unfit(Exception):
    """What is installed is not what is locked, or not ours to take."""


def locked() -> dict[str, tuple[str, list[str]]]:
    """Version and SHA-256s of each package of requirements.txt that this platform takes, by name."""
    text = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    found: dict[str, tuple[str, list[str]]] = {}
    for part in re.split(r"(?m)^(?=\S+==)", text)[1:]:
        first = _LINE.match(part)
        if first is None:
            raise Unfit(f"requirements.txt: a line cannot be read: {part[:60]!r}")
        wanted = Requirement(first["what"])
        if wanted.marker is None or wanted.marker.evaluate():
            version = next(iter(wanted.specifier)).version
            found[canonicalize_name(wanted.name)] = (version, re.findall(r"sha256:([0-9a-f]{64})", part))
    return found


def licence(name: str) -> str:
    """The licence as an SPDX expression. Raises `Unfit` when it is not said, or is none that we take."""
    about = metadata.metadata(name)
    named = [
        one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or [] if one.startswith("License ::")
    ]
    by_class = " OR ".join(_CLASSIFIERS.get(one, one) for one in named if one != "OSI Approved")
    for said in (*(about.get_all("License-Expression") or []), *(about.get_all("License") or []), by_class):
        if said and set(re.findall(r"[\w.+-]+", said)) - {"AND", "OR", "WITH"} <= TAKEN:
            return str(said)
    raise Unfit(f"{name}: its licence is {by_class or 'not said'}, which is none that we take")


def needs(name: str, extras: set[str], among: set[str]) -> list[str]:
    """The packages that `name` needs, of those that are locked."""
    wanted = [Requirement(one) for one in metadata.requires(name) or []]
    found = {
        str(canonicalize_name(one.name))
        for one in wanted
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in {"", *extras})
    }
    return sorted(found & among)


def purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def bill() -> dict[str, Any]:
    """The bill of materials, the same for the same locked file."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = locked()
    components, graph = [], []
    direct = [Requirement(one) for one in project["dependencies"]]
    extras = {extra for one in direct for extra in one.extras}
    for name, (version, hashes) in sorted(packages.items()):
        if (found := metadata.version(name)) != version:
            raise Unfit(f"{name}: {found} is installed and {version} is locked: run scripts/start.sh")
        ref = purl(name, version)
        files = [{"alg": "SHA-256", "content": one} for one in hashes]
        components.append(
            {
                "type": "library",
                "bom-ref": ref,
                "name": name,
                "version": version,
                "licenses": [{"expression": licence(name)}],
                "purl": ref,
                "externalReferences": [{"type": "distribution", "url": ref, "hashes": files}],
            }
        )
        below = needs(name, extras, set(packages))
        graph.append({"ref": ref, "dependsOn": [purl(one, packages[one][0]) for one in below]})
    top = {str(canonicalize_name(one.name)) for one in direct} & set(packages)
    graph.insert(0, {"ref": "released", "dependsOn": [purl(one, packages[one][0]) for one in sorted(top)]})
    about = {"type": "application", "bom-ref": "released", "name": "released", "version": project["version"]}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": about},
        "components": components,
        "dependencies": graph,
    }


def main() -> None:
    """Writes `released.cdx.json` and `licences.csv` into the folder that the command line names."""
    if len(sys.argv) != 2:
        sys.exit("usage: bill_of_materials.py FOLDER")
    folder = Path(sys.argv[1])
    try:
        found = bill()
    except (Unfit, metadata.PackageNotFoundError) as error:
        sys.exit(f"bill_of_materials: {error}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "released.cdx.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    with (folder / "licences.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["package", "version", "licence"])
        table.writerows(
            [one["name"], one["version"], one["licenses"][0]["expression"]] for one in found["components"]
        )
    print(f"{len(found['components'])} packages: {folder}/released.cdx.json, {folder}/licences.csv")


if __name__ == "__main__":
    main()
