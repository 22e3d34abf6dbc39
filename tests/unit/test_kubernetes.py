"""The Kubernetes manifests are what Kubernetes accepts, as confined as our containers, and agree with the code."""

import json
import re
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from src.api import conversations, ingest, ops
from src.cli.web import LINGER_SECONDS
from src.console import pages
from src.core.settings import Settings
from src.messages.dispatch import DRAIN_SECONDS
from tests.unit.manifests import (
    FILES,
    OURS,
    OVERLAYS,
    PROJECT,
    VERSIONS,
    check,
    in_files,
    of,
    pods,
    rendered,
    rendered_ones,
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_is_what_kubernetes_takes(path: Path, version: str) -> None:
    for manifest in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        check(manifest, version)


@rendered_ones
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_overlay_is_what_kubernetes_takes(overlay: str, version: str) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in rendered(overlay)]
    assert len(names) == len(set(names))
    for manifest in rendered(overlay):
        check(manifest, version)


def test_a_misspelt_field_and_a_wrong_type_are_noticed() -> None:
    web = of(in_files(), "Deployment", "web")
    for wrong in ({"replica": 1}, {"replicas": "one"}):
        with pytest.raises(kubernetes_validate.ValidationError):
            check(web | {"spec": web["spec"] | wrong}, VERSIONS[0])
    scaled = of(in_files(), "ScaledObject", "worker")
    with pytest.raises(Exception, match="pollingIntervall"):
        check(scaled | {"spec": scaled["spec"] | {"pollingIntervall": 5}}, VERSIONS[0])


def test_every_container_is_confined() -> None:
    for name, pod in pods(in_files()):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] == (10001 if name in OURS else 999), name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in spec["containers"]:
            confined = {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["securityContext"] == confined, name
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), name
            assert "memory" in container["resources"]["limits"], name
            assert name == "migrate" or "livenessProbe" in container, name


def test_nothing_secret_is_in_a_file_and_only_web_and_worker_know_metas_keys() -> None:
    manifests = in_files()
    assert "Secret" not in {one["kind"] for one in manifests}
    for name, pod in pods(manifests):
        given = json.dumps(pod)
        assert ("released-meta" in given) == (name in ("web", "worker")), name
        for variable in pod["spec"]["containers"][0].get("env", []):
            assert "value" not in variable or not re.search(
                "PASSWORD$|SECRET|TOKEN|KEY|URL", variable["name"]
            ), name
    page = (PROJECT / "docs/kubernetes.md").read_text(encoding="utf-8")
    for secret in set(re.findall(r"\"(?:name|secretName)\": \"(released-[a-z]+)\"", json.dumps(manifests))):
        assert secret == "released-tls" or f"secret generic {secret}" in page, secret


@rendered_ones
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_setting_that_is_given_exists(overlay: str) -> None:
    (given,) = [one["data"] for one in rendered(overlay) if one["kind"] == "ConfigMap"]
    assert {name.lower() for name in given} <= set(Settings.model_fields)
    Settings(_env_file=None, **{name.lower(): value for name, value in given.items()})


