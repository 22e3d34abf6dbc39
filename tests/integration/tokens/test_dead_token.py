"""A token that dies early stops its number's queue and no other; a good one sets it going again, without a restart."""

import pytest
from sqlalchemy import update

from src.core.database import now_ms
from src.core.token_tables import tokens
from tests.integration.cli.doctor_world import Visit
from tests.integration.tokens.token_world import DAY, SECOND, SECOND_TOKEN, TokenWorld
from tests.world import SECRET, TOKEN, call, eventually

pytestmark = pytest.mark.both_databases


def queued(world: TokenWorld) -> int:
    """Replies that wait, as the metrics tell."""
    return int(metric(world, 'released_outbox_depth{state="queued"}'))


def metric(world: TokenWorld, name: str) -> float:
    text = call("GET", f"{world.url}/metrics")[1]
    return float(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[-1])


def good_token(world: TokenWorld, name: str = "EAAGa-good-one") -> str:
    """A file with a token that Meta has just made."""
    world.last(name, 60 * DAY)
    (world.home / "token.txt").write_text(name + "\n")
    return str(world.home / "token.txt")


@pytest.mark.parametrize("number", [0, 1], ids=["the instance's", "a number's own"])
def test_the_queue_of_a_dead_token_waits_for_a_good_one(world: TokenWorld, number: int) -> None:
    world.keep()
    world.dies([TOKEN, SECOND_TOKEN][number])
    for customer in (0, 1):
        world.asks(number, customer)
        world.asks(1 - number, customer)
    eventually(lambda: world.answered() == 2 and queued(world) == 2)
    assert metric(world, "released_tokens_refused") == 1
    tried = world.refusals()
    assert tried <= 2  # those that were under way at once
    world.asks(number, 0)
    eventually(lambda: queued(world) >= 2)
    which = ["--number", world.numbers[1]] if number else []
    assert "refused" in world.types("status").output
    done = world.types("set", *which, "--token-file", good_token(world))
    assert done.exit_code == 0, done.output
    world.all_answered(20)
    assert world.refusals() == tried
    assert metric(world, "released_tokens_refused") == 0
    assert "refused" not in world.types("status").output


def test_a_dead_token_is_not_hammered(world: TokenWorld) -> None:
    world.keep()
    world.dies(TOKEN)
    world.asks()
    eventually(lambda: queued(world) == 1)
    eventually(lambda: metric(world, "released_tokens_refused") == 1)
    before = len(world.ledger("send"))
    for customer in (0, 1):
        world.asks(customer=customer)
    eventually(lambda: queued(world) == 3)
    world.keep_for_minutes(3)
    assert len(world.ledger("send")) == before
    assert world.conversations()[0]["holder"] == "bot"


def test_a_token_that_works_again_sets_its_queue_going(world: TokenWorld) -> None:
    world.keep()
    world.dies(TOKEN)
    world.asks()
    eventually(lambda: metric(world, "released_tokens_refused") == 1)
    assert world.keep() == {"refused": 1, "kept": 1}
    world.last(TOKEN, 60 * DAY)
    assert world.keep() == {"works": 1, "kept": 1}
    world.all_answered(20)


def test_the_clock_finds_a_dead_token_before_a_customer_does(world: TokenWorld) -> None:
    world.keep()
    world.dies(TOKEN, 467)
    world.passes(DAY)
    assert world.keep() == {"refused": 1, "kept": 1}
    assert metric(world, "released_tokens_refused") == 1


def test_a_token_that_meta_refuses_is_not_set(world: TokenWorld) -> None:
    path = good_token(world)
    world.dies("EAAGa-good-one")
    done = world.types("set", "--token-file", path)
    assert done.exit_code == 1
    assert "nothing was changed" in str(done.exception)
    world.asks()
    world.all_answered()


def test_a_new_token_in_the_environment_counts_from_the_next_start(world: TokenWorld) -> None:
    world.keep()
    world.dies(TOKEN)
    world.asks()
    eventually(lambda: metric(world, "released_tokens_refused") == 1)
    world.stop()
    good_token(world)
    world._settings["meta_access_token"] = "EAAGa-good-one"
    world.start()
    world.keep()
    world.all_answered(20)
    assert "EAAGa-good-one" in world.current()


def test_a_person_may_rotate_at_any_time(world: TokenWorld) -> None:
    for which in ([], ["--number", world.numbers[1]]):
        done = world.types("rotate", *which)
        assert done.exit_code == 0, done.output
    assert len(world.ledger("exchange")) == 2
    assert not {TOKEN, SECOND_TOKEN} & set(world.current())
    world.asks(number=0)
    world.asks(number=1)
    world.all_answered()
    assert "no number has the id 1" in str(world.types("rotate", "--number", "1").exception)


def test_no_command_shows_a_token(world: TokenWorld) -> None:
    world.keep()
    for words in (["status"], ["status", "--json"], ["rotate"], ["set", "--token-file", good_token(world)]):
        said = world.types(*words)
        for secret in (*world.at_meta(), SECRET):
            assert secret not in said.output


def test_the_doctor_and_the_status_tell_how_a_token_ages(world: TokenWorld) -> None:
    def told() -> dict[str, str]:
        given = {name.upper(): str(value) for name, value in world.settings().items() if value is not None}
        visit = Visit(**given)
        return {name: visit.state(name) for name in ("token age", f"token age {SECOND}")}

    def grown(days_left: float) -> None:
        with world.instance.database.transaction() as session:
            ends = now_ms() + int(days_left * DAY * 1000)
            mine = update(tokens).where(tokens.c.holder == "instance")
            session.execute(mine.values(expires_at=ends, issued_at=ends - int(60 * DAY * 1000)))

    world.keep()
    for days_left, state, word in (
        (40, "ok", "young"),
        (12, "ok", "due"),
        (8, "warn", "warning"),
        (3, "fail", "alarm"),
    ):
        grown(days_left)
        assert told() == {"token age": state, f"token age {SECOND}": "ok"}
        assert word in world.types("status").output.splitlines()[0]
        assert days_left - 1 < metric(world, 'released_token_days_left{kind="ends"}') <= days_left
