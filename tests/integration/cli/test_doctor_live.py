"""`released doctor --live` asks Meta about token, number, app secret, subscription, and says the cure."""

import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from src.accounts.numbers import add_number
from src.core import schema
from src.core.instance import open_instance
from src.core.settings import Settings
from tests.integration.cli.doctor_world import Visit, server
from tests.world import NUMBER, SECRET, TOKEN, World

ID, WABA, APP = "106540352242922", "102290129340398", "1049961223991601"
REFUSED = {"code": 190, "message": "Error validating access token: the session has expired"}


class Meta:
    """A Meta that answers as documented, but for what a test changes."""

    def __init__(self) -> None:
        self.token: dict[str, Any] = {"app_id": APP, "is_valid": True, "expires_at": 0}
        self.token["scopes"] = ["whatsapp_business_messaging", "whatsapp_business_management"]
        self.number: dict[str, Any] = {"display_phone_number": "+34 600 00 01 47", "verified_name": "Zarpa"}
        self.number |= {"status": "CONNECTED", "quality_rating": "GREEN", "name_status": "APPROVED", "id": ID}
        self.apps: list[dict[str, Any]] = [{"whatsapp_business_api_data": {"id": APP, "name": "Ours"}}]
        self.errors: dict[str, tuple[int, dict[str, Any]]] = {}
        self.secret: str | None = SECRET

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """What it says of a path below the version."""
        what = path.removeprefix("/v26.0/")
        if what in self.errors:
            status, error = self.errors[what]
            return status, {"error": error}
        if "appsecret_proof" in query and self.secret is not None:
            right = hmac.new(self.secret.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
            if query["appsecret_proof"] != right:
                return 400, {
                    "error": {"code": 100, "message": "Invalid appsecret_proof provided in the API argument"}
                }
        known = {
            "debug_token": {"data": self.token},
            ID: self.number,
            f"{WABA}/subscribed_apps": {"data": self.apps},
        }
        return 200, known[what]


@pytest.fixture
def meta() -> Meta:
    """A Meta."""
    return Meta()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An instance with one number."""
    instance = open_instance(Settings(_env_file=None, released_home=tmp_path / "home"))
    schema.migrate(instance.database)
    with instance.database.transaction() as session:
        add_number(session, NUMBER, ID)
    instance.close()
    return tmp_path / "home"


@contextmanager
def looked_at(meta: Meta, home: Path, **settings: str) -> Iterator[Visit]:
    """What the doctor finds with this Meta."""
    with server(meta.answer) as url:
        given = {"META_ACCESS_TOKEN": TOKEN, "META_APP_SECRET": SECRET, "WABA_ID": WABA}
        own = {"RELEASED_HOME": str(home), "META_GRAPH_URL": f"{url}/v26.0"}
        visit = Visit("--live", **{**given, **own, **settings})
    assert TOKEN not in str(visit.document)
    assert SECRET not in str(visit.document)
    yield visit


def complaints(visit: Visit) -> dict[str, str]:
    """Of Meta alone: nothing runs here, and nothing is public."""
    return {
        name: state for name, state in visit.complaints().items() if name not in ("processes", "public url")
    }


def test_the_sandbox_says_what_meta_would(world: World) -> None:
    world.knows("¿Dónde están?", "En la calle del Pez, 7.")
    given = {name.upper(): str(value) for name, value in world.settings().items() if value is not None}
    visit = Visit("--live", **given, WABA_ID="104996122399160")
    for name in ("meta", "token", f"number {NUMBER}", "app secret", "subscription"):
        assert visit.state(name) == "ok", visit.said(name)
    visit = Visit("--live", **{**given, "META_APP_SECRET": "another"}, WABA_ID="104996122399160")
    assert visit.state("app secret") == "fail"
    visit = Visit("--live", **{**given, "META_ACCESS_TOKEN": "EAAGanother"}, WABA_ID="1")
    assert {visit.state(name) for name in ("token", f"number {NUMBER}", "subscription")} == {"fail"}


def test_all_that_meta_says_is_well(meta: Meta, home: Path) -> None:
    with looked_at(meta, home) as visit:
        assert complaints(visit) == {}


def test_a_token_that_meta_refuses(meta: Meta, home: Path) -> None:
    meta.errors = dict.fromkeys(("debug_token", ID, f"{WABA}/subscribed_apps"), (401, REFUSED))
    with looked_at(meta, home) as visit:
        assert complaints(visit) == {"token": "fail", f"number {NUMBER}": "fail", "subscription": "fail"}
        assert "expired" in visit.said("token")
        assert "Generate token" in visit.said("token")


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        ({"is_valid": False, "error": {"code": 190, "message": "revoked"}}, "fail", "revoked"),
        ({"scopes": ["whatsapp_business_messaging"]}, "fail", "without whatsapp_business_management"),
        ({"expires_at": time.time() + 5.5 * 86400}, "warn", "ends in 5 days"),
        ({"expires_at": time.time() + 50.5 * 86400}, "ok", "ends in 50 days"),
    ],
)
def test_what_is_wrong_with_a_token(
    meta: Meta, home: Path, change: dict[str, Any], state: str, said: str
) -> None:
    meta.token |= change
    with looked_at(meta, home) as visit:
        assert visit.state("token") == state
        assert said in visit.said("token")


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        ({"status": "PENDING"}, "fail", "PIN"),
        ({"quality_rating": "RED"}, "warn", "block or report"),
        ({"name_status": "DECLINED"}, "warn", "display name"),
        ({"display_phone_number": "+34 600 99 99 99"}, "fail", "belongs to +34600999999"),
    ],
)
def test_what_is_wrong_with_a_number(
    meta: Meta, home: Path, change: dict[str, Any], state: str, said: str
) -> None:
    meta.number |= change
    with looked_at(meta, home) as visit:
        assert complaints(visit) == {f"number {NUMBER}": state}
        assert said in visit.said(f"number {NUMBER}")


def test_a_number_that_the_token_may_not_see(meta: Meta, home: Path) -> None:
    meta.errors = {ID: (400, {"code": 100, "error_subcode": 33, "message": "Object does not exist"})}
    with looked_at(meta, home) as visit:
        assert complaints(visit) == {f"number {NUMBER}": "fail"}
        assert "Assign assets" in visit.said(f"number {NUMBER}")


def test_another_apps_secret(meta: Meta, home: Path) -> None:
    with looked_at(meta, home, META_APP_SECRET="of-another-app") as visit:
        assert complaints(visit) == {"app secret": "fail"}
    with looked_at(meta, home, META_APP_SECRET=f"the-old-one,{SECRET}") as visit:
        assert complaints(visit) == {}, "one of two fits while the secret is changed"
    meta.secret = None
    with looked_at(meta, home) as visit:
        assert complaints(visit) == {"app secret": "warn"}


@pytest.mark.parametrize("apps", [[], [{"whatsapp_business_api_data": {"id": "7", "name": "Other"}}]])
def test_an_account_that_is_not_subscribed(meta: Meta, home: Path, apps: list[dict[str, Any]]) -> None:
    meta.apps = apps
    with looked_at(meta, home) as visit:
        assert complaints(visit) == {"subscription": "fail"}
        assert f"{WABA}/subscribed_apps" in visit.said("subscription")


def test_an_account_that_nobody_named(meta: Meta, home: Path) -> None:
    with looked_at(meta, home, WABA_ID="") as visit:
        assert complaints(visit) == {"subscription": "warn"}
        assert "set WABA_ID" in visit.said("subscription")


def test_messages_that_are_brought_to_another_address(meta: Meta, home: Path) -> None:
    ours = {"PUBLIC_URL": "https://bot.invalid"}
    for places, state in (
        ({"application": "https://bot.invalid/webhook"}, "ok"),
        ({"application": "https://old.invalid/x", "phone_number": "https://bot.invalid/webhook"}, "ok"),
        (
            {
                "application": "https://bot.invalid/webhook",
                "whatsapp_business_account": "https://old.invalid/x",
            },
            "fail",
        ),
        ({"application": ""}, "fail"),
    ):
        meta.number["webhook_configuration"] = places
        with looked_at(meta, home, **ours) as visit:
            assert visit.state("webhook") == state, places


def test_a_meta_that_is_away_is_one_failure(meta: Meta, home: Path) -> None:
    with looked_at(meta, home, META_GRAPH_URL="http://127.0.0.1:9/v26.0") as visit:
        assert complaints(visit) == {"meta": "fail"}
