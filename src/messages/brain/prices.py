"""What calls of models cost, in millionths of a US dollar."""

import logging
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from src.core.money_settings import Price, prices_of
from src.core.openai_client import Usage

log = logging.getLogger(__name__)

# OpenAI's price list of November 2026: US dollars for a million tokens in, cached, out; for a minute of sound.
BUILT_IN = {
    "gpt-6-luna": Price(Decimal("0.10"), Decimal("0.01"), Decimal("0.50")),
    "gpt-6.1-terra": Price(Decimal(1), Decimal("0.05"), Decimal(5)),
    "gpt-transcribe": Price(minute=Decimal("0.0045")),
    "text-embedding-3-small": Price(Decimal("0.02"), Decimal("0.02")),
    "omni-moderation-latest": Price(),
}
_JOINTS = "-:@/"  # what stands between a model's name and its date, size or version


def cost_of(usage: Usage, prices: str | None) -> int:
    """The cost of a call, rounded half up; `prices` is OPENAI_PRICES. A model without a price costs nothing."""
    price = _price(usage.model, prices)
    cached = min(usage.cached_tokens, usage.input_tokens)
    # A dollar for a million tokens is a millionth of a dollar for one.
    tokens = (usage.input_tokens - cached) * price.input + cached * price.cached
    tokens += usage.output_tokens * price.output
    sound = Decimal(str(usage.seconds)) / 60 * price.minute * 1_000_000
    return max(0, int((tokens + sound).quantize(Decimal(1), ROUND_HALF_UP)))


@lru_cache(maxsize=256)
def _price(model: str, prices: str | None) -> Price:
    """The operator's price before the built-in one, the longest name that the model's begins with before others."""
    for table in (prices_of(prices) if prices else {}, BUILT_IN):
        names = [
            name for name in table if model == name or model.startswith(tuple(name + j for j in _JOINTS))
        ]
        if names:
            return table[max(names, key=len)]
    log.warning("model_without_price", extra={"model": model})  # once: the answer is remembered
    return Price()
