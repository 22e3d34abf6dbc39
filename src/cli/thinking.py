"""Who answers the questions of an evaluation, a comparison or a replay: the FAQ answerer, or the model."""

import secrets
import time
from collections import Counter

from evals.thinking import Think, by_faqs
from src.core.agent_config import AgentConfig
from src.core.errors import Invalid, ModelAway
from src.core.instance import Instance
from src.messages.brain import ladder
from src.messages.brain.money import Payer
from src.messages.brain.pace import MustWait
from src.messages.brain.thought import MODEL, SHORTCUT, Asker, Thought
from src.messages.question import Question

_LOOK_AGAIN_SECONDS = 1.0
_PAUSES = (2.0, 5.0)  # s; a model that is away is asked again so much later, and then given up
_CEILING = "ceiling"  # begins why no money may be spent: waiting does not help
_VERSIONS = 2**30


def thinking(instance: Instance, agent_id: str, purpose: str, model: bool) -> Think:
    """The FAQ answerer, or with `model` what a turn has: the agent pays, and its pace and ceilings hold.

    Raises `Invalid` when there is no model. What it gives raises `ModelAway` for a question that the model would have
    to answer and does not come to: the FAQ answerer's word would pass for the model's.
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
        self._rungs: Counter[str] = Counter()

    def __call__(self, question: Question, config: AgentConfig) -> Thought:
        asker = Asker(self._payer, self._version(config), self._purpose)
        found: list[str] = []
        for pause in (*_PAUSES, None):
            thought = self._thought(question, config, asker)
            if not thought.model_was_away:
                self._rungs[thought.rung] += 1
                return thought
            found.append(thought.why)
            if pause is None or thought.why.startswith(_CEILING):
                break
            time.sleep(pause)
        raise ModelAway(self._away(", then ".join(dict.fromkeys(found))))

    def _thought(self, question: Question, config: AgentConfig, asker: Asker) -> Thought:
        while True:
            try:
                return ladder.think(self._instance, question, config, asker)
            except MustWait:
                time.sleep(_LOOK_AGAIN_SECONDS)

    def _away(self, why: str) -> str:
        asked, rungs = self._rungs.total() + 1, self._rungs
        return (
            f"of {asked} questions put so far the model answered {rungs[MODEL]}, {rungs[SHORTCUT]} needed none, "
            f"and the last it did not: {why}. What the FAQs alone would say is no measure of it: there are no figures, and "
            "nothing was published. `released doctor --live` says what is wrong with the model, docs/money.md how a "
            "ceiling is raised; then run this again, or leave --model out"
        )

    def _version(self, config: AgentConfig) -> int:
        """A number that no version has: what is measured is not what was once remembered."""
        for place, known in enumerate(self._configs):
            if known is config:
                return self._first + place
        self._configs.append(config)
        return self._first + len(self._configs) - 1
