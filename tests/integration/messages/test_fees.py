"""Every reply that Meta has accepted is counted once, and costs what its market costs once the free ones are used up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from src.core.brain_tables import usage
from src.messages.brain.costs import free_replies
from src.messages.fees import country_of
from tests.integration.messages.test_turns import lines, opening_hours, quiet
from tests.world import World, call, eventually

HERE = "¿Dónde están?"
FEES = '{"ES":0.02,"MX":0.0085,"*":0.01}'


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """Two replies of a month are free."""
    with World(tmp_path, database_url, meta_fees=FEES, meta_free_replies=2) as found:
        opening_hours(found)
        yield found


def counted(world: World) -> dict[str, tuple[int, int]]:
    """Replies and fees (millionths of a dollar) by market; all are this agent's."""
    c = usage.c
    with world.instance.database.read() as session:
        rows = session.execute(select(c.agent_id, c.model, c.calls, c.cost).where(c.purpose == "meta")).all()
    assert {row.agent_id for row in rows} <= {world.agent_id}
    return {row.model: (row.calls, row.cost) for row in rows}


def free(world: World) -> list[dict[str, Any]]:
    with world.instance.database.read() as session:
        return free_replies(session, world.instance.settings)


def somebody_from(world: World, wa_id: str | None = None) -> int:
    """A new customer with that number, or with none at all; their place."""
    new = {"kind": "both", "wa_id": wa_id} if wa_id else {"kind": "username"}
    status, made = call("POST", f"{world.sandbox}/api/customers", new)
    assert status == 201, made
    world.customers.append(made["id"])
    return len(world.customers) - 1


def ask(world: World, customer: int, count: int = 1) -> None:
    world.says(HERE, customer)
    world.answers(count, customer)
    eventually(lambda: quiet(world))


def test_the_first_replies_of_a_month_are_free_and_the_next_cost_what_their_market_costs(
    world: World,
) -> None:
    spain, mexico, peru = (
        somebody_from(world, one) for one in ("34600000771", "5215587654321", "51911122233")
    )
    ask(world, spain)
    ask(world, mexico)
    assert counted(world) == {"ES": (1, 0), "MX": (1, 0)}
    ask(world, mexico, 2)
    ask(world, spain, 2)
    ask(world, peru)
    assert counted(world) == {"ES": (2, 20_000), "MX": (2, 8_500), "PE": (1, 10_000)}
    (number,) = free(world)
    assert (number["phone_number_id"], number["replies"], number["free_left"]) == (world.number_id, 5, 0)


def test_a_customer_without_a_number_has_the_country_of_their_id(world: World) -> None:
    ask(world, somebody_from(world))
    ((market, found),) = counted(world).items()
    assert len(market) == 2
    assert found == (1, 0)


def test_a_persons_reply_is_counted_too(world: World) -> None:
    world.says(HERE)
    world.answers()
    (conversation,) = world.conversations()
    status, _ = world.api("POST", f"/conversation/{conversation['id']}/reply", {"text": "Ahora mismo."})
    assert status in (200, 201, 202)
    world.answers(2)
    eventually(lambda: sum(calls for calls, _ in counted(world).values()) == 2)


def test_what_meta_did_not_take_is_not_counted_and_what_it_took_at_last_is_counted_once(world: World) -> None:
    world.fault(on="messages", code=131056, times=2)
    ask(world, 0)
    assert [calls for calls, _ in counted(world).values()] == [1]


def test_a_reply_whose_answer_never_came_is_counted_by_its_status(world: World) -> None:
    world.fault(on="messages", kind="hang", seconds=0.2, accept=True, answer=False)
    ask(world, 0)
    eventually(lambda: lines(world)[-1]["state"] == "delivered")
    assert [calls for calls, _ in counted(world).values()] == [1]


def test_a_status_before_the_answer_counts_once(world: World) -> None:
    world.fault(on="statuses", kind="before_answer")
    ask(world, 0)
    eventually(lambda: lines(world)[-1]["state"] == "delivered")
    assert [calls for calls, _ in counted(world).values()] == [1]


def test_many_replies_at_once_are_all_counted(world: World) -> None:
    customers = [somebody_from(world, f"3460000080{k}") for k in range(8)]
    for customer in customers:
        world.says(HERE, customer)
    for customer in customers:
        world.answers(1, customer)
    eventually(lambda: quiet(world))
    assert counted(world) == {"ES": (8, 6 * 20_000)}
    assert free(world)[0]["replies"] == 8


@pytest.mark.parametrize(
    ("customer", "country"),
    [
        ({"wa_id": "34600000001"}, "ES"),
        ({"wa_id": "+5491122334455"}, "AR"),
        ({"wa_id": "5521987654321", "user_id": "US.123"}, "BR"),
        ({"wa_id": "12125550123"}, "US"),
        ({"wa_id": "14165550123"}, "CA"),
        ({"user_id": "MX.13491208655302741918"}, "MX"),
        ({"wa_id": "8831234567890"}, "*"),  # a number of no country
        ({"wa_id": "0"}, "*"),
        ({"user_id": "13491208655302741918"}, "*"),
        ({}, "*"),
    ],
)
def test_a_customers_country(customer: dict[str, str], country: str) -> None:
    assert country_of(customer) == country
