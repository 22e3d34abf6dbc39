"""The part of the control API that moves the tokens' clock, and says what becomes of a token."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import reading, state
from sandbox.answers import Answer
from sandbox.config import DAY
from sandbox.tokens import EXPIRED, INVALID, LOGGED_OUT, Token

_LONGEST = 36_500 * DAY


def routes() -> list[Route]:
    """The routes, relative to where the sandbox is mounted."""
    return [
        Route("/api/clock", get_clock, methods=["GET"]),
        Route("/api/clock", post_clock, methods=["POST"]),
        Route("/api/tokens", get_tokens, methods=["GET"]),
        Route("/api/tokens", post_token, methods=["POST"]),
    ]


async def get_clock(request: Request) -> Response:
    """What time it is for tokens, in seconds since 1970."""
    return Answer({"now": state.of(request).tokens.now()})


async def post_clock(request: Request) -> Response:
    """Moves the tokens' clock on by `advance` seconds; nothing else passes meanwhile."""
    tokens = state.of(request).tokens
    tokens.advance(reading.number_between(await reading.body(request), "advance", 0, _LONGEST, 0))
    return Answer({"now": tokens.now()})


async def get_tokens(request: Request) -> Response:
    """Every token that was made, told of or ended, oldest first."""
    tokens = state.of(request).tokens
    return Answer({"tokens": [token.view(tokens.now()) for token in tokens.all()]})


async def post_token(request: Request) -> Response:
    """Tells of a token: it works from now on for `lasts` seconds (null: for ever), or `dies` at once by a subcode."""
    tokens = state.of(request).tokens
    asked = await reading.body(request)
    text, now = reading.text(asked, "token"), tokens.now()
    known = tokens.find(text)
    if asked.get("dies") is not None:
        if asked["dies"] not in (EXPIRED, LOGGED_OUT, INVALID):
            raise HTTPException(400, f"dies must be {LOGGED_OUT}, {EXPIRED} or {INVALID}")
        since = known or Token(text, now)
        told = Token(text, since.issued_at, since.expires_at, int(asked["dies"]))
    else:
        lasts = None if asked.get("lasts") is None else reading.number_between(asked, "lasts", 0, _LONGEST, 0)
        told = Token(text, now, None if lasts is None else now + lasts)
    tokens.keep(told)
    return Answer(told.view(now), 201)
