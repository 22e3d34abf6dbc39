"""What is too large is refused early, and what is unclear is named."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from tests.world import API_KEY, NUMBER, World, call

MIB = 1024 * 1024


def declared(world: World, path: str, length: int) -> str:
    """The first line of the answer to a request of which only the head was sent; empty when it waits for the body."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", world.port), timeout=1.0) as connection:
        connection.sendall(head.encode())
        try:
            return connection.recv(4096).decode().split("\r\n")[0]
        except TimeoutError:
            return ""


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/agent", 16),
        ("/agent/asst_x/faqs", 16),
        ("/agent/asst_x/ask", 1),
        ("/start/agent", 16),
        ("/conversation/1/reply", 1),
        ("/nowhere", 1),
        ("/webhook", 4),
    ],
)
def test_a_body_that_is_said_to_be_too_large_is_not_waited_for(world: World, path: str, most: int) -> None:
    assert "413" in declared(world, path, most * MIB + 1)
    assert "413" not in declared(world, path, most * MIB)


def unannounced() -> Iterator[bytes]:
    """Five MiB in pieces."""
    for _ in range(5):
        yield b" " * MIB


def test_a_body_that_does_not_say_how_large_it_is_is_counted(world: World) -> None:
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    url = f"{world.url}/conversation/1/reply"
    answer = urllib3.request("POST", url, body=unannounced(), headers=headers, retries=False)
    problem = answer.json()
    assert (answer.status, problem["title"]) == (413, "The request is too large")
    assert "1 MiB at most" in problem["detail"]


def test_two_thousand_faqs_are_taken(world: World) -> None:
    faqs = [{"q": f"¿Cuánto cuesta el número {n}?", "a": "x" * 1_000} for n in range(2_000)]
    body = {"phone_number": NUMBER, "phone_number_id": world.number_id, "faqs": faqs}
    assert world.api("POST", "/agent", body)[0] == 201


def test_a_body_that_is_not_said_to_be_json_is_told_the_header(world: World) -> None:
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "text/plain"}
    status, problem = call("POST", f"{world.url}/agent", b'{"phone_number": "+34600000147"}', **headers)
    assert status == 422
    assert "Content-Type: application/json" in problem["detail"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", None])
def test_a_body_that_is_no_object_is_told_so(world: World, body: bytes | None) -> None:
    status, problem = world.api("POST", "/agent", body)
    assert (status, problem["detail"]) == (422, "the body must be a JSON object")


def said(problem: dict[str, Any]) -> str:
    assert problem["title"] != problem["detail"]
    return str(problem["detail"])


def test_json_that_is_nested_too_deeply_is_told_so(world: World) -> None:
    status, problem = world.api("POST", "/agent", b"[" * 100_000)
    assert status == 400
    assert "nested too deeply" in said(problem)


def test_a_method_that_is_not_taken_is_named(world: World) -> None:
    status, problem = world.api("DELETE", "/agent")
    assert status == 405
    assert "does not take DELETE" in said(problem)
