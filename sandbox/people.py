"""The businesses' numbers and the customers who write to them."""

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from sandbox import events, ids
from sandbox.store import Row, Store

KINDS = ("phone", "username", "both")

_NAMES = (
    "Valentina Torres",
    "Javier Morales",
    "Camila Herrera",
    "Rafael Lima",
    "Sofía Navarro",
    "Diego Castillo",
    "Beatriz Carvalho",
    "Andrés Peña",
    "Carmen Ortega",
    "Thiago Almeida",
)


@dataclass(frozen=True)
class Number:
    """A business's number; `display_phone_number` is + and digits."""

    phone_number_id: str
    display_phone_number: str
    name: str

    @property
    def digits(self) -> str:
        """The number as webhooks write it."""
        return self.display_phone_number.removeprefix("+")


@dataclass(frozen=True)
class Customer:
    """Somebody with WhatsApp: reachable by `wa_id` (digits), by `user_id` (BSUID), or by both."""

    id: str
    name: str
    wa_id: str | None
    user_id: str | None
    username: str | None

    @property
    def identity(self) -> str:
        """What a message id is made from."""
        return self.wa_id or self.user_id or self.id

    def view(self) -> dict[str, Any]:
        """The customer as the control API shows it."""
        return asdict(self)


def _number(row: Row) -> Number:
    return Number(row["phone_number_id"], "+" + row["digits"], row["name"])


def _customer(row: Row) -> Customer:
    return Customer(row["id"], row["name"], row["wa_id"], row["user_id"], row["username"])


def all_numbers(store: Store) -> list[Number]:
    """Every number, oldest first."""
    return [_number(row) for row in store.rows("SELECT * FROM numbers ORDER BY seq")]


def find_number(store: Store, phone_number_id: str) -> Number | None:
    """The number of that id, or None."""
    row = store.row("SELECT * FROM numbers WHERE phone_number_id = ?", phone_number_id)
    return None if row is None else _number(row)


def add_number(store: Store, digits: str, name: str | None) -> Number:
    """Registers a number. Safe to call twice: digits keep their id, and their name unless one is given."""
    row = store.row("SELECT * FROM numbers WHERE digits = ?", digits)
    if row is not None and name in (None, row["name"]):
        return _number(row)
    number = Number(ids.phone_number_id(digits), "+" + digits, name or "+" + digits)
    store.write(
        "INSERT INTO numbers (phone_number_id, digits, name, seq) "
        "VALUES (?, ?, ?, (SELECT count(*) FROM numbers)) "
        "ON CONFLICT (digits) DO UPDATE SET name = excluded.name",
        *(number.phone_number_id, digits, number.name),
    )
    events.append(store, "number", asdict(number))
    return number


def all_customers(store: Store) -> list[Customer]:
    """Every customer, oldest first."""
    return [_customer(row) for row in store.rows("SELECT * FROM customers ORDER BY seq")]


def find_customer(store: Store, customer_id: str) -> Customer | None:
    """The customer of that id, or None."""
    row = store.row("SELECT * FROM customers WHERE id = ?", customer_id)
    return None if row is None else _customer(row)


def find_addressee(store: Store, wa_id: str | None, user_id: str | None) -> Customer | None:
    """The customer at that number, else with that BSUID, or None: `to` wins over `recipient`."""
    column, value = ("wa_id", wa_id) if wa_id is not None else ("user_id", user_id)
    row = store.row(f"SELECT * FROM customers WHERE {column} = ?", value)
    return None if row is None else _customer(row)


def add_customer(
    store: Store, kind: str, name: str | None, wa_id: str | None, username: str | None
) -> Customer:
    """Makes a customer; what is not given is made up. Raises sqlite3.IntegrityError when one is taken."""
    name = name or secrets.choice(_NAMES)
    wa_id = wa_id or f"346{secrets.randbelow(10**8):08d}"
    made = Customer(
        id=f"cus_{secrets.token_hex(6)}",
        name=name,
        wa_id=None if kind == "username" else wa_id,
        user_id=None if kind == "phone" else ids.user_id(wa_id),
        username=username or (_username(name) if kind == "username" else None),
    )
    store.write(
        "INSERT INTO customers (id, name, wa_id, user_id, username) VALUES (?, ?, ?, ?, ?)",
        *(made.id, made.name, made.wa_id, made.user_id, made.username),
    )
    events.append(store, "customer", made.view())
    return made


def seed(store: Store) -> None:
    """Three customers for a first start, one of each kind. Does nothing when somebody is there."""
    if store.value("SELECT count(*) FROM customers"):
        return
    add_customer(store, "both", "Lucía Fernández", "34611203344", None)
    add_customer(store, "phone", "Mateo Rojas", "5215512345678", None)
    add_customer(store, "username", "Ana Souza", "5511912345678", "ana.souza")


def _username(name: str) -> str:
    letters = "".join(letter for letter in name.lower().replace(" ", ".") if letter.isascii())
    return f"{letters}.{secrets.token_hex(2)}"
