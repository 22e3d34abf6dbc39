"""What an endpoint may ask for: the instance, and a caller who has the API key."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from src.core.actor import known_as
from src.core.callers import note_right_key
from src.core.errors import Unauthorized
from src.core.instance import Instance
from src.core.security import same
from src.messages.dispatch import Dispatcher

_bearer = HTTPBearer(auto_error=False, description="The key in the file `api_key` of RELEASED_HOME")


def _instance(request: Request) -> Instance:
    found: Instance = request.app.state.instance
    return found


def _dispatcher(request: Request) -> Dispatcher | None:
    found: Dispatcher | None = request.app.state.dispatcher
    return found


def _ring(request: Request) -> Callable[[], None]:
    found: Callable[[], None] = request.app.state.ring
    return found


def _key_holder(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> None:
    instance = _instance(request)
    if given is None or not same(given.credentials, instance.api_key):
        raise Unauthorized(
            "send `Authorization: Bearer KEY`; the key is in the file api_key of RELEASED_HOME, or in API_KEY"
        )
    known_as("key of the owner")
    note_right_key(request.scope)


TheInstance = Annotated[Instance, Depends(_instance)]
TheDispatcher = Annotated[Dispatcher | None, Depends(_dispatcher)]  # None where workers have it
Ring = Annotated[Callable[[], None], Depends(_ring)]
ApiKey = Depends(_key_holder)
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=255, description="Makes a repetition harmless"),
]
