"""The Graph API of media: where a file is, its bytes, uploads, and the ends of files."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sandbox import graph_numbers, guards, ledger, media, multipart, state
from sandbox.answers import Answer, hang_up
from sandbox.errors import GraphError, unknown_object
from sandbox.faults import Fault
from sandbox.media import Media
from sandbox.state import Sandbox

Json = dict[str, Any]

_CHUNK = bytes(64 * 1024)
_TOO_MANY = 2048  # chunks of a file that is too large: 128 MiB


async def get_object(request: Request) -> Response:
    """A file's address, or a phone number: the Graph API finds both by their id alone."""
    sandbox = state.of(request)
    found = media.find(sandbox.store, request.path_params["object_id"])
    return await graph_numbers.get_number(request) if found is None else await _get_media(request, found)


async def _get_media(request: Request, found: Media) -> Response:
    """The address is good for five minutes (Meta: Media, Retrieve media URL)."""
    sandbox = state.of(request)
    entry: Json = {"media_id": found.id, "phone_number_id": found.phone_number_id, "fault": None}
    try:
        _authorise(sandbox, request, found)
    except GraphError as error:
        return _refuse(sandbox, "media_id", error, entry)
    fault = sandbox.faults.take("media_id", found.phone_number_id)
    if fault is not None:
        entry["fault"] = fault.kind
        if fault.kind == "error":
            refusal = GraphError(fault.code or 131000, fault.details, http_status=fault.http_status)
            return _refuse(sandbox, "media_id", refusal, entry)
        await asyncio.sleep(fault.seconds)
    _record(sandbox, "media_id", entry | {"http_status": 200 if fault is None or fault.answer else None})
    if fault is not None and not fault.answer:
        await hang_up(request)
    return Answer(_located(sandbox, request, found))


def _located(sandbox: Sandbox, request: Request, found: Media) -> Json:
    until = time.time() + sandbox.config.media_url_lasts
    ticket = media.ticket(sandbox.config.app_secret, found, until)
    here = f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}"
    return {
        "messaging_product": "whatsapp",
        "url": f"{here}/media/{ticket}",
        "mime_type": found.mime_type,
        "sha256": found.sha256.hex(),
        "file_size": len(found.content),
        "id": found.id,
    }


async def delete_media(request: Request) -> Response:
    """The file is gone."""
    sandbox = state.of(request)
    media_id = request.path_params["object_id"]
    found = media.find(sandbox.store, media_id)
    entry: Json = {"media_id": media_id}
    try:
        if found is None:
            guards.authorise(sandbox, request)
            raise unknown_object(media_id, request.method)
        _authorise(sandbox, request, found)
    except GraphError as error:
        return _refuse(sandbox, "delete", error, entry)
    media.forget(sandbox.store, found)
    _record(sandbox, "delete", entry | {"http_status": 200})
    return Answer({"success": True})


def _authorise(sandbox: Sandbox, request: Request, found: Media) -> None:
    guards.authorise(sandbox, request)
    if request.query_params.get("phone_number_id", found.phone_number_id) != found.phone_number_id:
        raise unknown_object(found.id, request.method)


async def get_content(request: Request) -> Response:
    """A file's bytes, for whoever has a ticket that is still good and the token."""
    sandbox = state.of(request)
    try:
        guards.authorise(sandbox, request)
    except GraphError as error:
        return _refuse(sandbox, "media", error, {"media_id": None})
    found = media.media_of(sandbox.store, sandbox.config.app_secret, request.path_params["ticket"])
    if found is None:
        _record(sandbox, "media", {"media_id": None, "http_status": 404})
        return Response(status_code=404)
    fault = sandbox.faults.take("media", found.phone_number_id)
    entry = {"media_id": found.id, "fault": None if fault is None else fault.kind}
    _record(sandbox, "media", entry | {"http_status": _status(fault)})
    headers = {"Cache-Control": "private"}
    if fault is None:
        return Response(found.content, headers=headers, media_type=found.mime_type)
    return await _disturbed(request, fault, found)


def _status(fault: Fault | None) -> int | None:
    if fault is not None and not fault.answer:
        return None
    return fault.http_status or 500 if fault is not None and fault.kind == "error" else 200


async def _disturbed(request: Request, fault: Fault, found: Media) -> Response:
    await asyncio.sleep(fault.seconds)
    if not fault.answer:
        await hang_up(request)
    if fault.kind == "error":
        return Response(status_code=_status(fault) or 500)
    if fault.kind == "too_large":
        return StreamingResponse(_endless(), media_type=found.mime_type)
    other = bytes([found.content[0] ^ 1]) + found.content[1:] if found.content else b"?"
    content = other if fault.kind == "corrupt" else found.content
    return Response(content, media_type=found.mime_type)


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(_TOO_MANY):
        yield _CHUNK


async def post_media(request: Request) -> Response:
    """Keeps an uploaded file for 30 days (Meta: Media, Upload media)."""
    sandbox = state.of(request)
    phone_number_id = request.path_params["phone_number_id"]
    entry: Json = {"phone_number_id": phone_number_id}
    try:
        guards.authorised_number(sandbox, request, phone_number_id)
        file = await _uploaded(request)
    except GraphError as error:
        return _refuse(sandbox, "upload", error, entry)
    until = time.time() + media.UPLOAD_LASTS
    kept = media.keep(sandbox.store, phone_number_id, file.mime_type, file.filename, file.content, until)
    _record(sandbox, "upload", entry | {"media_id": kept.id, "http_status": 200})
    return Answer({"id": kept.id})


async def _uploaded(request: Request) -> multipart.Part:
    form = {
        part.name: part
        for part in multipart.parts(request.headers.get("content-type", ""), await request.body())
    }
    if "messaging_product" not in form or form["messaging_product"].content != b"whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    file = form.get("file")
    if file is None or not file.content:
        raise GraphError(100, message="(#100) The parameter file is required.")
    limit = media.LIMITS.get(media.plain(file.mime_type))
    if limit is None:
        known = ", ".join(sorted(media.LIMITS))
        raise GraphError(
            100,
            message=f"(#100) Param file must be a file with one of the following types: {known}. "
            f"Received file of type {file.mime_type!r}.",
        )
    if len(file.content) > limit:
        raise GraphError(131053, f"A file of type {file.mime_type} has at most {limit} bytes.")
    return file


def _refuse(sandbox: Sandbox, kind: str, error: GraphError, entry: Json) -> Response:
    _record(sandbox, kind, entry | {"http_status": error.http_status})
    return Answer(error.body(), error.http_status)


def _record(sandbox: Sandbox, kind: str, entry: Json) -> None:
    with sandbox.store.transaction():
        ledger.record(sandbox.store, kind, entry)
