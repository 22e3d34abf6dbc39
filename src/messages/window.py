"""When WhatsApp lets us write, and when an answer comes too late."""

OPEN_MS = (
    24 * 3600 * 1000
)  # a customer's message opens the window for 24 h (Cloud API, Customer service windows)
MARGIN_MS = 5 * 60 * 1000  # Meta's clock is not ours, and a send takes its time


def is_open(last_inbound_at: int | None, now: int) -> bool:
    """True while a free-form message may be sent to the customer. Times in ms."""
    return last_inbound_at is not None and now - last_inbound_at < OPEN_MS - MARGIN_MS


def closes_at(last_inbound_at: int | None) -> int | None:
    """When the window closes, our margin taken off; None where the customer has never written."""
    return None if last_inbound_at is None else last_inbound_at + OPEN_MS - MARGIN_MS


def is_late(asked_at: int, now: int, reply_max_age: int) -> bool:
    """True when a question of `asked_at` (ms) is older than `reply_max_age` (s): a person decides then."""
    return now - asked_at > reply_max_age * 1000
