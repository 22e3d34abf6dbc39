"""What an endpoint may ask for: the instance, and a key holder whose key has the scope that it declares."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from pydantic import StringConstraints

from src.accounts.admission import admit
from src.accounts.key_holder import KeyHolder, Scope
from src.core.instance import Instance
from src.messages.dispatch import Dispatcher

_bearer = HTTPBearer(
    auto_error=False, description="The key in the file `api_key` of RELEASED_HOME, or one that was made"
)


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
    request: Request,
    declared: SecurityScopes,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> KeyHolder:
    key = None if given is None else given.credentials
    (needed,) = declared.scopes
    return admit(_instance(request), request.scope, key, Scope(needed))


def scopes_of(route: APIRoute) -> list[str]:
    """The scopes that an endpoint declares by what it asks for; none where it asks for no key holder."""
    asked = [one for one in route.dependant.dependencies if one.call is _key_holder]
    return [scope for one in asked for scope in one.own_oauth_scopes or ()]


WordId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]  # PostgreSQL refuses text with a NUL
TheInstance = Annotated[Instance, Depends(_instance)]
TheDispatcher = Annotated[Dispatcher | None, Depends(_dispatcher)]  # None where workers have it
Ring = Annotated[Callable[[], None], Depends(_ring)]
AgentsRead = Annotated[KeyHolder, Security(_key_holder, scopes=[Scope.AGENTS_READ])]
AgentsWrite = Annotated[KeyHolder, Security(_key_holder, scopes=[Scope.AGENTS_WRITE])]
ConversationsRead = Annotated[KeyHolder, Security(_key_holder, scopes=[Scope.CONVERSATIONS_READ])]
ConversationsWrite = Annotated[KeyHolder, Security(_key_holder, scopes=[Scope.CONVERSATIONS_WRITE])]
OperationsRead = Annotated[KeyHolder, Security(_key_holder, scopes=[Scope.OPERATIONS_READ])]
OperationsWrite = Annotated[KeyHolder, Security(_key_holder, scopes=[Scope.OPERATIONS_WRITE])]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=255, description="Makes a repetition harmless"),
]
