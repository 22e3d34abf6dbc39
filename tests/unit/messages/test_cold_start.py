"""After a restart many turns come first at the same time: what they share is made once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from src.core.agent_config import AgentConfig, Faq
from src.messages.find import Index
from src.messages.indexes import index_of

PROJECT = Path(__file__).resolve().parents[3]
_THREADS = 16
_LISTENING = """
import sys
from src.core.agent_config import AgentConfig, Faq
from src.messages.faq_answerer import draft, warm_up
from src.messages.question import Question

opened = []
sys.addaudithook(lambda event, given: event == "open" and str(given[0]).endswith(".toml") and opened.append(given[0]))
warm_up()
assert opened, "warming up reads nothing"
opened.clear()
shop = AgentConfig(faqs=(Faq(id="a", q="¿Dónde están?", a="En la plaza."),))
for text in ("¿Cuándo abren mañana?", "Onde vocês ficam?", "I want to speak to a person", "gracias", "1"):
    draft(Question((text,)), shop)
assert not opened, opened
"""


def test_turns_that_come_first_together_share_one_index() -> None:
    faqs = tuple(Faq(id=str(k), q=f"¿Cuánto cuesta la tarta número {k}?", a=f"{k} euros.") for k in range(50))
    together = Barrier(_THREADS)

    def ask(_turn: int) -> Index:
        config = AgentConfig(name="first together", faqs=faqs)
        together.wait(30)
        return index_of(config)

    with ThreadPoolExecutor(_THREADS) as pool:
        found = list(pool.map(ask, range(_THREADS)))
    assert len({id(index) for index in found}) == 1


def test_after_warming_up_a_turn_reads_no_vocabulary() -> None:
    command = [sys.executable, "-c", _LISTENING]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
