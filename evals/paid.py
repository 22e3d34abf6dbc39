"""What an evaluation has paid for: calls of the model, tokens and their cost."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from src.messages.brain.thought import Thought


def paid(thoughts: Sequence[Thought]) -> dict[str, Any]:
    """{calls, input_tokens, cached_tokens, output_tokens, usd, rungs}; `rungs` counts who answered."""
    calls = [call for thought in thoughts for call in thought.calls]
    return {
        "calls": len(calls),
        "input_tokens": sum(call.usage.input_tokens for call in calls),
        "cached_tokens": sum(call.usage.cached_tokens for call in calls),
        "output_tokens": sum(call.usage.output_tokens for call in calls),
        "usd": round(sum(call.cost for call in calls) / 1_000_000, 6),
        "rungs": dict(Counter(thought.rung for thought in thoughts)),
    }
