"""`released doctor --live` asks the model's server about key and models, and says the cure."""

from pathlib import Path
from typing import Any

import pytest

from src.core import schema
from src.core.instance import open_instance
from src.core.settings import Settings
from tests.integration.cli.doctor_world import Visit, server
from tests.model_world import Model, model_server
from tests.ports import free_port


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An instance without numbers."""
    instance = open_instance(Settings(_env_file=None, released_home=tmp_path / "home"))
    schema.migrate(instance.database)
    instance.close()
    return tmp_path / "home"


def looked_at(home: Path, url: str, **settings: str) -> Visit:
    """What the doctor finds with this server."""
    given = {"OPENAI_API_KEY": "sk-of-the-tests", "OPENAI_BASE_URL": url}
    elsewhere = {"META_GRAPH_URL": f"http://127.0.0.1:{free_port()}/v26.0"}
    visit = Visit("--live", RELEASED_HOME=str(home), **{**elsewhere, **given, **settings})
    assert "sk-of-the-tests" not in str(visit.document)
    return visit


def test_every_model_that_is_named_is_asked_for(home: Path, model: Model) -> None:
    known = model.ledger()
    visit = looked_at(
        home,
        model.url,
        OPENAI_SECOND_MODEL="gpt-6.1-terra",
        OPENAI_EMBEDDING_MODEL="text-embedding-3-small",
    )
    names = ("model", "second model", "embedding model", "transcription model")
    assert {visit.state(name) for name in names} == {"ok"}
    assert model.ledger() == known, "it asked for nothing that costs"


def test_a_model_that_is_not_there(home: Path, model: Model) -> None:
    visit = looked_at(home, model.url, OPENAI_MODEL="gpt-5", OPENAI_TRANSCRIBE_MODEL="whisper-1")
    assert visit.state("model") == "fail"
    assert "gpt-5" in visit.said("model")
    assert "correct the model's name" in visit.said("model")
    assert visit.state("transcription model") == "warn", "it answers without ears"
    assert "second model" not in visit.checks


def test_a_key_that_is_refused(home: Path) -> None:
    with model_server(openai_key="sk-another") as model:
        visit = looked_at(home, model.url)
    assert visit.state("model") == "fail"
    assert "OPENAI_API_KEY" in visit.said("model")


def test_a_server_that_is_not_there(home: Path) -> None:
    visit = looked_at(home, f"http://127.0.0.1:{free_port()}/v1")
    assert visit.state("model") == "fail"
    assert "OPENAI_BASE_URL" in visit.said("model")


def test_a_server_that_only_has_the_list_and_a_model_that_ends(home: Path) -> None:
    listed = {
        "object": "list",
        "data": [{"id": "llama3.3", "object": "model"}, {"id": "old", "shutdown_date": "2027-01-14"}],
    }

    def answer(path: str, _query: dict[str, str]) -> tuple[int, Any]:
        return (200, listed) if path == "/v1/models" else (404, "404 page not found")

    with server(answer) as url:
        visit = looked_at(home, f"{url}/v1", OPENAI_MODEL="llama3.3", OPENAI_SECOND_MODEL="old")
    assert visit.state("model") == "ok"
    assert visit.state("second model") == "warn"
    assert "2027-01-14" in visit.said("second model")


def test_without_a_key_nobody_is_asked(home: Path) -> None:
    visit = looked_at(home, "http://127.0.0.1:9/v1", OPENAI_API_KEY="")
    assert "model" not in visit.checks
