"""What customers send beside words: voice notes are transcribed, pictures are kept for the model, the rest is named."""

from src.messages.hearing.behaviour import Behaviour, behaviour, of_turn
from src.messages.hearing.ears import hear
from src.messages.hearing.heard import cost, words
from src.messages.hearing.pictures import images
from src.messages.hearing.waiting import KINDS as HEARD_KINDS

__all__ = ["HEARD_KINDS", "Behaviour", "behaviour", "cost", "hear", "images", "of_turn", "words"]
