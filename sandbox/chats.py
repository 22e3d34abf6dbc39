"""Messages as they lie in the customers' telephones."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox import events, showing
from sandbox.people import Customer, Number
from sandbox.store import Row, Store, dumps

WINDOW = 24 * 60 * 60.0  # Meta: Customer service windows

_VISIBLE = "type != 'reaction' AND status != 'accepted'"


@dataclass(frozen=True)
class Message:
    """A message of either side; `content` is its wire node, with `type` and the type's own key.

    `status` is accepted (not in the telephone yet), sent, delivered, read or failed. `customer_id` is None
    when nobody is at the recipient's address. `receipts` is how its statuses travel: normal, hold, duplicate
    or before_answer.
    """

    id: str
    customer_id: str | None
    phone_number_id: str
    author: str
    type: str
    content: dict[str, Any]
    at: float
    status: str
    recipient: dict[str, str]
    tracker: str | None = None
    receipts: str = "normal"
    error: dict[str, Any] | None = None
    reaction: str | None = None

    @property
    def lane(self) -> str:
        """Webhooks of one lane are delivered in order."""
        return f"{self.phone_number_id}/{self.customer_id or next(iter(self.recipient.values()))}"

    def view(self) -> dict[str, Any]:
        """The message as the control API shows it."""
        shown: dict[str, Any] = {"id": self.id, "from": self.author, "type": self.type}
        shown |= showing.content(self.content)
        context = self.content.get("context")
        if isinstance(context, dict):
            shown["context"] = context.get("id") or context.get("message_id")
        if self.reaction:
            shown["reaction"] = self.reaction
        shown |= {"timestamp": self.at, "status": self.status}
        return shown if self.error is None else shown | {"error": self.error}


def add(store: Store, message: Message) -> None:
    """Keeps a message and tells of it, unless it cannot be seen yet. Belongs to the caller's transaction."""
    store.write(
        "INSERT INTO messages (id, customer_id, phone_number_id, author, type, content, at, status, error, "
        "recipient, tracker, receipts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(message.id, message.customer_id, message.phone_number_id, message.author, message.type),
        *(dumps(message.content), message.at, message.status),
        *(None if message.error is None else dumps(message.error), dumps(message.recipient)),
        *(message.tracker, message.receipts),
    )
    if message.type != "reaction" and message.status != "accepted":
        tell(store, "message", message, message=message.view())


def tell(store: Store, kind: str, message: Message, /, **data: object) -> None:
    """An event about a chat; nobody listens for messages without a customer."""
    if message.customer_id is not None:
        chat = {"customer_id": message.customer_id, "phone_number_id": message.phone_number_id}
        events.append(store, kind, chat | data)


def move(store: Store, message: Message, status: str, error: dict[str, Any] | None = None) -> None:
    """Gives a message another status and tells of it; one that was not visible becomes so."""
    packed = None if error is None else dumps(error)
    store.write("UPDATE messages SET status = ?, error = ? WHERE id = ?", status, packed, message.id)
    if message.type == "reaction":
        return
    if message.status == "accepted":
        moved = find(store, message.id)
        assert moved is not None, "it was updated just now"
        tell(store, "message", moved, message=moved.view())
    else:
        tell(
            store,
            "status",
            message,
            message_id=message.id,
            status=status,
            **({} if error is None else {"error": error}),
        )


def react(store: Store, target: Message, emoji: str, author: str) -> None:
    """Puts an emoji on a message, or takes it away with ""."""
    store.write("UPDATE messages SET reaction = ? WHERE id = ?", emoji or None, target.id)
    tell(store, "reaction", target, message_id=target.id, emoji=emoji, **{"from": author})


def find(store: Store, wamid: str) -> Message | None:
    """The message of that id, or None."""
    row = store.row("SELECT * FROM messages WHERE id = ?", wamid)
    return None if row is None else _message(row)


def find_all(store: Store, wamids: list[str]) -> list[Message]:
    """The messages of these ids, as far as they exist, in the order of the ids."""
    found = [find(store, wamid) for wamid in wamids]
    return [message for message in found if message is not None]


def _message(row: Row) -> Message:
    return Message(
        id=row["id"],
        customer_id=row["customer_id"],
        phone_number_id=row["phone_number_id"],
        author=row["author"],
        type=row["type"],
        content=json.loads(row["content"]),
        at=row["at"],
        status=row["status"],
        recipient=json.loads(row["recipient"]),
        tracker=row["tracker"],
        receipts=row["receipts"],
        error=None if row["error"] is None else json.loads(row["error"]),
        reaction=row["reaction"],
    )


def in_chat(store: Store, customer_id: str, phone_number_id: str) -> list[Message]:
    """What the customer sees of one chat, oldest first."""
    rows = store.rows(
        f"SELECT * FROM messages WHERE customer_id = ? AND phone_number_id = ? AND {_VISIBLE} ORDER BY seq",
        *(customer_id, phone_number_id),
    )
    return [_message(row) for row in rows]


def unseen(store: Store, customer: Customer, number: Number) -> list[Message]:
    """The business's messages that the customer has not read, oldest first."""
    rows = store.rows(
        f"SELECT * FROM messages WHERE customer_id = ? AND phone_number_id = ? AND {_VISIBLE} "
        "AND author = 'business' AND status IN ('sent', 'delivered') ORDER BY seq",
        *(customer.id, number.phone_number_id),
    )
    return [_message(row) for row in rows]


def unread_until(store: Store, message: Message) -> list[Message]:
    """The customer's messages up to `message` that the business has not marked read, oldest first."""
    rows = store.rows(
        "SELECT * FROM messages WHERE customer_id = ? AND phone_number_id = ? AND author = 'customer' "
        "AND status != 'read' AND seq <= (SELECT seq FROM messages WHERE id = ?) ORDER BY seq",
        *(message.customer_id, message.phone_number_id, message.id),
    )
    return [_message(row) for row in rows]


def window_is_open(store: Store, customer: Customer, number: Number, now: float) -> bool:
    """True within 24 hours of the customer's last message."""
    last = store.value(
        "SELECT max(at) FROM messages WHERE customer_id = ? AND phone_number_id = ? AND author = 'customer'",
        *(customer.id, number.phone_number_id),
    )
    return last is not None and now - float(last) < WINDOW


def overview(store: Store, customer_id: str | None) -> list[dict[str, Any]]:
    """Each chat with its last message and how many of the business's are unread, the liveliest first."""
    rows = store.rows(
        "SELECT max(seq) AS last, sum(author = 'business' AND status IN ('sent', 'delivered')) AS unread "
        f"FROM messages WHERE {_VISIBLE} AND customer_id IS NOT NULL AND (? IS NULL OR customer_id = ?) "
        "GROUP BY customer_id, phone_number_id ORDER BY last DESC",
        *(customer_id, customer_id),
    )
    return [_chat(store, row["last"], row["unread"]) for row in rows]


def _chat(store: Store, last: int, unread: int) -> dict[str, Any]:
    row = store.row("SELECT * FROM messages WHERE seq = ?", last)
    assert row is not None, "it was counted just now"
    message = _message(row)
    return {
        "customer_id": message.customer_id,
        "phone_number_id": message.phone_number_id,
        "last_message": message.view(),
        "unread": unread,
    }
