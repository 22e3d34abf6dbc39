"""What every Graph endpoint asks first: may the caller, does the object exist, is the body JSON?"""

import hashlib
import hmac
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox import people, state
from sandbox.answers import Answer
from sandbox.errors import GraphError, unknown_object
from sandbox.people import Number
from sandbox.state import Sandbox
from sandbox.store import loads

APP_ID, APP_NAME = "1049961223991601", "Released sandbox"
WABA_ALIAS = "sandbox"  # for callers that were told of no account

Json = dict[str, Any]


def authorised_number(sandbox: Sandbox, request: Request, phone_number_id: str) -> Number:
    """The number of that id. Raises GraphError 190 or 100/33."""
    authorise(sandbox, request)
    number = people.find_number(sandbox.store, phone_number_id)
    if number is None:
        raise unknown_object(phone_number_id, request.method)
    return number


def authorise(sandbox: Sandbox, request: Request) -> None:
    """Raises GraphError 190 when the token is missing or does not work, 100 when its proof is not that of the app."""
    token = bearer(request)
    if token is None:
        raise GraphError(190, message="Invalid OAuth 2.0 Access Token")
    sandbox.tokens.check(token)
    proof = request.query_params.get("appsecret_proof")
    right = hmac.new(sandbox.config.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    if proof is None and sandbox.config.require_proof:
        raise GraphError(100, message="API calls from the server require an appsecret_proof argument")
    if proof is not None and not hmac.compare_digest(proof.encode(), right.encode()):
        raise GraphError(100, message="Invalid appsecret_proof provided in the API argument")


def bearer(request: Request) -> str | None:
    """The caller's token: in the header, or, as the Graph API allows, in the query."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    in_header = given.strip() if kind.lower() == "bearer" else ""
    return in_header or request.query_params.get("access_token") or None


def expect_account(sandbox: Sandbox, request: Request) -> None:
    """Raises GraphError 100/33 when the path names another account."""
    waba_id: str = request.path_params["waba_id"]
    if waba_id not in (sandbox.config.waba_id, WABA_ALIAS):
        raise unknown_object(waba_id, request.method)


def refusal_of_account(request: Request) -> Response | None:
    """Meta's answer to a caller who may not see the account in the path; None for one who may."""
    sandbox = state.of(request)
    try:
        authorise(sandbox, request)
        expect_account(sandbox, request)
    except GraphError as error:
        return Answer(error.body(), error.http_status)
    return None


def same(given: str | None, right: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest((given or "").encode("utf-8", "replace"), right.encode())


def parsed(raw: bytes) -> Json:
    """The JSON object in a body. Raises GraphError 100."""
    try:
        body = loads(raw)
    except ValueError:
        raise GraphError(100, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise GraphError(100, "The body is not a JSON object.")
    return body
