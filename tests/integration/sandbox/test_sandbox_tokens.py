"""Tokens in the sandbox: they end with the clock or early, another takes their place, and each error says why."""

from typing import Any

from sandbox.config import DAY
from sandbox.guards import APP_ID
from tests.integration.sandbox.sandbox_world import SECRET, TOKEN, Callback, Meta, serving

APP_TOKEN = f"{APP_ID}|{SECRET}"
APP = f"client_id={APP_ID}&client_secret={SECRET}"
EXCHANGE = f"/v26.0/oauth/access_token?grant_type=fb_exchange_token&{APP}&set_token_expires_in_60_days=true"


def reads(meta: Meta, token: str) -> tuple[int, int | None, int | None]:
    """Status, code and subcode of a read with this token."""
    status, answer = meta.call("GET", f"/v26.0/{meta.number}?fields=id", token=token)
    error: dict[str, Any] = answer.get("error", {})
    return status, error.get("code"), error.get("error_subcode")


def exchanged(meta: Meta, token: str = TOKEN) -> str:
    status, answer = meta.call("GET", f"{EXCHANGE}&fb_exchange_token={token}", token=None)
    assert status == 200, answer
    assert answer["token_type"] == "bearer"
    assert answer["expires_in"] == 60 * DAY
    return str(answer["access_token"])


def test_a_token_ends_when_its_time_is_over(meta: Meta) -> None:
    meta.call("POST", "/api/tokens", {"token": "EAAGshort", "lasts": 60 * DAY})
    told = meta.call("GET", "/v26.0/debug_token?input_token=EAAGshort", token=APP_TOKEN)[1]["data"]
    assert told["is_valid"] is True
    assert told["expires_at"] - told["issued_at"] == 60 * DAY
    meta.call("POST", "/api/clock", {"advance": 59 * DAY})
    assert reads(meta, "EAAGshort") == (200, None, None)
    meta.call("POST", "/api/clock", {"advance": DAY})
    assert reads(meta, "EAAGshort") == (401, 190, 463)
    told = meta.call("GET", "/v26.0/debug_token?input_token=EAAGshort", token=APP_TOKEN)[1]["data"]
    assert (told["is_valid"], told["error"]["code"]) == (False, 190)
    assert reads(meta, TOKEN) == (200, None, None)


def test_a_token_can_die_early(meta: Meta) -> None:
    for subcode in (460, 463, 467):
        assert meta.call("POST", "/api/tokens", {"token": TOKEN, "dies": subcode})[0] == 201
        assert reads(meta, TOKEN) == (401, 190, subcode)
    assert meta.call("POST", "/api/tokens", {"token": TOKEN, "dies": 1})[0] == 400


def test_another_token_takes_the_place_of_one_until_that_is_revoked(meta: Meta) -> None:
    fresh = exchanged(meta)
    assert reads(meta, TOKEN) == reads(meta, fresh) == (200, None, None)
    path = f"/v26.0/oauth/revoke?{APP}&revoke_token={TOKEN}&access_token={fresh}"
    assert meta.call("GET", path, token=None) == (200, {"success": "true"})
    assert reads(meta, TOKEN) == (401, 190, 467)
    assert reads(meta, fresh) == (200, None, None)
    assert meta.call("GET", f"{EXCHANGE}&fb_exchange_token={TOKEN}", token=None)[0] == 401
    assert [entry["code"] for entry in meta.ledger("exchange")] == [None, 190]
    works = {one["token"]: one["works"] for one in meta.call("GET", "/api/tokens")[1]["tokens"]}
    assert works == {TOKEN: False, fresh: True}


def test_only_the_app_may_exchange_and_revoke(meta: Meta) -> None:
    for wrong, code in ((EXCHANGE.replace(APP_ID, "1"), 101), (EXCHANGE.replace(SECRET, "another"), 1)):
        assert meta.call("GET", f"{wrong}&fb_exchange_token={TOKEN}", token=None)[1]["error"]["code"] == code
    meta.fault(on="exchange", code=10)
    assert meta.call("GET", f"{EXCHANGE}&fb_exchange_token={TOKEN}", token=None)[1]["error"]["code"] == 10
    assert exchanged(meta)


def test_an_app_may_demand_a_proof_with_each_call(callback: Callback) -> None:
    with serving(callback, require_proof=True) as meta:
        assert reads(meta, TOKEN) == (400, 100, None)
