"""Every error of the JSON edge as application/problem+json (RFC 9457): what is wrong, why, and how to mend it."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from src.core.errors import MetaError, Refusal

log = logging.getLogger(__name__)

META_FAILED = "WhatsApp did not do it"


TOO_LARGE = "The request is too large"
_NO_JSON = "send the header `Content-Type: application/json`"


def problem(status: int, title: str, detail: str, **extensions: Any) -> JSONResponse:
    """One problem."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extensions}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Makes `app` answer every error with a problem."""
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(MetaError, _meta)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(Exception, _unexpected)


async def _refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return problem(error.status, error.title, error.detail, **error.extensions)


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if _is_bare(error) and "json" not in request.headers.get("content-type", ""):
        return problem(422, "The body is not said to be JSON", f"{_NO_JSON}, and a JSON object")
    errors = [{"field": _field(e["loc"]), "message": _message(e)} for e in error.errors()]
    log.info("input_refused", extra={"errors": len(errors)})
    named = "; ".join(f"{e['field']}: {e['message']}" if e["field"] else e["message"] for e in errors[:5])
    more = f"; and {len(errors) - 5} more" if len(errors) > 5 else ""
    return problem(422, "The request has wrong fields", named + more, errors=errors)


def _is_bare(error: RequestValidationError) -> bool:
    """True when it is about the body as a whole, as when it was not read as JSON."""
    return any(_is_of_whole(e) for e in error.errors())


def _is_of_whole(error: dict[str, Any]) -> bool:
    return bool(
        error["loc"] == ("body",) and error["type"] != "value_error"
    )  # what a model found among its fields


def _field(places: tuple[int | str, ...]) -> str:
    """`faqs[3].q` for ("body", "faqs", 3, "q")."""
    parts = [f"[{place}]" if isinstance(place, int) else f".{place}" for place in places if place != "body"]
    return "".join(parts).lstrip(".")


def _message(error: dict[str, Any]) -> str:
    if _is_of_whole(error):
        return "the body must be a JSON object"
    if error["type"] == "json_invalid":
        return f"the body is not JSON ({error['ctx']['error']} at character {error['loc'][-1]})"
    return str(error["msg"]).removeprefix("Value error, ")


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    said = str(error.detail)
    title, detail = {
        400: (
            "The body cannot be read",
            "it is no JSON, or nested too deeply: send an object as /docs shows it",
        ),
        404: (said, "there is nothing at this address; see /docs"),
        405: (said, f"this address does not take {request.method}; /docs lists what each takes"),
        413: (TOO_LARGE, said),
    }.get(error.status_code, (said, said))
    answer = problem(error.status_code, title, detail)
    answer.headers.update(error.headers or {})
    return answer


async def _meta(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MetaError)
    return problem(502, META_FAILED, f"{error.reason} (code {error.code}): try again, or run the sandbox")


async def _database(_request: Request, error: Exception) -> JSONResponse:
    log.error("database_failed", exc_info=error)
    return problem(503, "The database cannot take it now", "try again; /ready says what is wrong")


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", exc_info=error)
    return problem(
        500, "An error of ours", "it is written in the log; nothing that was asked for was done half"
    )
