"""Meta's rules for messages with buttons and lists."""

from typing import Any

from sandbox.errors import GraphError

BODY, LIST_BODY, HEADER, FOOTER = 1024, 4096, 60, 60
BUTTONS, BUTTON_TITLE, BUTTON_ID = 3, 20, 256
LIST_BUTTON, SECTIONS, ROWS = 20, 10, 10
SECTION_TITLE, ROW_TITLE, ROW_DESCRIPTION, ROW_ID = 24, 24, 72, 200

Node = dict[str, Any]


def check(interactive: Node) -> None:
    """Raises the GraphError that Meta gives for this `interactive` node; returns when it may be sent."""
    kind = _text(interactive, "type", "interactive.type", 64)
    if kind not in ("button", "list"):
        raise GraphError(131051, f"Interactive messages of type {kind!r} are not known to the sandbox yet.")
    body = _node(interactive, "body", "interactive.body")
    _text(body, "text", "interactive.body.text", LIST_BODY if kind == "list" else BODY)
    _check_frame(interactive)
    action = _node(interactive, "action", "interactive.action")
    if kind == "list":
        _check_list(action)
    else:
        _check_buttons(action)


def _check_frame(interactive: Node) -> None:
    if "header" in interactive:
        header = _node(interactive, "header", "interactive.header")
        if header.get("type") != "text":
            raise GraphError(
                131009,
                "interactive.header.type must be text: media headers are not known to the sandbox yet.",
            )
        _text(header, "text", "interactive.header.text", HEADER)
    if "footer" in interactive:
        _text(_node(interactive, "footer", "interactive.footer"), "text", "interactive.footer.text", FOOTER)


def _check_buttons(action: Node) -> None:
    buttons = _nodes(action, "buttons", "interactive.action.buttons")
    if not 1 <= len(buttons) <= BUTTONS:
        raise GraphError(
            131009, f"Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {BUTTONS}"
        )
    seen: dict[str, set[str]] = {"id": set(), "title": set()}
    for place, button in enumerate(buttons):
        path = f"interactive.action.buttons[{place}]"
        if button.get("type") != "reply":
            raise GraphError(131009, f"{path}.type must be reply")
        reply = _node(button, "reply", f"{path}.reply")
        for key, most in (("id", BUTTON_ID), ("title", BUTTON_TITLE)):
            _once(
                seen[key],
                _text(reply, key, f"{path}.reply.{key}", most),
                f"Buttons must not repeat their {key}",
            )


def _check_list(action: Node) -> None:
    _text(action, "button", "interactive.action.button", LIST_BUTTON)
    sections = _nodes(action, "sections", "interactive.action.sections")
    if not 1 <= len(sections) <= SECTIONS:
        raise GraphError(
            131009, f"Invalid sections count. Min allowed sections: 1, Max allowed sections: {SECTIONS}"
        )
    ids: set[str] = set()
    for place, section in enumerate(sections):
        path = f"interactive.action.sections[{place}]"
        if len(sections) > 1 or "title" in section:
            _text(section, "title", f"{path}.title", SECTION_TITLE)
        rows = _nodes(section, "rows", f"{path}.rows")
        if not rows:
            raise GraphError(131009, f"{path}.rows must not be empty")
        for number, row in enumerate(rows):
            _check_row(row, f"{path}.rows[{number}]", ids)
    if len(ids) > ROWS:
        raise GraphError(131009, f"Total row count exceed max allowed count: {ROWS}")


def _check_row(row: Node, path: str, ids: set[str]) -> None:
    _once(ids, _text(row, "id", f"{path}.id", ROW_ID), "Rows must not repeat their id")
    _text(row, "title", f"{path}.title", ROW_TITLE)
    if "description" in row:
        _text(row, "description", f"{path}.description", ROW_DESCRIPTION, least=0)


def _once(seen: set[str], value: str, complaint: str) -> None:
    if value in seen:
        raise GraphError(131009, f"{complaint}: {value!r}")
    seen.add(value)


def _present(node: Node, key: str, path: str) -> Any:
    if node.get(key) is None:
        raise GraphError(131008, f"The parameter {path} is required.")
    return node[key]


def _node(node: Node, key: str, path: str) -> Node:
    found = _present(node, key, path)
    if not isinstance(found, dict):
        raise GraphError(131009, f"{path} must be an object")
    return found


def _nodes(node: Node, key: str, path: str) -> list[Node]:
    found = _present(node, key, path)
    if not (isinstance(found, list) and all(isinstance(one, dict) for one in found)):
        raise GraphError(131009, f"{path} must be a list of objects")
    return found


def _text(node: Node, key: str, path: str, most: int, least: int = 1) -> str:
    found = _present(node, key, path)
    if not isinstance(found, str):
        raise GraphError(131009, f"{path} must be a string")
    if not least <= len(found.strip()) or len(found) > most:
        raise GraphError(131009, f"{path} length invalid. Min length: {least}, Max length: {most}")
    return found
