"""Prices and fees that an operator gives: read as they stand, or refused in one line."""

from decimal import Decimal

import pytest

from src.core.errors import InvalidSettings
from src.core.money_settings import Price, fees_of, prices_of
from src.core.settings import load_settings


def test_prices_are_read_to_the_last_digit() -> None:
    found = prices_of('{"gpt-6-luna":[0.1,0.01,0.5],"gpt-transcribe":{"minute":0.0045}}')
    assert found == {
        "gpt-6-luna": Price(Decimal("0.1"), Decimal("0.01"), Decimal("0.5")),
        "gpt-transcribe": Price(minute=Decimal("0.0045")),
    }


def test_fees_are_read_by_country_and_for_all_others() -> None:
    assert fees_of('{"ES":0.02,"*":1}') == {"ES": Decimal("0.02"), "*": Decimal(1)}


@pytest.mark.parametrize(
    "value",
    [
        "0.1",
        "gpt-6-luna: 0.1",
        '{"gpt-6-luna"',
        '["gpt-6-luna"]',
        '{"gpt-6-luna":0.1}',
        '{"gpt-6-luna":[0.1,0.01]}',
        '{"gpt-6-luna":[0.1,0.01,0.5,0]}',
        '{"gpt-6-luna":[0.1,0.01,"0.5"]}',
        '{"gpt-6-luna":[0.1,0.01,-0.5]}',
        '{"gpt-6-luna":[0.1,0.01,true]}',
        '{"gpt-6-luna":[0.1,0.01,NaN]}',
        '{"gpt-6-luna":[0.1,0.01,1e999]}',
        '{"gpt-transcribe":{"minute":0.1,"hour":6}}',
        '{"gpt-transcribe":{"second":0.1}}',
        '{"":[0,0,0]}',
    ],
)
def test_wrong_prices_stop_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OPENAI_PRICES", value)
    with pytest.raises(InvalidSettings, match="must be JSON such as ") as error:
        load_settings(_env_file=None)
    assert str(error.value).startswith("OPENAI_PRICES: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "value", ["0.02", '{"ES":"0.02"}', '{"es":0.02}', '{"ESP":0.02}', '{"ES":-1}', '{"ES":Infinity}', "[]"]
)
def test_wrong_fees_stop_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("META_FEES", value)
    with pytest.raises(InvalidSettings, match="must be JSON such as ") as error:
        load_settings(_env_file=None)
    assert str(error.value).startswith("META_FEES: ")
    assert "\n" not in str(error.value)
