"""How a question is answered in an evaluation."""

from collections.abc import Callable

from src.core.agent_config import AgentConfig
from src.messages import faq_answerer
from src.messages.brain.thought import FAQ, Thought
from src.messages.decide import decide
from src.messages.question import Question

Think = Callable[[Question, AgentConfig], Thought]


def by_faqs(question: Question, config: AgentConfig) -> Thought:
    """What the bot says without a model."""
    draft = faq_answerer.draft(question, config)
    return Thought(draft, decide(draft, config, question), FAQ)
