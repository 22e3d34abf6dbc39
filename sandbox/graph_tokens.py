"""The Graph API of tokens: what one is, another in its place, and its end."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox import guards, ledger, state
from sandbox.answers import Answer
from sandbox.config import SandboxConfig
from sandbox.errors import GraphError
from sandbox.guards import APP_ID, APP_NAME
from sandbox.state import Sandbox
from sandbox.tokens import INVALID, LASTS, Token

_SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging"]

Json = dict[str, Any]


async def get_debug_token(request: Request) -> Response:
    """What `input_token` is (Access Token Debugger); the caller has the app's token, or one that works."""
    sandbox = state.of(request)
    asked = request.query_params.get("input_token")
    try:
        if not guards.same(guards.bearer(request), _app_token(sandbox.config)):
            guards.authorise(sandbox, request)
        if not asked:
            raise GraphError(100, message="(#100) The parameter input_token is required.")
        _disturb(sandbox, "debug_token")
    except GraphError as error:
        return Answer(error.body(), error.http_status)
    return Answer({"data": _described(sandbox, asked)})


def _app_token(config: SandboxConfig) -> str:
    return f"{APP_ID}|{config.app_secret}"


def _described(sandbox: Sandbox, asked: str) -> Json:
    found = sandbox.tokens.find(asked)
    try:
        sandbox.tokens.check(asked)
    except GraphError as error:
        told = {key: error.body()["error"][key] for key in ("code", "message")}
        invalid: Json = {"error": told, "is_valid": False, "scopes": []}
        return invalid if found is None else invalid | _times(found)
    granted = [{"scope": scope, "target_ids": [sandbox.config.waba_id]} for scope in _SCOPES]
    assert found is not None, "it has just been checked"
    valid: Json = {"app_id": APP_ID, "type": "SYSTEM_USER", "application": APP_NAME, "is_valid": True}
    valid |= _times(found)
    return valid | {"scopes": _SCOPES, "granular_scopes": granted, "user_id": "122100000000000000"}


def _times(token: Token) -> Json:
    return {
        "data_access_expires_at": 0,
        "expires_at": int(token.expires_at or 0),
        "issued_at": int(token.issued_at),
    }


async def get_access_token(request: Request) -> Response:
    """Another token in the place of one that works, which goes on working (System users, Refresh a token)."""
    sandbox, query = state.of(request), request.query_params
    try:
        _disturb(sandbox, "exchange")
        _expect_app(sandbox.config, query.get("client_id"), query.get("client_secret"))
        if query.get("grant_type") != "fb_exchange_token":
            raise GraphError(100, message="(#100) Param grant_type must be fb_exchange_token.")
        sandbox.tokens.check(query.get("fb_exchange_token", ""))
        ends = query.get("set_token_expires_in_60_days") == "true"
        made = sandbox.tokens.make(LASTS if ends else None)
        answer: Json = {"access_token": made.token, "token_type": "bearer"}
        return _told(sandbox, "exchange", answer | ({"expires_in": int(LASTS)} if ends else {}))
    except GraphError as error:
        return _told(sandbox, "exchange", error.body(), error.http_status)


async def revoke(request: Request) -> Response:
    """Ends `revoke_token` at once (System users, Revoke a token). Safe to call twice."""
    sandbox, query = state.of(request), request.query_params
    try:
        _disturb(sandbox, "revoke")
        _expect_app(sandbox.config, query.get("client_id"), query.get("client_secret"))
        sandbox.tokens.check(query.get("access_token", ""))
        ended = sandbox.tokens.find(query.get("revoke_token", ""))
        if ended is None:
            raise GraphError(100, message="(#100) Param revoke_token must be a token of this app.")
        sandbox.tokens.keep(Token(ended.token, ended.issued_at, ended.expires_at, ended.dead or INVALID))
        return _told(sandbox, "revoke", {"success": "true"})
    except GraphError as error:
        return _told(sandbox, "revoke", error.body(), error.http_status)


def _expect_app(config: SandboxConfig, client_id: str | None, client_secret: str | None) -> None:
    if client_id != APP_ID:
        raise GraphError(101, message="Error validating application. Cannot get application info.")
    if not guards.same(client_secret, config.app_secret):
        raise GraphError(1, message="Error validating client secret.", http_status=400)


def _disturb(sandbox: Sandbox, on: str) -> None:
    """Raises what was ordered for this call."""
    if (fault := sandbox.faults.take(on, "")) is not None:
        raise GraphError(fault.code or 2, fault.details, http_status=fault.http_status)


def _told(sandbox: Sandbox, kind: str, answer: Json, status: int = 200) -> Response:
    """The answer, noted without any token."""
    code = answer["error"]["code"] if "error" in answer else None
    with sandbox.store.transaction():
        ledger.record(sandbox.store, kind, {"http_status": status, "code": code})
    return Answer(answer, status)
