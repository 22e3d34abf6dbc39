"""A real Prometheus with the project's configuration: other targets, shorter intervals, no patience."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from urllib3.exceptions import HTTPError

from tests.ports import free_port
from tests.world import call, eventually

PROJECT = Path(__file__).resolve().parents[3]
DEPLOY = PROJECT / "deploy" / "prometheus"
RULES = sorted((DEPLOY / "rules").glob("*.yml"))


def program(name: str) -> str:
    """Where `prometheus` or `promtool` is; the test is skipped where it is not."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: run  sudo apt-get install prometheus")
    return found


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules() -> list[dict[str, Any]]:
    """Every rule of the project."""
    return [rule for path in RULES for group in read(path)["groups"] for rule in group["rules"]]


class Prometheus:
    """Asks its API."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/api/v1"

    def ask(self, path: str, **query: str) -> Any:
        """What the API says; an assertion error with Prometheus' words when it refuses."""
        status, answer = call("GET", f"{self.url}/{path}?{urlencode(query)}")
        assert status == 200, (query, answer)
        return answer["data"]

    def query(self, expression: str) -> list[float]:
        """The values of an instant query, without those that are no number."""
        values = [float(sample["value"][1]) for sample in self.ask("query", query=expression)["result"]]
        return [value for value in values if value == value]

    def shows(self, expression: str, value: float) -> bool:
        """Is this the value of an instant query?"""
        return self.query(expression) == [value]

    def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        alerts = self.ask("alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def is_watching(self, jobs: int) -> bool:
        """True once so many targets were reached twice: rates need two samples."""
        return len(self.query("count_over_time(up[1m]) > 1 and up == 1")) >= jobs

    def look_again(self) -> None:
        """Waits for a round that began later and reached everybody, so that what was done is seen."""
        seen = time.time()

        def seen_since() -> bool:
            rounds = self.query('timestamp(up{job!="prometheus"})')
            return min(rounds) > seen + 1 and self.query('min(up{job!="prometheus"})') == [1]

        eventually(seen_since, 60)


def _configuration(folder: Path, targets: dict[str, int], port: int) -> Path:
    (folder / "rules").mkdir(parents=True)
    for path in RULES:
        given = read(path)
        for group in given["groups"]:
            group["interval"] = "1s"
            for rule in group["rules"]:
                rule.pop("for", None)
        (folder / "rules" / path.name).write_text(yaml.safe_dump(given))
    given = read(DEPLOY / "prometheus.yml")
    given["global"] = dict.fromkeys(("scrape_interval", "scrape_timeout", "evaluation_interval"), "1s")
    for job in given["scrape_configs"]:
        for source in ("dns_sd_configs", "static_configs"):
            job.pop(source, None)
        at = {**targets, "prometheus": port}[job["job_name"]]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{at}"]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(given))
    return folder / "prometheus.yml"


@contextmanager
def prometheus(folder: Path, **targets: int) -> Iterator[Prometheus]:
    """A running Prometheus that has seen every target twice; stopped afterwards. `targets` are ports by job."""
    port = free_port()
    configuration = _configuration(folder, targets, port)
    log = folder / "prometheus.log"
    with log.open("wb") as said:
        server = subprocess.Popen(
            [
                program("prometheus"),
                f"--config.file={configuration}",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=said,
            stderr=said,
            cwd=folder,
        )
    found = Prometheus(port)

    def ready() -> bool:
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            return found.is_watching(len(targets) + 1)
        except (OSError, HTTPError, AssertionError):
            return False  # it has only just begun to listen

    try:
        eventually(ready, 60)
        yield found
    finally:
        server.terminate()
        server.wait(30)
