"""The page for owners of tools says what is so: its server runs, its example is taken, its limits are the code's."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from src.accounts.tool_input import ToolInput, settle_tools
from src.core.agent_config import Tool
from src.core.security import new_webhook_secret
from src.core.settings import Settings
from src.messages.actions import actions, call, desk, mcp, offered
from src.messages.actions.call import Behalf, ToolFailed, run
from tests.ports import free_port
from tests.world import eventually

PAGE = (Path(__file__).parents[3] / "docs/actions.md").read_text(encoding="utf-8")
ANA, BEA = {"wa_id": "34600111222", "name": "Ana"}, {"wa_id": "34600999999", "name": "Bea"}
CALL_ID = "c" * 32


def block(language: str) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    return found[0]


DECLARED = [ToolInput(**given) for given in json.loads(block("json"))["tools"]]


class Shop:
    """The page's server, started as a program of its own."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret

    def calls(self, number: int, customer: dict[str, str], secret: str = "", **arguments: Any) -> str:
        told = {**DECLARED[number].model_dump(), "secret": secret or self.secret}
        tool = Tool(**{**told, "url": f"http://127.0.0.1:{self.port}/tools"})
        behalf = Behalf("asst_1", 7, customer)
        return run(tool, CALL_ID, arguments, behalf, private=f"127.0.0.1:{self.port}", seconds=5)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    port, secret = free_port(), new_webhook_secret()
    program = tmp_path / "server.py"
    program.write_text(block("python"), encoding="utf-8")
    env = {**os.environ, "TOOL_SECRET": secret, "PORT": str(port)}
    running = subprocess.Popen(
        [sys.executable, program], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        eventually(lambda: _listens(port))
        yield Shop(port, secret)
    finally:
        running.kill()
        running.wait(10)


def _listens(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
    except urllib.error.HTTPError:
        return True  # it knows no GET
    except OSError:
        return False
    return True


def test_the_pages_server_tells_a_customer_of_their_own_order_alone(shop: Shop) -> None:
    own = json.loads(shop.calls(0, ANA, order="A-17"))
    assert own["status"] == "on its way, arrives on Friday"


def test_the_pages_server_tells_nobody_of_anothers_order(shop: Shop) -> None:
    assert "on its way" not in shop.calls(0, BEA, order="A-17")


def test_the_pages_server_does_a_thing_once_however_often_it_is_asked(shop: Shop) -> None:
    first = shop.calls(1, ANA, day="2026-12-04", people=4)
    assert json.loads(first)["booked"] is True
    assert shop.calls(1, ANA, day="2026-12-05", people=9) == first  # by its Idempotency-Key


def test_the_pages_server_refuses_a_call_that_another_has_signed(shop: Shop) -> None:
    with pytest.raises(ToolFailed) as failed:
        shop.calls(0, ANA, secret=new_webhook_secret(), order="A-17")
    assert failed.value.reason == "status 401"


def test_the_pages_tools_are_taken_as_they_stand() -> None:
    settled = settle_tools(DECLARED, (), Settings(_env_file=None))
    assert [(tool.name, tool.changes) for tool in settled.tools] == [
        ("order_status", False),
        ("book_table", True),
    ]


def test_the_pages_figures_are_the_codes() -> None:
    assert f"| Tools called for one answer | {desk.MAX_CALLS} |" in PAGE
    assert f"| Time for one call | {call.CALL_SECONDS:.0f} s |" in PAGE
    assert f"| Arguments | {offered.MAX_ARGUMENTS // 1024} KiB;" in PAGE
    assert f"for {actions.CONFIRM_MS // 60_000} minutes" in PAGE
    assert f"{call.MAX_BYTES // 1024} KiB at most" in PAGE
    assert f"first {call.MAX_TEXT:,} characters" in PAGE
    assert all(revision in PAGE for revision in (mcp.MODERN, *mcp.LEGACY))
