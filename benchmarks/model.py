"""With a model: are its calls a second apart, what does a turn cost beside them, and who is left in silence without it?"""

import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.turns import judge, make_customers, settle
from src.core.models import turns
from tests.brokers import PASSWORD, redis
from tests.full_world import FullWorld
from tests.servers import postgresql
from tests.world import call, eventually

# Each is asked in words that no FAQ has, so that the FAQ answerer alone is not sure of all of them.
_ASKED = (
    "a q hora abren mañana?",
    "hasta cuando puedo pasar un martes a la tarde noche",
    "aceptan la visa del trabajo",
    "me lo acercan a casa si compro bastante",
    "tenéis algo para celíacos?",
    "cómo llego desde la plaza de España",
)
_FAQS = (
    ("¿A qué hora abren?", "De lunes a viernes abrimos de 7:00 a 20:00, los sábados de 8:00 a 14:00."),
    ("¿Dónde están?", "En la calle del Pez, 7, junto al metro Noviciado."),
    ("¿Hacen envíos?", "Sí, a todo Madrid por 4 €. A partir de 30 € es gratis."),
    ("¿Se puede pagar con tarjeta?", "Sí, con tarjeta y también por Bizum."),
    ("¿Tienen pan sin gluten?", "Sí, pan de molde sin gluten por encargo, a 6,50 €."),
)


class ModelWorld(FullWorld):
    """As `FullWorld`, with a model: the sandbox's, which answers by quoting."""

    def __init__(self, *args: Any, faqs: int = len(_FAQS), **settings: Any) -> None:
        more = (
            (f"¿Precio del artículo {k}?", f"El artículo {k} cuesta {k} €.") for k in range(len(_FAQS), faqs)
        )
        self.owner_says = (*_FAQS, *more)
        super().__init__(*args, **{"openai_api_key": "sk-of-the-benchmarks", **settings})

    def settings(self) -> dict[str, Any]:
        return {"openai_base_url": f"{self.sandbox}/v1", **super().settings()}

    def model(self, act: str, **more: Any) -> None:
        """What the model does from now on."""
        call("POST", f"{self.sandbox}/api/openai/rules", {"on": "responses", "act": act, **more})

    def lawful(self) -> None:
        """The model answers as it should again."""
        call("DELETE", f"{self.sandbox}/api/openai/rules")

    def starts(self) -> list[float]:
        """When each call of the model arrived, in seconds."""
        entries: list[dict[str, Any]] = []
        while page := call("GET", f"{self.sandbox}/api/openai/ledger?after={len(entries)}&limit=1000")[1][
            "entries"
        ]:
            entries += page
        return [entry["at"] / 1000 for entry in entries]

    def decided(self) -> list[dict[str, Any]]:
        """Every turn, oldest first."""
        with self.instance.database.read() as session:
            return [dict(row._mapping) for row in session.execute(turns.select().order_by(turns.c.id))]


@contextmanager
def modelled(workers: int, **settings: Any) -> Iterator[ModelWorld]:
    """A world of its own with a model: one web process, some workers."""
    with ExitStack() as stack:
        url = stack.enter_context(stack.enter_context(postgresql(durable=True)).fresh())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given = {"worker_threads": None, "redis_password": PASSWORD, "workers": workers, **settings}
        yield stack.enter_context(ModelWorld(home, url, stack.enter_context(redis()).url, **given))


def ask(world: ModelWorld, count: int, per_second: float) -> None:
    """Customer k asks, each a little differently, so that no answer is known from before."""
    began = time.monotonic()
    for k in range(count):
        time.sleep(max(0.0, began + k / per_second - time.monotonic()))
        world.says(f"{_ASKED[k % len(_ASKED)]} (cliente {k})", k % len(world.customers))


def paced(conversations: int, workers: int) -> str:
    """All customers ask at once; how far apart the calls of the model start, and who waits how long for what."""
    with modelled(workers) as world:
        make_customers(world, conversations)
        began = time.monotonic()
        ask(world, conversations, 100)
        settle(world, conversations * 1.5 + 60)
        took = time.monotonic() - began
        starts = world.starts()
        gaps = sorted(after - before for before, after in pairwise(starts))
        rungs = Counter(turn["detail"]["rung"] for turn in world.decided())
        outcome = judge(world, conversations)
    return (
        f"{conversations} conversations, {workers} workers: {len(starts)} calls, the nearest two {gaps[0]:.3f} s apart, "
        f"median {median(gaps):.3f} s; all answered after {took:.0f} s by {dict(rungs)}; "
        f"lost {outcome.lost}, doubled {outcome.doubled}"
    )


def own_time(faqs: int, count: int) -> str:
    """Our own time a turn (without the model), tokens and cost an answer, with so many FAQs."""
    with modelled(1, faqs=faqs, openai_rps_per_agent=100, burst_wait_ms=0) as world:
        make_customers(world, count + 4)
        ask(world, 4, 5)  # the first answers build the index and load the model's client
        settle(world)
        world.customers = world.customers[4:]
        ask(world, count, 3)  # slow enough that nothing waits for a core
        settle(world)
        lines = [json.loads(line) for line in world.workers[0].events() if '"turn_ended"' in line]
        decided = world.decided()[4:]
    settled = [line for line in lines if line["outcome"] == "settled"][4:]
    own = sorted(line["ms"] - line["model_ms"] for line in settled)
    drafted = sorted(line["draft_ms"] - line["model_ms"] for line in settled)
    calls = [call for turn in decided for call in turn["detail"]["calls"]]
    told = [
        sum(one[name] for one in calls) / len(calls)
        for name in ("input_tokens", "cached_tokens", "output_tokens")
    ]
    return (
        f"{faqs} FAQs, {len(settled)} turns: own time with the send p50 {median(own):.1f} ms, "
        f"p99 {own[int(len(own) * 0.99)]:.0f} ms, of it thinking {median(drafted):.1f} ms; a call has "
        f"{told[0]:.0f} tokens in ({told[1]:.0f} cached), {told[2]:.0f} out, "
        f"${sum(turn['cost'] for turn in decided) / len(decided) / 1000:.4f} per 1,000 answers"
    )


def away(seconds: int, rate: float) -> str:
    """The model fails for so long under load: who was left in silence, what the others got, when it answers again."""
    count = int(rate * seconds)
    with modelled(2) as world:
        make_customers(world, count + 100)
        world.model("error_500")
        ask(world, count, rate)
        world.lawful()
        began, answered = time.monotonic(), [0.0]
        probe = threading.Thread(target=_until_model_answers, args=(world, began, answered), daemon=True)
        probe.start()
        for k in range(60):
            if answered[0]:
                break
            world.says(f"{_ASKED[4]} (otra vez {k})", count + k)
            time.sleep(2)
        probe.join(5)
        settle(world, 120)
        decided = world.decided()
        got = Counter((turn["detail"]["rung"], turn["decision"]) for turn in decided[:count])
        outcome = judge(world, world.sql("SELECT count(*) FROM message")[0][0])
    shown = ", ".join(f"{rung} {kind} {number}" for (rung, kind), number in got.most_common())
    return (
        f"{count} questions in {seconds} s without the model: silent {outcome.lost}, doubled {outcome.doubled}; "
        f"they got: {shown}; the model answered again {answered[0]:.0f} s after it was back"
    )


def _until_model_answers(world: ModelWorld, began: float, answered: list[float]) -> None:
    eventually(lambda: any(turn["detail"]["rung"] == "model" for turn in world.decided()), 300)
    answered[0] = time.monotonic() - began
