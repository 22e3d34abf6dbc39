"""What a call costs, to the millionth of a dollar."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core.openai_client import Usage
from src.messages.brain.prices import cost_of

COUNT = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("usage", "millionths"),
    [
        (Usage("gpt-6-luna", 1_000_000, 0, 0), 100_000),
        (Usage("gpt-6-luna", 1_000_000, 1_000_000, 0), 10_000),
        (Usage("gpt-6-luna", 0, 0, 1_000_000), 500_000),
        (Usage("gpt-6-luna", 3_000, 2_500, 150), 150),  # 2.5k cached, 0.5k fresh, 150 out
        (Usage("gpt-6.1-terra", 3_000, 2_500, 150), 1_375),
        (Usage("gpt-transcribe", seconds=60.0), 4_500),
        (Usage("gpt-transcribe", seconds=7.3), 548),
        (Usage("text-embedding-3-small", 1_000_000), 20_000),
        (Usage("omni-moderation-latest", 1_000_000), 0),
        (Usage("gpt-6-luna"), 0),
    ],
)
def test_costs_are_those_of_the_price_list(usage: Usage, millionths: int) -> None:
    assert cost_of(usage, None) == millionths


def test_half_a_millionth_is_rounded_up() -> None:
    assert [cost_of(Usage("gpt-6-luna", tokens), None) for tokens in (4, 5, 14, 15)] == [0, 1, 1, 2]


def test_a_dated_name_has_the_price_of_its_model_and_the_longest_name_wins() -> None:
    prices = '{"gpt-6":[9,9,9],"gpt-6-luna-mini":[0.05,0,0],"llama3.3":[1,1,1]}'
    million = {
        name: cost_of(Usage(name, 1_000_000), prices) / 1_000_000
        for name in ("gpt-6", "gpt-6-2026-11-01", "gpt-6-luna-mini-2026-11-01", "llama3.3:70b")
    }
    assert list(million.values()) == [9, 9, 0.05, 1]
    assert cost_of(Usage("gpt-6-luna-2026-11-01", 1_000_000), None) == 100_000
    assert cost_of(Usage("gpt-6.1-terra", 1_000_000), prices) == 1_000_000  # gpt-6.1 is no gpt-6


def test_the_operators_price_comes_before_ours() -> None:
    assert cost_of(Usage("gpt-6-luna", 1_000_000), '{"gpt-6-luna":[2,1,0]}') == 2_000_000
    assert cost_of(Usage("gpt-transcribe", seconds=60), '{"gpt-transcribe":{"minute":0}}') == 0


def test_a_model_without_price_costs_nothing_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    assert [cost_of(Usage("a-model-of-ours", 10**6, 0, 10**6), None) for _ in range(3)] == [0, 0, 0]
    (line,) = (record.__dict__ for record in caplog.records)
    assert (line["msg"], line["model"]) == ("model_without_price", "a-model-of-ours")


@given(COUNT, COUNT, COUNT)
def test_every_cost_is_the_exact_sum_rounded_half_up(fresh: int, cached: int, out: int) -> None:
    exact = Fraction(fresh, 10) + Fraction(cached, 100) + Fraction(out, 2)
    assert cost_of(Usage("gpt-6-luna", fresh + cached, cached, out), None) == floor(exact + Fraction(1, 2))


@given(COUNT, COUNT, COUNT)
def test_no_cost_is_below_nothing_whatever_a_server_counts(tokens: int, cached: int, out: int) -> None:
    assert cost_of(Usage("gpt-6-luna", tokens, cached, out), None) >= 0
