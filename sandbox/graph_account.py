"""The Graph API of app and account: what a token is, and which app gets the account's webhooks."""

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox import guards, state
from sandbox.answers import Answer
from sandbox.errors import GraphError

APP_ID = "1049961223991601"
_APP = {"id": APP_ID, "name": "Released sandbox", "link": "https://www.facebook.com/games/?app_id=" + APP_ID}
_SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging"]

Json = dict[str, Any]


async def get_debug_token(request: Request) -> Response:
    """What `input_token` is: a token of this sandbox never ends, another is not valid."""
    sandbox = state.of(request)
    asked = request.query_params.get("input_token")
    try:
        guards.authorise(sandbox, request)
        if not asked:
            raise GraphError(100, message="(#100) The parameter input_token is required.")
    except GraphError as error:
        return Answer(error.body(), error.http_status)
    valid = sandbox.config.access_token in (None, asked)
    return Answer({"data": _valid(sandbox.config.waba_id) if valid else _invalid()})


def _valid(waba_id: str) -> Json:
    granted = [{"scope": scope, "target_ids": [waba_id]} for scope in _SCOPES]
    told: Json = {"app_id": APP_ID, "type": "SYSTEM_USER", "application": _APP["name"], "is_valid": True}
    told |= {"data_access_expires_at": 0, "expires_at": 0, "issued_at": int(time.time())}
    return told | {"scopes": _SCOPES, "granular_scopes": granted, "user_id": "122100000000000000"}


def _invalid() -> Json:
    error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
    return {"error": error, "is_valid": False, "scopes": []}


async def get_subscribed_apps(request: Request) -> Response:
    """The one app of this sandbox, which gets all of the account's webhooks."""
    return guards.refusal_of_account(request) or Answer({"data": [{"whatsapp_business_api_data": _APP}]})


async def post_subscribed_apps(request: Request) -> Response:
    """Subscribes the app, which it is already. Safe to call twice."""
    return guards.refusal_of_account(request) or Answer({"success": True})
