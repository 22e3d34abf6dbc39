"""How long it takes to find what a question means among few and many FAQs, and whether the model would see it."""

import random
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from benchmarks.many_faqs import grown
from src.core.agent_config import AgentConfig, Faq
from src.messages.brain.choose import chosen_faqs, fit
from src.messages.brain.meaning import DIMENSIONS, NEAREST
from src.messages.brain.relevant import MOST
from src.messages.brain.vectors import Vectors, unit
from src.messages.decision import Draft
from src.messages.faq_answerer import candidates, draft, warm_up
from src.messages.find import Index
from src.messages.question import Question

T = TypeVar("T")

COUNTS = (22, 200, 2_000)
BUDGET = 8_000  # tokens, as `FAQ_TOKENS` has it
_ASKED = 300  # questions that are timed
_TIMES = 3  # each


@dataclass(frozen=True)
class Figures:
    """Times in ms of this process's CPU, one of each question; the shares are of the questions."""

    faqs: int
    index: float
    megabytes: float
    draft: list[float]
    choice: list[float]
    meaning: list[float]
    first: float
    in_prompt: float

    def __str__(self) -> str:
        return (
            f"{self.faqs:>5} FAQs: draft {_spread(self.draft)}, choice for the model {_spread(self.choice)}, "
            f"nearest in meaning {_spread(self.meaning)}; index {self.index:.0f} ms, {self.megabytes:.1f} MB; "
            f"of {len(self.draft)} questions the first FAQ is right for {self.first:.3f}, "
            f"the right one in the prompt for {self.in_prompt:.4f}"
        )


def measure(count: int) -> Figures:
    """The figures with so many FAQs."""
    warm_up()
    config, asked = grown(count)
    index, megabytes = _built(config)
    asked = asked[:: max(1, len(asked) // _ASKED)]
    draft_ms, choice_ms, first, held = [], [], 0, 0
    for question, faq_id in asked:
        ms, made = _timed(partial(draft, question, config))
        draft_ms.append(ms)
        ms, sent = _timed(partial(_sent, question, config, made))
        choice_ms.append(ms)
        first += bool(made.ranked) and made.ranked[0].id == faq_id
        held += faq_id in {faq.id for faq in sent}
    size = len(asked)
    return Figures(
        count, index, megabytes, draft_ms, choice_ms, _by_meaning(count), first / size, held / size
    )


def _sent(question: Question, config: AgentConfig, made: Draft) -> tuple[Faq, ...]:
    """The FAQs that the model would see, found by words."""
    ranked = () if fit(config, BUDGET) else candidates(question, config, made.ranked, MOST)
    return chosen_faqs(config, ranked, BUDGET)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """The quickest of three runs: other programs only make it slower."""
    quickest = float("inf")
    for _ in range(_TIMES):
        began = time.process_time()
        found = work()
        quickest = min(quickest, (time.process_time() - began) * 1_000)
    return quickest, found


def _built(config: AgentConfig) -> tuple[float, float]:
    """How long the index takes, in ms, and what it holds, in MB."""
    took, _ = _timed(partial(Index, config))
    tracemalloc.start()
    kept = Index(config)
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del kept
    return took, megabytes


def _by_meaning(count: int) -> list[float]:
    """How long the nearest of so many vectors take to find."""
    chance = random.Random(1)  # no secret: the same vectors each time
    vectors = [unit([chance.gauss(0, 1) for _ in range(DIMENSIONS)]) for _ in range(count)]
    index = Vectors([str(number) for number in range(count)], vectors)
    return [_timed(partial(index.nearest, vectors[number % count], NEAREST))[0] for number in range(50)]


def _spread(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {ordered[len(ordered) // 2]:.1f} p99 {ordered[int(len(ordered) * 0.99)]:.1f} ms"
