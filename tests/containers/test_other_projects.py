"""Other projects beside the first: from the specification's own `.env`, with Meta's real settings, and what is left."""

from pathlib import Path

from tests.containers.engine import Containers
from tests.world import call, eventually

SPECIFICATION = """\
APP_ENV=prod
PORT=8080
ALLOWED_ORIGINS=http://localhost:8080
META_ACCESS_TOKEN=EAA...
META_APP_SECRET=...
PHONE_NUMBER_ID=...
OPENAI_API_KEY=sk-...
POSTGRES_USER=postgres
POSTGRES_PASSWORD=a-password-of-its-own
POSTGRES_DB=whatsapp
DATABASE_URL=postgresql+asyncpg://postgres:a-password-of-its-own@db:5432/whatsapp
CELERY_BROKER_URL=redis://redis:6379/0
CELERY_RESULT_BACKEND=redis://redis:6379/1
"""
LIVE = {
    "META_ACCESS_TOKEN=EAA...": "META_ACCESS_TOKEN=EAAG1234567890",
    "META_APP_SECRET=...": "META_APP_SECRET=0123456789abcdef\nMETA_GRAPH_URL=http://127.0.0.1:9/v26.0",
}


def test_the_specification_s_env_works_beside_another_project_and_down_leaves_nothing(
    containers: Containers, tmp_path: Path
) -> None:
    second = Containers(tmp_path / "shipped", SPECIFICATION)
    try:
        second.compose("up", "-d")
        eventually(second.is_ready, 120)
        assert call("GET", f"{second.url}/ready")[1]["mode"] == "sandbox"
        assert "NOAUTH" in second.execute("redis", "redis-cli", "ping")
        assert containers.is_ready()
    finally:
        second.compose("down", "-v", "-t", "5")
    assert second.leftovers() == []
    assert containers.is_ready()


def test_with_meta_s_real_settings_the_sandbox_rests(containers: Containers, tmp_path: Path) -> None:
    env = SPECIFICATION
    for example, real in LIVE.items():
        env = env.replace(example, real)
    live = Containers(tmp_path / "shipped", env)
    try:
        live.compose("up", "-d")
        eventually(live.is_ready, 120)
        assert call("GET", f"{live.url}/ready")[1]["mode"] == "live"
        eventually(lambda: live.inspect()["sandbox"]["State"]["Status"] == "exited", 60)
        sandbox = live.inspect()["sandbox"]
        assert (sandbox["State"]["ExitCode"], sandbox["RestartCount"]) == (0, 0)
        status, text = call("GET", f"{live.url}/sandbox/")
        assert status == 404
        assert "rests" in text
    finally:
        live.compose("down", "-v", "-t", "5")
