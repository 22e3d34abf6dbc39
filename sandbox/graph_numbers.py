"""The Graph API of phone numbers: adding one to the account, and reading them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox import guards, ids, ledger, people, state
from sandbox.answers import Answer
from sandbox.errors import GraphError
from sandbox.people import Number

Json = dict[str, Any]


async def post_number(request: Request) -> Response:
    """Adds a number to the account. Safe to call twice: it keeps its id."""
    sandbox = state.of(request)
    entry: Json = {"waba_id": request.path_params["waba_id"]}
    try:
        guards.authorise(sandbox, request)
        guards.expect_account(sandbox, request)
        asked = guards.parsed(await request.body())
        written = asked.get("phone_number")
        if not isinstance(written, str):
            raise GraphError(100, message="(#100) The parameter phone_number is required.")
        digits = ids.digits_of(written if written.startswith("+") else f"{asked.get('cc') or ''}{written}")
        if digits is None:
            raise GraphError(
                100, message=f"(#100) Param phone_number must be a phone number - got {written!r}."
            )
    except GraphError as error:
        return Answer(error.body(), error.http_status)
    with sandbox.store.transaction():
        name = asked.get("verified_name")
        number = people.add_number(sandbox.store, digits, name if isinstance(name, str) else None)
        entry |= {"phone_number_id": number.phone_number_id, "request": asked, "http_status": 200}
        ledger.record(sandbox.store, "register", entry)
    return Answer({"id": number.phone_number_id})


async def get_numbers(request: Request) -> Response:
    """The numbers of the account, as one page."""
    sandbox = state.of(request)
    refusal = guards.refusal_of_account(request)
    return refusal or Answer(
        {"data": [_shown(number, request) for number in people.all_numbers(sandbox.store)]}
    )


async def get_number(request: Request) -> Response:
    """One number, with the `fields` that are asked for."""
    sandbox = state.of(request)
    try:
        number = guards.authorised_number(sandbox, request, request.path_params["object_id"])
    except GraphError as error:
        return Answer(error.body(), error.http_status)
    return Answer(_shown(number, request))


def _shown(number: Number, request: Request) -> Json:
    every: Json = {
        "verified_name": number.name,
        "code_verification_status": "VERIFIED",
        "display_phone_number": number.display_phone_number,
        "quality_rating": "GREEN",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "webhook_configuration": {"application": state.of(request).config.callback_url},
        "id": number.phone_number_id,
    }
    wanted = request.query_params.get("fields")
    return (
        every if wanted is None else {key: every[key] for key in [*wanted.split(","), "id"] if key in every}
    )
