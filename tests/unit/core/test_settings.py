"""Settings are one page; a wrong one is named in one line."""

from pathlib import Path

import pytest

from src.core.errors import InvalidSettings
from src.core.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_metas_settings_it_is_the_sandbox() -> None:
    settings = load_settings()
    assert settings.sandbox_mode
    assert settings.graph_url == "http://127.0.0.1:8080/sandbox/v26.0"


@pytest.mark.parametrize("example", ["your_access_token", "<token>", "EAAG...", "changeme", "xxxx"])
def test_the_examples_placeholders_are_the_sandbox_too(monkeypatch: pytest.MonkeyPatch, example: str) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", example)
    monkeypatch.setenv("META_APP_SECRET", example)
    assert load_settings().sandbox_mode


def test_real_values_are_live_and_several_secrets_may_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", "EAAGm0PX4ZCps")
    monkeypatch.setenv("META_APP_SECRET", "0123abc, 4567def")
    settings = load_settings()
    assert not settings.sandbox_mode
    assert settings.graph_url == "https://graph.facebook.com/v26.0"
    assert settings.app_secrets == ("0123abc", "4567def")


def test_half_of_metas_settings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", "EAAGm0PX4ZCps")
    with pytest.raises(InvalidSettings, match="META_APP_SECRET is missing"):
        load_settings()


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    monkeypatch.setenv("API_KEY_FILE", str(tmp_path / "key"))
    assert load_settings().api_key == "k" * 40


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY_FILE", "/nowhere/key")
    with pytest.raises(InvalidSettings, match="API_KEY_FILE names /nowhere/key"):
        load_settings()


@pytest.mark.parametrize(
    "hosts", ["", ",", "*.fbsbx.com", "https://lookaside.fbsbx.com", "a.example:444", "10.0.0.1", "localhost"]
)
def test_media_hosts_are_whole_names(hosts: str) -> None:
    with pytest.raises(InvalidSettings, match="MEDIA_HOSTS: must be names of hosts"):
        load_settings(media_hosts=hosts)


def test_a_token_does_not_travel_in_the_clear() -> None:
    real = {"meta_access_token": "EAAG-token", "meta_app_secret": "0123"}
    with pytest.raises(InvalidSettings, match="META_GRAPH_URL must begin with https://"):
        load_settings(meta_graph_url="http://graph.facebook.com/v26.0", **real)
    for url in ("http://127.0.0.1:9/v26.0", "https://graph.facebook.com/v26.0"):
        assert load_settings(meta_graph_url=url, **real).graph_url == url
    assert load_settings(meta_graph_url="http://sandbox:8081/v26.0").sandbox_mode


def test_the_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9090\nUNKNOWN=1\n")
    assert load_settings().port == 9090


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "none"),
        ("PORT", "70000"),
        ("BURST_WAIT_MS", "-1"),
        ("PUBLIC_URL", "ftp://x"),
        ("APP_ENV", "test"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings) as error:
        load_settings()
    assert str(error.value).startswith(f"{name}: ")
    assert "\n" not in str(error.value)


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in repr(Settings(_env_file=None, api_key="s3cret" * 5, secret_key="s3cret" * 6))
