"""`/health`, `/ready`, `/metrics`: is it alive, can it work, how does it fare."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from src import VERSION
from src.api.dependencies import TheDispatcher, TheInstance
from src.core import processes, schema
from src.core.instance import Instance
from src.messages.backlog import exposition

router = APIRouter(tags=["operations"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok", "version": VERSION}


@router.get(
    "/ready",
    responses={503: {"description": "It cannot work now; `parts` says why", "model": dict[str, Any]}},
)
def ready(instance: TheInstance, dispatcher: TheDispatcher) -> JSONResponse:
    """200 when it can take messages and, where it answers them itself, answer them; else 503. Each part's state."""
    parts = {"database": schema.state(instance.database)}
    if dispatcher is not None:
        parts["dispatcher"] = "ok" if dispatcher.alive else "stopped"
    works = all(state == "ok" for state in parts.values())
    if dispatcher is None:
        parts["workers"] = _workers(instance)  # without them it still stores: Meta must not be turned away
    body: dict[str, Any] = {"status": "ok" if works else "unavailable", "parts": parts}
    body["mode"] = "sandbox" if instance.settings.sandbox_mode else "live"
    return JSONResponse(body, 200 if works else 503)


def _workers(instance: Instance) -> str:
    try:
        with instance.database.read() as session:
            count = len(processes.alive(session, "worker"))
    except SQLAlchemyError:
        return "unknown"
    return f"{count} alive" if count else "none: start `celery -A src.tasks worker`"


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(instance: TheInstance) -> Response:
    """Prometheus text; depths and ages come from the database."""
    return Response(exposition(instance), media_type=CONTENT_TYPE_LATEST)
