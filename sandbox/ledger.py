"""The append-only record: what was asked, what was answered, and every attempt to deliver a webhook."""

import json
import time
from typing import Any

from sandbox.store import Row, Store, dumps


def record(store: Store, kind: str, entry: dict[str, Any], webhook: int | None = None) -> None:
    """Adds an entry, in the transaction that does what it tells of; `webhook` is the one it is about."""
    store.write(
        "INSERT INTO ledger (at, kind, entry, webhook) VALUES (?, ?, ?, ?)",
        time.time(),
        kind,
        dumps(entry),
        webhook,
    )


def entries(store: Store, after: int, limit: int, kind: str | None) -> list[dict[str, Any]]:
    """The entries with a `seq` above `after`, oldest first; those about webhooks carry the exact `body`."""
    rows = store.rows(
        "SELECT ledger.*, webhooks.body FROM ledger LEFT JOIN webhooks ON webhooks.seq = ledger.webhook "
        "WHERE ledger.seq > ? AND (? IS NULL OR ledger.kind = ?) ORDER BY ledger.seq LIMIT ?",
        *(after, kind, kind, limit),
    )
    return [_entry(row) for row in rows]


def _entry(row: Row) -> dict[str, Any]:
    entry = {"seq": row["seq"], "at": row["at"], "kind": row["kind"], **json.loads(row["entry"])}
    return entry if row["webhook"] is None else entry | {"webhook_id": row["webhook"], "body": row["body"]}
