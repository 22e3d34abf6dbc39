"""What a model wrote is held against what the owner wrote, by code."""

from src.messages.brain.grounding.examine import examine, warm_up
from src.messages.brain.grounding.failure import CHECKS, Failure

__all__ = ["CHECKS", "Failure", "examine", "warm_up"]