def test_nobody_is_killed_while_they_still_finish() -> None:
    deployments = dict(pods(in_files()))
    assert deployments["worker"]["spec"]["terminationGracePeriodSeconds"] >= DRAIN_SECONDS + 10
    source = (PROJECT / "src/cli/web.py").read_text(encoding="utf-8")
    graceful = int(re.findall(r"^_GRACE_SECONDS = (\d+)$", source, flags=re.MULTILINE)[0])
    web = deployments["web"]["spec"]
    pause = int(web["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert web["terminationGracePeriodSeconds"] >= pause + graceful + LINGER_SECONDS + 5


def test_the_probes_ask_where_the_processes_answer() -> None:
    ports = {"web": 8080, "worker": Settings.model_fields["metrics_port"].default}
    for name, port in ports.items():
        (container,) = dict(pods(in_files()))[name]["spec"]["containers"]
        (named,) = container["ports"]
        assert named["containerPort"] == port
        for probe, path in (("startup", "/health"), ("liveness", "/health"), ("readiness", "/ready")):
            assert container[f"{probe}Probe"]["httpGet"] == {"path": path, "port": named["name"]}
    start = (PROJECT / "deploy/image/start-role").read_text(encoding="utf-8")
    for name in OURS:
        (container,) = dict(pods(in_files()))[name]["spec"]["containers"]
        assert container["args"] == [name]
        assert re.search(rf"^  {name}\) exec", start, flags=re.MULTILINE)


@rendered_ones
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_selector_finds_pods(overlay: str) -> None:
    labels = [pod["metadata"]["labels"] for _, pod in pods(rendered(overlay))]
    chosen = [one["spec"].get("selector") for one in rendered(overlay) if one["kind"] == "Service"]
    chosen += [
        one["spec"]["podSelector"].get("matchLabels")
        for one in rendered(overlay)
        if one["kind"] == "NetworkPolicy"
    ]
    chosen += [
        one["spec"]["selector"]["matchLabels"]
        for one in rendered(overlay)
        if one["kind"] == "PodDisruptionBudget"
    ]
    for wanted in filter(None, chosen):
        assert any(wanted.items() <= found.items() for found in labels), wanted


def test_the_autoscalers_leave_connections_to_others() -> None:
    web = of(in_files(), "HorizontalPodAutoscaler", "web")["spec"]["maxReplicas"]
    workers = of(in_files(), "ScaledObject", "worker")["spec"]["maxReplicaCount"]
    page = (PROJECT / "docs/scaling.md").read_text(encoding="utf-8")
    wanted = re.findall(r"grows to (\d+) web and (\d+) workers and wants (\d+)\.", page)
    ((shown_web, shown_workers, connections),) = wanted
    assert (int(shown_web), int(shown_workers)) == (web, workers)
    pool = Settings.model_fields["database_pool_size"].default
    assert (web + workers) * pool + 15 <= int(connections)


@rendered_ones
def test_what_the_autoscalers_count_has_no_number_of_its_own() -> None:
    for name in ("web", "worker"):
        assert "replicas" not in of(rendered("scaled"), "Deployment", name)["spec"]
    (job,) = of(rendered("scaled"), "Job", "migrate")["spec"]["template"]["spec"]["containers"]
    assert job["env"] == [
        {
            "name": "DATABASE_URL",
            "valueFrom": {"secretKeyRef": {"name": "released-store", "key": "DIRECT_DATABASE_URL"}},
        }
    ]


@rendered_ones
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_not_allowed_is_forbidden(overlay: str) -> None:
    everything = of(rendered(overlay), "NetworkPolicy", "nothing")["spec"]
    assert everything == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ingress = of(rendered(overlay), "Ingress", "released")["spec"]
    assert ingress["tls"][0]["hosts"] == [rule["host"] for rule in ingress["rules"]]


def addresses(router: APIRouter) -> list[str]:
    """The paths that the router answers."""
    return [route.path for route in router.routes if isinstance(route, APIRoute)]


def test_the_ingress_lets_in_what_people_and_meta_need_and_no_figures() -> None:
    paths = of(in_files(), "Ingress", "released")["spec"]["rules"][0]["http"]["paths"]

    def lets_in(wanted: str) -> bool:
        return any(
            wanted == one["path"] or (one["pathType"] == "Prefix" and wanted.startswith(f"{one['path']}/"))
            for one in paths
        )

    api = FastAPI()
    for router in (ingest.router, conversations.router):
        api.include_router(router)
    for_all = {*api.openapi()["paths"], *addresses(pages.router)} - {"/docs"}
    assert len(for_all) > 10
    for path in (*for_all, "/webhook", "/health", "/static/page.css"):
        assert lets_in(path), path
    for path in (*addresses(ops.router), "/docs", "/openapi.json", "/sandbox/"):
        assert lets_in(path) == (path == "/health"), path


@rendered_ones
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_applied_first_has_all_that_the_migration_needs(overlay: str) -> None:
    page = (PROJECT / "docs/kubernetes.md").read_text(encoding="utf-8")
    (components,) = re.findall(r"-l 'app\.kubernetes\.io/component in \(([a-z, ]+)\)'", page)
    label = "app.kubernetes.io/component"
    first = [
        one
        for one in rendered(overlay)
        if one["metadata"].get("labels", {}).get(label) in components.split(", ")
    ]
    assert sorted(one["kind"] for one in first) == ["ConfigMap", "Job"]
    (settings,) = [one["metadata"]["name"] for one in first if one["kind"] == "ConfigMap"]
    (container,) = of(first, "Job", "migrate")["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"][0] == {"configMapRef": {"name": settings}}
