"""`/health`, `/ready`, `/metrics`: is it alive, can it work, how does it fare."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from src import VERSION
from src.api.dependencies import TheDispatcher, TheInstance
from src.core import schema
from src.core.instance import Instance
from src.messages.backlog import gauges

router = APIRouter(tags=["operations"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok", "version": VERSION}


@router.get("/ready")
def ready(instance: TheInstance, dispatcher: TheDispatcher) -> JSONResponse:
    """200 when it can take and answer messages, else 503; each part with its state."""
    parts = {"database": _database(instance), "dispatcher": "ok" if dispatcher.alive else "stopped"}
    works = all(state == "ok" for state in parts.values())
    body: dict[str, Any] = {"status": "ok" if works else "unavailable", "parts": parts}
    body["mode"] = "sandbox" if instance.settings.sandbox_mode else "live"
    return JSONResponse(body, 200 if works else 503)


def _database(instance: Instance) -> str:
    try:
        present = schema.revision(instance.database)
    except SQLAlchemyError as error:
        return f"away ({type(error).__name__}): check DATABASE_URL and that the server runs"
    return (
        "ok"
        if present == schema.HEAD
        else f"schema {present or 'none'}, not {schema.HEAD}: run `released migrate`"
    )


@router.get("/metrics")
def metrics(instance: TheInstance) -> Response:
    """Prometheus text; depths and ages come from the database."""
    try:
        with instance.database.read() as session:
            from_database = gauges(session)
    except SQLAlchemyError:
        from_database = ""
    return Response(generate_latest(REGISTRY) + from_database.encode(), media_type=CONTENT_TYPE_LATEST)
