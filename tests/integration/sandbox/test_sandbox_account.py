"""App and account in the sandbox: what a token is, whether a proof fits, which app gets the webhooks."""

import hashlib
import hmac

from tests.integration.sandbox.sandbox_world import SECRET, TOKEN, Meta

WABA = "104996122399160"


def proof(secret: str) -> str:
    return hmac.new(secret.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()


def test_a_token_is_described(meta: Meta) -> None:
    status, answer = meta.call("GET", f"/v26.0/debug_token?input_token={TOKEN}")
    assert status == 200
    assert answer["data"]["is_valid"] is True
    assert answer["data"]["expires_at"] == 0
    assert {"whatsapp_business_messaging", "whatsapp_business_management"} <= set(answer["data"]["scopes"])
    assert meta.call("GET", "/v26.0/debug_token?input_token=another")[1]["data"]["is_valid"] is False
    assert meta.call("GET", "/v26.0/debug_token")[1]["error"]["code"] == 100
    assert meta.call("GET", f"/v26.0/debug_token?input_token={TOKEN}", token=None)[1]["error"]["code"] == 190


def test_a_proof_that_is_given_must_fit(meta: Meta) -> None:
    path = f"/v26.0/{meta.number}?fields=id"
    assert meta.call("GET", f"{path}&appsecret_proof={proof(SECRET)}")[0] == 200
    status, answer = meta.call("GET", f"{path}&appsecret_proof={proof('another')}")
    assert (status, answer["error"]["code"]) == (400, 100)


def test_the_app_is_subscribed_to_the_account(meta: Meta) -> None:
    app_id = meta.call("GET", f"/v26.0/debug_token?input_token={TOKEN}")[1]["data"]["app_id"]
    assert meta.call("POST", f"/v26.0/{WABA}/subscribed_apps") == (200, {"success": True})
    _, answer = meta.call("GET", f"/v26.0/{WABA}/subscribed_apps")
    assert [app["whatsapp_business_api_data"]["id"] for app in answer["data"]] == [app_id]
    assert meta.call("GET", "/v26.0/1/subscribed_apps")[1]["error"]["error_subcode"] == 33
    assert meta.call("POST", f"/v26.0/{WABA}/subscribed_apps", token="another")[0] == 401


def test_a_number_says_where_its_webhooks_go(meta: Meta) -> None:
    _, number = meta.call("GET", f"/v26.0/{meta.number}?fields=webhook_configuration")
    assert number["webhook_configuration"] == {"application": meta.callback.url}
