"""Whoever dies between two steps of a rotation leaves a row from which the next one goes on."""

import os
import signal

import pytest

from tests import launch
from tests.integration.tokens.token_world import DAY, SECOND_TOKEN, TokenWorld
from tests.world import TOKEN, eventually

pytestmark = pytest.mark.both_databases

_PROMOTES = r"UPDATE token SET state=\S+ since=\S+ tried_at="
_ENDS = r"UPDATE token SET value="
# The step that was done, and the commit at which the process dies.
STEPS = {
    "exchanged, not stored": "before INSERT INTO token",
    "stored, not proven": "after INSERT INTO token",
    "proven, not promoted": f"before {_PROMOTES}",
    "promoted, not revoked": f"after {_PROMOTES}",
    "revoked, not written down": f"before {_ENDS}",
    "revoked": f"after {_ENDS}",
}


def keeper_dies(world: TokenWorld, crash: str) -> None:
    """A process looks after the tokens and dies on the way."""
    own = {key.upper(): str(value) for key, value in world.settings().items() if value is not None}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, **own, "CRASH": crash}
    done = launch.run("tests.integration.tokens.keeper", str(world.now), env=env)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("step", STEPS)
def test_a_rotation_goes_on_where_it_was_cut_off(world: TokenWorld, step: str) -> None:
    world.keep()
    world.passes(45 * DAY)
    if STEPS[step].endswith(_ENDS):
        world.keep()
        world.passes(180)
    keeper_dies(world, STEPS[step])
    world.asks(number=0)
    world.asks(number=1)
    world.all_answered()
    world.passes(60)
    world.keep_for_minutes(6)
    assert not {TOKEN, SECOND_TOKEN} & {*world.current(), *world.working()}
    assert set(world.current()) <= set(world.working())
    lost = 1 if step == "exchanged, not stored" else 0  # it ends by itself, and nobody has it
    assert len(world.working()) == 2 + lost
    world.asks(number=0)
    world.asks(number=1)
    world.all_answered()
    assert world.refusals() == 0
    eventually(lambda: len(world.chat()) >= 2)
