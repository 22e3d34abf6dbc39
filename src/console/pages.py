"""The pages for people: the start page, what it asks of us, and the API's documentation."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from src import VERSION
from src.accounts.agent_input import AgentInput
from src.accounts.create import create_agent
from src.accounts.faq_files import parse_faqs
from src.accounts.key_holder import OWNER
from src.console import guards, languages, reference, status
from src.core.errors import Invalid

_HERE = Path(__file__).parent
_A_YEAR = 365 * 24 * 3600
_MAX_TEXT = 8_000_000

router = APIRouter(include_in_schema=False)
_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["marked"] = reference.marked
_templates.filters["json"] = reference.pretty


class PreviewInput(BaseModel):
    """FAQs as they were pasted, or read from the file of that name."""

    text: str = Field(max_length=_MAX_TEXT)
    name: str | None = Field(default=None, max_length=255)


class PageFiles(StaticFiles):
    """Styles and scripts, which a browser asks for anew after each change."""

    async def get_response(self, path: str, scope: Any) -> Response:
        """The file, or a 304."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def install(api: FastAPI) -> None:
    """Adds the pages and their files to `api`, whose `state.instance` is set."""
    api.include_router(router)
    api.mount("/static", PageFiles(directory=_HERE / "static"))


def _page(name: str, **values: Any) -> HTMLResponse:
    html = _templates.get_template(name).render(version=VERSION, **values)
    return HTMLResponse(html, headers={"Vary": "Accept-Language, Cookie"})


@router.get("/")
def start(request: Request) -> HTMLResponse:
    """The start page; it tells of agents and keys only where it may be used without a key."""
    instance = guards.instance_of(request)
    tag = languages.spoken(request)
    values: dict[str, Any] = {
        "tag": tag,
        "say": languages.SENTENCES[tag],
        "languages": languages.LANGUAGES,
        "chosen": languages.chosen(request),
        "sandbox": instance.settings.sandbox_mode,
        "database": status.database_state(instance),
        "open": guards.is_open(request),
        "agents": [],
        "free_numbers": {},
    }
    if values["open"]:
        values["key_file"] = status.key_file(instance)
        values["curl"] = status.curl(instance, f"{request.url.scheme}://{request.headers['host']}")
        if values["database"] == "ok":
            values["agents"] = status.agents_shown(instance)
            values["free_numbers"] = status.free_numbers(instance)
    return _page("start.html", **values)


@router.get("/language/{tag}")
def choose_language(request: Request, tag: str) -> RedirectResponse:
    """Speaks this language from now on, in this browser."""
    if tag not in languages.LANGUAGES:
        raise HTTPException(404, "Not Found")
    response = RedirectResponse("/", 303)
    name, secure = languages.cookie_of(request), guards.is_https(request)
    response.set_cookie(name, quote(tag), max_age=_A_YEAR, secure=secure, httponly=True, samesite="lax")
    return response


@router.post("/start/preview", dependencies=[Depends(guards.require_here_or_key)])
def preview(body: PreviewInput) -> dict[str, Any]:
    """What was understood: `{"faqs": [...], "errors": []}`, or no FAQs and `[{line, problem, message, ...}]`."""
    try:
        return {"faqs": parse_faqs(body.text, body.name), "errors": []}
    except Invalid as refused:
        return {"faqs": [], "errors": refused.extensions["errors"]}


@router.post("/start/agent", status_code=201, dependencies=[Depends(guards.require_here)])
def make_agent(request: Request, body: AgentInput) -> dict[str, Any]:
    """As `POST /agent`, for a person at this machine in sandbox mode."""
    return create_agent(guards.instance_of(request), OWNER, body)


@router.get("/docs")
def documentation(request: Request) -> HTMLResponse:
    """The API's documentation; in production for this machine alone."""
    if guards.instance_of(request).settings.app_env == "prod" and not guards.is_local(request):
        raise HTTPException(404, "Not Found")
    base = f"{request.url.scheme}://{request.headers['host']}"
    return _page("docs.html", base=base, **reference.read(request.app.openapi()))
