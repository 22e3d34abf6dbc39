"""A token makes room for the next before it ends, and no send fails for it."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from src.accounts.numbers import add_number
from src.accounts.tokens.keep import keep_tokens
from src.core.token_tables import tokens
from tests.integration.tokens.token_world import DAY, SECOND, SECOND_TOKEN, TokenWorld
from tests.world import TOKEN, call

# For a year: ROTATION_DAYS=365 pytest -k year tests/integration/tokens/test_rotation.py
DAYS = int(os.environ.get("ROTATION_DAYS", "100"))


@pytest.mark.slow
def test_in_a_year_of_rotations_no_send_fails(world: TokenWorld) -> None:
    for day in range(DAYS):
        world.asks(number=0, customer=day % 2)
        world.asks(number=1, customer=day % 2)
        world.keep()
        world.passes(180)
        world.keep()
        world.all_answered()
        world.passes(DAY - 180)
    assert world.refusals() == 0
    # Day 45, 90 …: of each token's rotations only the last is left.
    assert len(world.at_meta()) == 2 * (1 + DAYS // 45)
    assert sorted(world.working()) == sorted(world.current())


def test_a_token_is_exchanged_on_day_45_and_not_before(world: TokenWorld) -> None:
    world.keep()
    world.passes(44.9 * DAY)
    assert world.keep() == {"kept": 2}
    assert sorted(world.current()) == sorted([TOKEN, SECOND_TOKEN])
    world.passes(0.2 * DAY)
    assert world.keep() == {"rotated": 2}
    assert not {TOKEN, SECOND_TOKEN} & set(world.current())


@pytest.mark.both_databases
def test_the_old_one_works_until_nobody_can_have_it_any_more(world: TokenWorld) -> None:
    world.keep()
    world.passes(45 * DAY)
    world.keep()
    assert len(world.working()) == 4
    world.passes(119)
    world.keep()
    assert len(world.working()) == 4
    world.passes(2)
    world.keep()
    assert sorted(world.working()) == sorted(world.current())


def test_a_process_that_starts_with_the_old_token_in_its_environment_uses_the_new_one(
    world: TokenWorld,
) -> None:
    world.keep()
    world.passes(45 * DAY)
    world.keep_for_minutes()
    assert TOKEN not in world.working()
    world.stop()
    world.start()
    world.asks(number=0)
    world.asks(number=1)
    world.all_answered()
    assert world.refusals() == 0


@pytest.mark.both_databases
def test_two_clocks_at_once_make_one_token(world: TokenWorld) -> None:
    world.keep()
    world.passes(45 * DAY)
    now = world.now
    with ThreadPoolExecutor(4) as clocks:
        for done in [clocks.submit(keep_tokens, world.instance, now) for _ in range(4)]:
            done.result()
    assert len(world.ledger("exchange")) == 2
    assert len(set(world.current())) == 2


def test_a_token_that_never_ends_is_rotated_by_the_same_clock(world: TokenWorld) -> None:
    world.last(TOKEN, None)
    world.keep()
    world.passes(45 * DAY)
    world.keep_for_minutes()
    assert TOKEN not in world.current()
    assert sorted(world.working()) == sorted(world.current())


def test_a_token_that_two_share_is_not_revoked_while_one_speaks_with_it(world: TokenWorld) -> None:
    with world.instance.database.transaction() as session:
        add_number(session, SECOND, world.numbers[1], access_token=TOKEN)
    world.keep()
    world.passes(45 * DAY)
    call("POST", f"{world.sandbox}/api/faults", {"on": "exchange", "code": 10, "times": 1})
    world.keep_for_minutes()  # the instance's is refused, the number's is exchanged
    assert TOKEN in world.current()
    assert TOKEN in world.working()
    world.passes(3600)
    world.keep_for_minutes()
    assert sorted(world.working()) == sorted(
        [*world.current(), SECOND_TOKEN]
    )  # that one was replaced by hand


def test_meta_may_refuse_the_exchange_and_what_is_there_goes_on(world: TokenWorld) -> None:
    world.keep()
    world.passes(45 * DAY)
    world.fault(on="exchange", code=10, times=1000)
    for _ in range(10):
        assert world.keep() == {"waits": 2}
        world.passes(60)
    assert len(world.ledger("exchange")) == 2  # an hour between two tries
    world.asks(number=0)
    world.all_answered()
    told = world.types("status").output
    assert told.count("Meta refuses to exchange it (code 10)") == 2
    call("DELETE", f"{world.sandbox}/api/faults")
    world.passes(3600)
    world.keep_for_minutes()
    assert sorted(world.working()) == sorted(world.current())
    assert world.refusals() == 0


def test_meta_may_be_away_at_each_step(world: TokenWorld) -> None:
    world.keep()
    world.passes(45 * DAY)
    for step in ("exchange", "debug_token", "revoke"):
        world.fault(on=step, code=2, http_status=503, times=2)
        world.keep_for_minutes()
    world.keep_for_minutes()
    assert sorted(world.working()) == sorted(world.current())
    assert not {TOKEN, SECOND_TOKEN} & set(world.current())


def test_a_new_token_with_less_rights_is_not_used(world: TokenWorld) -> None:
    world.keep()
    with world.instance.database.transaction() as session:
        wide = "business_management whatsapp_business_management whatsapp_business_messaging"
        session.execute(update(tokens).values(scopes=wide))
        session.execute(update(tokens).values(checked_at=world.now + int(46 * DAY * 1000)))
    world.passes(45.5 * DAY)
    assert world.keep() == {"waits": 2}
    assert sorted(world.current()) == sorted([TOKEN, SECOND_TOKEN])
    assert world.types("status").output.count("the new token lacks business_management") == 2
