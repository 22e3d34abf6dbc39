"""Where one request ends and the next begins is never a matter of opinion: what could be read two ways is not read."""

import re
import socket
from collections.abc import Iterator

import pytest

from tests.integration.console.conftest import Desk
from tests.integration.edge.conftest import instance

FIRST = "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\n"
NEXT = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with instance(tmp_path_factory.mktemp("smuggling")) as found:
        yield found


def answers(desk: Desk, raw: str) -> list[str]:
    """The statuses of all answers to these bytes."""
    said = b""
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as line:
        line.sendall(raw.encode())
        while part := line.recv(65_536):
            said += part
    return re.findall(r"HTTP/1\.1 (\d+)", said.decode())


def test_two_plain_requests_are_two(desk: Desk) -> None:
    assert answers(desk, f"{FIRST}Content-Length: 0\r\n\r\n{NEXT}") == ["401", "200"]


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 90\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
        "Content-Length: 0\r\nX-Note: a\r\n Transfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_nothing_follows_what_could_be_read_two_ways(desk: Desk, headers: str) -> None:
    assert answers(desk, FIRST + headers + NEXT) == ["400"]
