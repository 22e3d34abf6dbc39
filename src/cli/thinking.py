"""Who answers the questions of an evaluation, a comparison or a replay: the FAQ answerer, or the model."""

import secrets
import time

from evals.thinking import Think, by_faqs
from src.core.agent_config import AgentConfig
from src.core.errors import Invalid
from src.core.instance import Instance
from src.messages.brain import ladder
from src.messages.brain.money import Payer
from src.messages.brain.pace import MustWait
from src.messages.brain.thought import Asker, Thought
from src.messages.question import Question

_LOOK_AGAIN_SECONDS = 1.0
_VERSIONS = 2**30


def thinking(instance: Instance, agent_id: str, purpose: str, model: bool) -> Think:
    """The FAQ answerer, or with `model` what a turn has: the agent pays, and its pace and ceilings hold.

    Raises Invalid when there is no model.
    """
    if not model:
        return by_faqs
    if instance.openai is None:
        raise Invalid("there is no model to ask: set OPENAI_API_KEY, or leave --model out")
    return _ByModel(instance, agent_id, purpose)


class _ByModel:
    """Thinks as a turn does, and waits where a turn would be put off."""

    def __init__(self, instance: Instance, agent_id: str, purpose: str) -> None:
        self._instance = instance
        self._payer, self._purpose = Payer(agent_id, None), purpose
        self._configs: list[AgentConfig] = []
        self._first = -secrets.randbelow(_VERSIONS) - _VERSIONS

    def __call__(self, question: Question, config: AgentConfig) -> Thought:
        asker = Asker(self._payer, self._version(config), self._purpose)
        while True:
            try:
                return ladder.think(self._instance, question, config, asker)
            except MustWait:
                time.sleep(_LOOK_AGAIN_SECONDS)

    def _version(self, config: AgentConfig) -> int:
        """A number that no version has: what is measured is not what was once remembered."""
        for place, known in enumerate(self._configs):
            if known is config:
                return self._first + place
        self._configs.append(config)
        return self._first + len(self._configs) - 1
