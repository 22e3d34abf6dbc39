"""With each call goes the proof that we know the app's secret, and a wrong secret stops nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from src.accounts.numbers import add_number
from tests.integration.tokens.token_world import ANSWER, DAY, SECOND, TokenWorld
from tests.world import SECRET, TOKEN


class Demanding(TokenWorld):
    """Its Meta answers no call without a proof."""

    meta: ClassVar = {"require_proof": True}


@pytest.fixture
def demanding(tmp_path: Path, database_url: str, request: pytest.FixtureRequest) -> Iterator[Demanding]:
    with Demanding(tmp_path, database_url, meta_app_secret=request.param) as world:
        world.opens()
        yield world


@pytest.mark.parametrize("demanding", [SECRET, f"former-secret,{SECRET}"], indirect=True)
def test_whoever_demands_proofs_gets_them(demanding: Demanding) -> None:
    demanding.asks(number=0)
    demanding.asks(number=1)
    demanding.all_answered()
    demanding.keep()
    assert demanding.refusals() <= 2 * ("," in demanding.instance.settings.meta_app_secret)  # type: ignore[operator]


def test_a_secret_of_another_app_stops_no_reply(tmp_path: Path, database_url: str) -> None:
    with TokenWorld(tmp_path, database_url, meta_app_secret=SECRET) as world:
        world.opens()
        with world.instance.database.transaction() as session:
            add_number(session, SECOND, world.numbers[1], app_secret="the-secret-of-another-app")
        world.asks(number=1)
        world.all_answered()
        assert world.phone() == [ANSWER]


def test_the_apps_id_is_taken_from_meta_where_it_is_not_set(tmp_path: Path, database_url: str) -> None:
    class Unknown(TokenWorld):
        app_id = None

    with Unknown(tmp_path, database_url) as world:
        world.opens()
        world.keep()
        world.passes(45 * DAY)
        world.keep()
        assert TOKEN not in world.current()  # Meta told the app's id itself
