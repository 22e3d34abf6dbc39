"""One turn's way to tools: what the model may ask for, what it gets, and what the customer's yes sets going."""

import logging
import secrets
import time
from collections.abc import Mapping
from functools import cached_property

from sqlalchemy import Connection, select

from src.core.agent_config import AgentConfig, Tool
from src.core.database import now_ms
from src.core.instance import Instance
from src.core.openai_client import Function, Wish
from src.messages.actions import actions, mcp, taking
from src.messages.actions.buttons import confirmation
from src.messages.actions.call import CALL_SECONDS, Behalf, ToolFailed, run
from src.messages.actions.mcp_tools import McpTool
from src.messages.actions.offered import checked, functions
from src.messages.actions.outcome import Call, Confirmed, Denied, Ended, Proposed, Taken, Told, Wished
from src.messages.brain.pace import MustWait
from src.messages.decision import Decision
from src.messages.question import Question

__all__ = ["Behalf", "Desk", "Proposed", "Told"]

log = logging.getLogger(__name__)

MAX_CALLS = 3  # tools that one turn calls
_AGAIN_MS = 1_000
_MAX_NAME = 48  # characters of a name that no tool has


class Desk:
    """The tools of one turn. `language` is the one in which the customer is asked."""

    def __init__(self, instance: Instance, behalf: Behalf, config: AgentConfig, language: str) -> None:
        self.instance, self._behalf, self._config, self.language = instance, behalf, config, language
        self._made: list[tuple[Call, Mapping[str, str]]] = []
        self._proposed: Proposed | None = None
        self.tried: list[Mapping[str, str]] = []  # {tool, outcome}: `ok`, or why it brought nothing

    @cached_property
    def _tools(self) -> dict[str, Tool | McpTool]:
        settings = self.instance.settings
        own: list[Tool | McpTool] = list(self._config.tools)
        if settings.mcp_url:
            own += mcp.server(settings.mcp_url, settings.mcp_token, settings.outgoing_private).tools()
        return {tool.name: tool for tool in own}

    @property
    def functions(self) -> tuple[Function, ...]:
        """What the model may ask for. An MCP server may be asked for its list: not within a transaction."""
        return functions(self._tools.values())

    def run(self, wish: Wish) -> Wished:
        """What the model gets: a tool's answer, a question for the customer, or why there is none.

        At most three tools are called in a turn, each for 8 s at most: not within a transaction.
        """
        tool = self._tools.get(wish.name)
        if tool is None:
            return self._deny(wish.name, "There is no such tool.", "unknown tool")
        if (why := checked(tool, wish.arguments)) is not None:
            return self._deny(tool.name, f"The tool was not called. {why}", "wrong arguments")
        call = Call(secrets.token_hex(16), tool.name, wish.arguments)
        if tool.changes:
            return self._propose(tool, call)
        if len(self._made) >= MAX_CALLS:
            return self._deny(tool.name, "No more tools can be called for this answer.", "too many")
        return self._ask(tool, call)

    def _deny(self, name: str, why: str, reason: str) -> Denied:
        self.tried.append({"tool": name[:_MAX_NAME], "outcome": reason})
        log.info("tool_denied", extra={"conversation_id": self._behalf.conversation_id, "reason": reason})
        return Denied(why, reason)

    def _propose(self, tool: Tool | McpTool, call: Call) -> Proposed | Denied:
        asked = confirmation(tool, call.id, call.arguments, self.language)
        if asked is None:
            why = "The arguments are too long to be shown to the customer."
            return self._deny(tool.name, why, "too long to show")
        self._proposed = Proposed(call, asked)
        return self._proposed

    def _ask(self, tool: Tool | McpTool, call: Call) -> Told | Denied:
        try:
            text = self._call(tool, call)
        except ToolFailed as failed:
            self._made.append((call, {"reason": failed.reason}))
            return Denied(failed.says, failed.reason)
        self._made.append((call, {"text": text}))
        return Told(f"tool:{tool.name}:{len(self._made)}", text)

    def _call(self, tool: Tool | McpTool, call: Call) -> str:
        """The tool's text. Raises `ToolFailed`. One line in the log, however it ends."""
        settings, began, outcome = self.instance.settings, time.monotonic(), "failed"
        try:
            if isinstance(tool, McpTool):
                found = mcp.server(settings.mcp_url or "", settings.mcp_token, settings.outgoing_private)
                text = found.run(tool, call.id, call.arguments, self._behalf, CALL_SECONDS)
            else:
                private = settings.outgoing_private
                text = run(tool, call.id, call.arguments, self._behalf, private=private, seconds=CALL_SECONDS)
            outcome = "ok"
            return text
        except ToolFailed as failed:
            outcome = failed.reason
            raise
        finally:
            ms = round((time.monotonic() - began) * 1000, 1)
            ids = {"conversation_id": self._behalf.conversation_id, "call_id": call.id}
            log.info("tool_called", extra={**ids, "outcome": outcome, "ms": ms})
            self.tried.append({"tool": tool.name, "outcome": outcome})

    def settle(self, session: Connection, turn_id: int, decision: Decision) -> None:
        """Writes down what this turn called, and what it asks the customer where that is what is said to them."""
        conversation_id = self._behalf.conversation_id
        assert conversation_id is not None, "only a conversation has turns"
        for call, result in self._made:
            actions.record(session, conversation_id, turn_id, call, result)
        if self._proposed is not None and decision is self._proposed.decision:
            actions.propose(session, conversation_id, turn_id, self._proposed.call)

    def taken(self, session: Connection, question: Question) -> Taken | None:
        """What the customer's messages say to what they were asked: see `taking.take`."""
        assert self._behalf.conversation_id is not None, "only a conversation has turns"
        return taking.take(session, self._behalf.conversation_id, question)

    def carry_out(self, confirmed: Confirmed) -> Ended:
        """Does what the customer has agreed to, once, with the very arguments they have read.

        Not within a transaction. Raises `MustWait` when another worker has begun it, or a person has taken over.
        """
        with self.instance.database.transaction() as session:
            if not actions.begin(session, confirmed.action_id):
                raise MustWait(session.execute(select(now_ms())).scalar_one() + _AGAIN_MS)
        ended = self._ended(confirmed.call)
        with self.instance.database.transaction() as session:
            actions.end(session, confirmed.action_id, ended)
        return ended

    def _ended(self, call: Call) -> Ended:
        tool = self._tools.get(call.tool)
        if tool is None or checked(tool, call.arguments) is not None:
            return Ended(call, "", "the tool is gone")
        try:
            return Ended(call, self._call(tool, call))
        except ToolFailed as failed:
            return Ended(call, "", failed.reason, failed.unknown)
