"""The Kubernetes manifests as they are written and as they are built, and what Kubernetes takes."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from jsonschema import Draft202012Validator

PROJECT = Path(__file__).resolve().parents[2]
MANIFESTS = PROJECT / "deploy/kubernetes"
CRDS = json.loads((Path(__file__).parent / "kubernetes_crds.json").read_text(encoding="utf-8"))
VERSIONS = ("1.30", "1.36")  # the oldest and the newest that we promise
OVERLAYS = ("single", "scaled")
OURS = ("web", "worker", "beat", "migrate")
Json = dict[str, Any]

PATCHES = {"counted.yaml", "direct.yaml"}
FILES = [
    path
    for path in sorted(MANIFESTS.rglob("*.yaml"))
    if path.name != "kustomization.yaml" and path.name not in PATCHES
]


def _builder() -> list[str] | None:
    """The command that builds an overlay; None where there is none, or one from before kustomize 5."""
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    if not shutil.which("kubectl"):
        return None
    asked = ["kubectl", "version", "--client", "--output=json"]
    told = json.loads(subprocess.run(asked, capture_output=True, check=True, timeout=60).stdout)
    minor = int(told["clientVersion"]["minor"].rstrip("+"))
    return ["kubectl", "kustomize"] if minor >= 27 else None


BUILDER = _builder()
rendered_ones = pytest.mark.skipif(
    BUILDER is None, reason="needs kustomize 5 or kubectl 1.27 to build the overlays"
)


@cache
def rendered(overlay: str) -> tuple[Json, ...]:
    """What `kubectl apply -k` would send."""
    assert BUILDER is not None
    built = subprocess.run(
        [*BUILDER, str(MANIFESTS / "overlays" / overlay)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert built.returncode == 0, built.stderr
    return tuple(yaml.safe_load_all(built.stdout))


def in_files() -> list[Json]:
    """Every manifest as it is written."""
    return [one for path in FILES for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def check(manifest: Json, version: str) -> None:
    """Raises for what that version of Kubernetes, or one of the additions that we use, would not take."""
    kind = f"{manifest['apiVersion']}/{manifest['kind']}"
    if kind in CRDS:
        Draft202012Validator(CRDS[kind]).validate(manifest)
    else:
        kubernetes_validate.validate(manifest, version, strict=True)


def pods(manifests: tuple[Json, ...] | list[Json]) -> Iterator[tuple[str, Json]]:
    """Name and pod of everything that runs."""
    for manifest in manifests:
        if "template" in manifest.get("spec", {}):
            yield manifest["metadata"]["name"], manifest["spec"]["template"]


def of(manifests: tuple[Json, ...] | list[Json], kind: str, name: str) -> Json:
    """The one of that kind and name."""
    (found,) = [one for one in manifests if one["kind"] == kind and one["metadata"]["name"] == name]
    return found
