"""An agent with many customers: how long it takes to find, to export and to erase one."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import insert, select

from src.core.database import now_ms
from src.core.models import conversations, messages, replies, turns
from src.core.states import MessageState, ReplyState
from tests.world import World

_EACH = 5  # messages of a customer
_RUNS = 5


def measure(world: World, count: int) -> dict[str, float]:
    """Seconds of each request, the median of five, with `count` messages and as many answers at one agent."""
    _fill(world, count)
    agent = f"/conversation?agent={world.agent_id}"
    asked = {
        "list, 100 conversations": agent,
        "customer=": "/conversation?customer=34600100007",
        "name=": f"{agent}&name=apellido7",
        "text=": f"{agent}&text=gluten%207%20x",
        "export": "/customer/34600100007",
    }
    found = {name: _median(partial(world.api, "GET", path)) for name, path in asked.items()}
    numbers = iter(range(34600100010, 34600100010 + _RUNS))
    return found | {"erase": _median(lambda: world.api("DELETE", f"/customer/{next(numbers)}"))}


def _median(ask: Callable[[], tuple[int, Any]]) -> float:
    times = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        status, answer = ask()
        times.append(time.perf_counter() - began)
        assert status == 200, answer
    return sorted(times)[_RUNS // 2]


def _fill(world: World, count: int) -> None:
    lookup = world.instance.keyring.lookup
    with world.instance.database.transaction() as session:
        now = session.execute(select(now_ms())).scalar_one()
        for number in range(count // _EACH):
            wa_id = str(34600100000 + number)
            known = {"wa_id": wa_id, "name": f"Nombre{number} Apellido{number}"}
            row = {"phone_number_id": world.number_id, "wa_key": lookup(f"wa:{wa_id}"), "customer": known}
            row |= {"customer_key": b"k", "holder": "bot", "fence": 0, "redrafts": 0, "failures": 0}
            row |= {"last_at": now, "created_at": now, "last_inbound_at": now}
            made = insert(conversations).values(row).returning(conversations.c.id)
            _talk(world, session, session.execute(made).scalar_one(), now)


def _talk(world: World, session: Any, conversation_id: int, now: int) -> None:
    here = {"conversation_id": conversation_id, "created_at": now}
    for number in range(_EACH):
        text = f"Hola, ¿tienen pan sin gluten {conversation_id} x{number} para el sábado? Somos cuatro a la mesa."
        content = {"id": "wamid.x", "type": "text", "text": {"body": text}}
        turn = {**here, "agent_id": world.agent_id, "agent_version": 1, "decision": "answer", "brain": "faq"}
        turn |= {"detail": {"reply": "Sí.", "source_ids": ["f1"], "reason": "found"}, "messages": 1}
        turn_id = session.execute(insert(turns).values(turn).returning(turns.c.id)).scalar_one()
        message = {"conversation_id": conversation_id, "state": MessageState.ANSWERED, "kind": "text"}
        message |= {"content": content, "sent_at": now, "received_at": now, "turn_id": turn_id}
        session.execute(insert(messages).values(message))
        reply = {**here, "turn_id": turn_id, "part": 0, "author": "bot", "state": ReplyState.DELIVERED}
        reply |= {"content": {"type": "text", "text": {"body": "Sí, pan de molde por encargo, a 6,50 €."}}}
        reply |= {"tracker": f"t{turn_id}", "attempts": 1, "asked_at": now}
        session.execute(insert(replies).values(reply))
