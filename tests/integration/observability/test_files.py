"""The files for Prometheus and Grafana: whole, in order, and nothing in them that the code does not tell."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.observability.prometheus import DEPLOY, PROJECT, RULES, program, rules

GRAFANA = PROJECT / "deploy" / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
KINDS = {"timeseries", "stat", "bargauge", "table"}
UNITS = {"s", "short", "ops", "reqps", "percentunit", "bytes"}
BOARD = {
    "uid": str, "title": str, "description": str, "tags": list, "schemaVersion": int, "version": int,
    "editable": bool, "graphTooltip": int, "timezone": str, "refresh": str, "time": dict, "annotations": dict,
    "links": list, "templating": dict, "panels": list,
}  # fmt: skip
PANEL = {
    "id": int, "type": str, "title": str, "description": str, "datasource": dict, "gridPos": dict,
    "fieldConfig": dict, "options": dict, "targets": list,
}  # fmt: skip
ROW = {"id": int, "type": str, "title": str, "collapsed": bool, "gridPos": dict, "panels": list}
TARGET = {
    "refId": str, "datasource": dict, "expr": str, "legendFormat": str, "instant": bool, "range": bool
}  # fmt: skip


def board(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def check(node: dict[str, Any], shape: dict[str, type], *optional: str) -> None:
    """Exactly the fields of the shape, each of its type."""
    assert set(node) - set(optional) == set(shape), node.get("title")
    for name, kind in shape.items():
        assert type(node[name]) is kind, (node.get("title"), name)


def metrics() -> set[str]:
    """The names of all metrics of ours, as a scrape shows them."""
    sources = [*(PROJECT / "src").rglob("*.py"), *(PROJECT / "celery_worker").glob("*.py")]
    return {
        name
        for path in sources
        for name in re.findall(r'"(released_[a-z_]+)"', path.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_has_the_shape_that_grafana_reads(path: Path) -> None:
    found = board(path)
    check(found, BOARD)
    assert found["uid"] == path.stem
    assert [one["name"] for one in found["templating"]["list"]] == ["datasource"]
    ids = [panel["id"] for panel in found["panels"]]
    assert len(ids) == len(set(ids))
    for panel in found["panels"]:
        if panel["type"] == "row":
            check(panel, ROW)
            continue
        check(panel, PANEL, "transformations")
        assert panel["type"] in KINDS
        assert panel["datasource"] == DATASOURCE
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["description"].endswith("."), panel["title"]
        assert [target["refId"] for target in panel["targets"]] == list("ABCDE"[: len(panel["targets"])])
        for target in panel["targets"]:
            check(target, TARGET, "format")
            assert target["datasource"] == DATASOURCE
            assert target["instant"] is not target["range"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_lie_side_by_side_and_never_over_each_other(path: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board(path)["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_two_dashboards_have_different_names_and_every_panel_its_own_title() -> None:
    boards = [board(path) for path in DASHBOARDS]
    assert len(boards) == len({one["uid"] for one in boards}) == len({one["title"] for one in boards}) == 2
    for one in boards:
        titles = [panel["title"] for panel in one["panels"]]
        assert len(titles) == len(set(titles))


def test_grafana_finds_its_datasource_and_its_dashboards_where_compose_puts_them() -> None:
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
    provisioning = GRAFANA / "provisioning"
    source = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text(encoding="utf-8"))
    provider = yaml.safe_load((provisioning / "dashboards" / "released.yml").read_text(encoding="utf-8"))
    assert source["apiVersion"] == provider["apiVersion"] == 1
    assert [one["url"] for one in source["datasources"]] == ["http://prometheus:9090"]
    mounts = dict(
        one.split(":")[:2] for one in compose["services"]["grafana"]["volumes"] if one.startswith(".")
    )
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    assert mounts["./deploy/grafana/dashboards"] == provider["providers"][0]["options"]["path"]
    networks = [
        set(compose["services"][name]["networks"]) for name in ("prometheus", "web", "worker", "grafana")
    ]
    assert set.intersection(*networks)


def test_prometheus_asks_each_service_at_the_port_that_it_listens_at() -> None:
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
    environment = compose["x-app"]["environment"]
    jobs = {
        job["job_name"]: job
        for job in yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
    }
    for name, port in (("web", "PORT"), ("worker", "METRICS_PORT")):
        (asked,) = jobs[name]["dns_sd_configs"]
        assert asked["names"] == [name]
        assert name in compose["services"]
        assert str(asked["port"]) == environment[port]


def test_every_alert_has_its_severity_its_page_and_its_line_in_the_docs() -> None:
    operations = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    pages = set()
    for rule in (rule for rule in rules() if "alert" in rule):
        page = PROJECT / rule["annotations"]["runbook"]
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {rule['alert']}\n")
        assert all(f"**{part}.**" in text for part in ("Means", "Look", "Cure"))
        assert rule["annotations"]["summary"].endswith(".")
        row = rf"^\| \[{rule['alert']}\]\(runbooks/{page.name}\) \| .+ \| {rule['labels']['severity']} \|$"
        assert re.search(row, operations, flags=re.MULTILINE), rule["alert"]
        pages.add(page)
    assert pages == set((PROJECT / "docs" / "runbooks").glob("*.md"))


def test_every_metric_is_seen_somewhere_and_nothing_else_is_asked_for() -> None:
    asked = "\n".join([*(path.read_text(encoding="utf-8") for path in [*DASHBOARDS, *RULES])])
    named = set(re.findall(r"\b(released_[a-z_]+)\b", asked))
    scraped = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named}
    assert scraped == metrics()


def test_promtool_finds_nothing_wrong_and_its_tests_pass() -> None:
    tool = program("promtool")
    tests = sorted((DEPLOY / "tests").glob("*.yml"))
    for action, files in (
        ("check config", [DEPLOY / "prometheus.yml"]),
        ("check rules", RULES),
        ("test rules", tests),
    ):
        command = [*action.split(), *map(str, files)]
        ended = subprocess.run([tool, *command], capture_output=True, text=True, check=False, timeout=60)
        assert ended.returncode == 0, ended.stdout + ended.stderr
