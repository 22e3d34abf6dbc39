"""`.env.example` holds every setting, starts in sandbox mode as it stands, and tells no lies about defaults."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from src.core.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = (PROJECT / ".env.example").read_text(encoding="utf-8")
COMPOSE = "\n".join(
    path.read_text() for path in (PROJECT / "docker-compose.yml", PROJECT / "deploy/compose.https.yml")
)
SPECIFIED = {
    *("APP_ENV", "PORT", "ALLOWED_ORIGINS", "META_ACCESS_TOKEN", "META_APP_SECRET", "PHONE_NUMBER_ID"),
    *("OPENAI_API_KEY", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "DATABASE_URL"),
    *("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"),
}
GIVEN = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
OFFERED = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this shell's."""
    for name in {*GIVEN, *OFFERED}:
        monkeypatch.delenv(name, raising=False)


def read(tmp_path: Path, values: dict[str, str]) -> Settings:
    """The settings of an `.env` with these lines."""
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return Settings(_env_file=file)


def test_every_variable_of_the_specification_is_given() -> None:
    assert set(GIVEN) == SPECIFIED


def test_every_setting_is_given_or_offered_and_nothing_else_is() -> None:
    ours = {name.upper() for name in Settings.model_fields}
    of_the_containers = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE)) | {"COMPOSE_FILE", "RELEASED_DEMO"}
    given_at_build = {"RELEASED_VERSION", "RELEASED_REVISION", "RELEASED_ENV_FILE"}
    assert {*GIVEN, *OFFERED} - {"ALLOWED_ORIGINS"} - ours <= of_the_containers
    assert (ours | of_the_containers) - given_at_build <= {*GIVEN, *OFFERED}


def test_every_line_is_explained_by_a_comment_above_it() -> None:
    lines = EXAMPLE.splitlines()
    explained = re.compile(r"# (?![A-Z_]+=)\S")
    for above, line in pairwise(lines):
        if re.match(r"[A-Z_]+=", line):
            assert explained.match(above), line


def test_as_it_stands_it_is_production_in_sandbox_mode(tmp_path: Path) -> None:
    settings = read(tmp_path, GIVEN)
    assert settings.app_env == "prod"
    assert settings.sandbox_mode
    assert settings.phone_number_id is None
    assert (
        settings.database_url
        == "postgresql+asyncpg://{POSTGRES_USER}:{POSTGRES_PASSWORD}@db:5432/{POSTGRES_DB}".format(**GIVEN)
    )


def test_what_is_offered_is_accepted_and_shows_the_default_where_there_is_one(tmp_path: Path) -> None:
    settings = read(tmp_path, {**GIVEN, **OFFERED})
    for name, field in Settings.model_fields.items():
        if name.upper() in OFFERED and field.default is not None:
            assert getattr(settings, name) == field.default, name
