"""`/customer`: what a customer may ask of who runs the bot: all that is held about them, and that it be erased."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse

from src.api.dependencies import ConversationsRead, ConversationsWrite, TheInstance
from src.api.routes import ScopedRoute
from src.messages.identity import LONGEST
from src.messages.rights import erase, page
from src.messages.rights.collect import export, inline

router = APIRouter(prefix="/customer", tags=["conversations"], route_class=ScopedRoute)

Who = Annotated[str, Path(max_length=LONGEST)]


@router.get("/{customer}")
def show(key_holder: ConversationsRead, instance: TheInstance, customer: Who) -> dict[str, Any]:
    """All that is held about a customer, as one document; files are in it in base64, up to 20 MB together."""
    return export(instance, key_holder, customer, inline())


@router.get("/{customer}/page", response_class=HTMLResponse)
def read(
    key_holder: ConversationsRead,
    instance: TheInstance,
    customer: Who,
    language: Annotated[
        Literal["es", "pt-BR", "en"] | None, Query(description="of the headings; when absent the agent's")
    ] = None,
) -> HTMLResponse:
    """The same as a page that a person reads: one file, to be saved and handed over."""
    document = export(instance, key_holder, customer, inline())
    html = page.written(document, language or document["language"])
    return HTMLResponse(html, headers={"Content-Disposition": 'attachment; filename="customer.html"'})


@router.delete("/{customer}")
def remove(key_holder: ConversationsWrite, instance: TheInstance, customer: Who) -> dict[str, Any]:
    """Erases a customer: what went, by table, what stays and why, and the backups that still hold them."""
    return erase.erase(instance, key_holder, customer)
