"""Reads what the telephone and tests ask of the control API."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from sandbox import people, state
from sandbox.people import Customer, Number
from sandbox.store import loads

Json = dict[str, Any]


async def body(request: Request) -> Json:
    """The JSON object of a request; an empty body is an empty object."""
    if not await request.body():
        return {}
    try:
        found = loads(await request.body())
    except ValueError:
        raise HTTPException(400, "The body is not JSON") from None
    if not isinstance(found, dict):
        raise HTTPException(400, "The body is not a JSON object")
    return found


def text(node: Json, key: str) -> str:
    """A text that must be there and not empty."""
    found = node.get(key)
    if not isinstance(found, str) or not found:
        raise HTTPException(400, f"{key} must be a text")
    return found


def optional_text(node: Json, key: str) -> str | None:
    """A text, or None when it is absent or null."""
    return None if node.get(key) is None else text(node, key)


def number_between(node: Json, key: str, least: float, most: float, default: float) -> float:
    """A number within bounds."""
    found = node.get(key, default)
    if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
        raise HTTPException(400, f"{key} must be a number from {least:g} to {most:g}")
    return found


def truth(node: Json, key: str, default: bool) -> bool:
    """True or false."""
    found = node.get(key, default)
    if not isinstance(found, bool):
        raise HTTPException(400, f"{key} must be true or false")
    return found


def choice(node: Json, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
    """One of a few words."""
    found = node.get(key, default)
    if not isinstance(found, str) or found not in choices:
        raise HTTPException(400, f"{key} must be one of {', '.join(choices)}")
    return found


def objects(node: Json, key: str, most: int) -> list[Json]:
    """A list of one to `most` objects."""
    found = node.get(key)
    if (
        not isinstance(found, list)
        or not 1 <= len(found) <= most
        or not all(isinstance(one, dict) for one in found)
    ):
        raise HTTPException(400, f"{key} must be a list of 1 to {most} objects")
    return found


def chat(request: Request) -> tuple[Customer, Number]:
    """The two sides of the chat that the path names."""
    store = state.of(request).store
    customer = people.find_customer(store, request.path_params["customer_id"])
    number = people.find_number(store, request.path_params["phone_number_id"])
    if customer is None or number is None:
        raise HTTPException(404, "No such customer" if customer is None else "No such number")
    return customer, number


def query_number(request: Request, key: str, default: int) -> int:
    """A whole number of the query."""
    found = request.query_params.get(key, str(default))
    if not found.isdecimal() or len(found) > 18:
        raise HTTPException(400, f"{key} must be a whole number")
    return int(found)
