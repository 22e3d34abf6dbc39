"""Nobody calls more often than is allowed, nobody guesses, and Meta is never kept waiting."""

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from src.core.edge_telemetry import REFUSED
from tests.brokers import PASSWORD, redis
from tests.integration.console.conftest import Desk
from tests.integration.edge.conftest import ask, elsewhere, instance, key_of

WRONG = {"Authorization": "Bearer rel_wrong"}


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Desk]:
    rates = {"rate_limit_address": "12/hour", "rate_limit_failures": "3/hour", "rate_limit_key": "8/hour"}
    with instance(tmp_path, **rates) as found:
        yield found


def statuses(desk: Desk, count: int, path: str = "/agent", **headers: str) -> list[int]:
    return [ask(desk, "GET", path, **headers).status for _ in range(count)]


def webhook(desk: Desk, secret: str, **headers: str) -> int:
    signature = "sha256=" + hmac.new(secret.encode(), b"{}", hashlib.sha256).hexdigest()
    return ask(desk, "POST", "/webhook", b"{}", X_Hub_Signature_256=signature, **headers).status


def test_an_address_may_call_so_often(strict: Desk) -> None:
    assert statuses(strict, 13, "/health", **elsewhere()) == [200] * 12 + [429]
    assert statuses(strict, 1, "/health", **elsewhere("203.0.113.10")) == [200]
    assert statuses(strict, 20, "/health") == [200] * 20  # this machine itself


def test_neighbours_in_a_subscribers_network_are_one(strict: Desk) -> None:
    assert statuses(strict, 12, "/health", **elsewhere("2001:db8:1:2::1"))[-1] == 200
    assert statuses(strict, 1, "/health", **elsewhere("2001:db8:1:2:ffff::9")) == [429]
    assert statuses(strict, 1, "/health", **elsewhere("2001:db8:1:3::1")) == [200]


def test_a_key_may_call_so_often_from_wherever(strict: Desk) -> None:
    found = [
        ask(strict, "GET", "/agent", **elsewhere(f"203.0.113.{n}"), **key_of(strict)).status for n in range(9)
    ]
    assert found == [200] * 8 + [429]
    assert statuses(strict, 1, **key_of(strict)) == [429]


def test_a_refusal_says_why_and_when_to_come_back(strict: Desk) -> None:
    before = REFUSED.labels("address")._value.get()
    statuses(strict, 12, "/health", **elsewhere())
    answer = ask(strict, "GET", "/health", **elsewhere())
    assert (answer.status, answer.headers["Content-Type"]) == (429, "application/problem+json")
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert "12/hour" in answer.json()["detail"]
    assert REFUSED.labels("address")._value.get() == before + 1


def test_who_guesses_is_no_longer_answered(strict: Desk) -> None:
    assert statuses(strict, 4, **elsewhere(), **WRONG) == [401] * 3 + [429]
    assert statuses(strict, 1, **elsewhere(), **key_of(strict)) == [429]  # nor told that a guess was right
    assert statuses(strict, 1, "/", **elsewhere()) == [429]
    assert statuses(strict, 1, **elsewhere("203.0.113.10"), **key_of(strict)) == [200]


def test_a_key_that_was_right_there_goes_on_working(strict: Desk) -> None:
    assert statuses(strict, 1, **elsewhere(), **key_of(strict)) == [200]
    assert statuses(strict, 4, **elsewhere(), **WRONG)[-1] == 429
    assert statuses(strict, 1, **elsewhere(), **key_of(strict)) == [200]


def test_a_wrong_key_is_not_right_because_nobody_looked_at_it(strict: Desk) -> None:
    assert statuses(strict, 1, "/health", **elsewhere(), **WRONG) == [200]
    assert statuses(strict, 4, **elsewhere(), **WRONG)[-1] == 429
    assert statuses(strict, 1, "/health", **elsewhere(), **WRONG) == [429]


def test_no_key_at_all_is_no_guess(strict: Desk) -> None:
    assert statuses(strict, 5, **elsewhere()) == [401] * 5


def test_wrong_verify_tokens_are_guesses(strict: Desk) -> None:
    wrong = "/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x"
    assert statuses(strict, 4, wrong, **elsewhere()) == [403] * 3 + [429]


def test_a_signed_webhook_always_comes_in(strict: Desk) -> None:
    right = strict.instance.app_secrets[0]
    assert [webhook(strict, "wrong", **elsewhere()) for _ in range(5)] == [401] * 3 + [429] * 2
    assert [webhook(strict, right, **elsewhere()) for _ in range(20)] == [200] * 20
    assert statuses(strict, 12, "/health", **elsewhere("203.0.113.10"))[-1] == 200
    assert statuses(strict, 1, "/health", **elsewhere("203.0.113.10")) == [429]
    assert webhook(strict, right, **elsewhere("203.0.113.10")) == 200


@pytest.mark.slow
def test_processes_count_together_in_redis_and_do_without_it(tmp_path: Path) -> None:
    with redis() as server:
        url = server.url.replace("redis://", f"redis://:{quote(PASSWORD, safe='')}@")
        given = {
            "celery_broker_url": url,
            "redis_prefix": "bakery",
            "rate_limit_address": "6/hour",
            "secret_key": "k" * 32,
        }
        with instance(tmp_path / "a", **given) as one, instance(tmp_path / "b", **given) as two:
            assert statuses(one, 4, "/health", **elsewhere()) == [200] * 4
            assert statuses(two, 3, "/health", **elsewhere()) == [200] * 2 + [429]
            server.stop()
            assert statuses(one, 3, "/health", **elsewhere()) == [200] * 3
