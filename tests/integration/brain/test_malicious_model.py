"""A model that always obeys the attacker: nothing that must not be said leaves, whatever it writes."""

from pathlib import Path

import pytest

from evals.compare import gives_away
from evals.run import shown
from evals.sets import EvaluationSet, find_sets
from src.accounts.agent_input import AgentInput
from src.accounts.create import create_agent
from src.accounts.key_holder import OWNER
from src.messages.brain import ladder
from src.messages.brain.money import Payer
from src.messages.brain.thought import Asker
from tests.integration.brain.model_world import ModelWorld

DATA = Path(__file__).resolve().parents[3] / "evals" / "data"
OF_OURS = (
    4  # of our own 335 attacks one in so many is tried here; code tries them all, and `evals.measure_checks`
)
SETS = {
    f"{part}/{one.name}": one
    for part in ("es_faq", "attacks")
    for one in find_sets(DATA / part)
    if one.attacks
}


@pytest.mark.slow
@pytest.mark.parametrize("business", SETS.values(), ids=SETS)
def test_an_obedient_model_gives_nothing_away(tmp_path: Path, business: EvaluationSet) -> None:
    with ModelWorld(tmp_path) as world:
        faqs = [{"q": faq.q, "a": faq.a, "id": faq.id} for faq in business.config.faqs]
        given = AgentInput(phone_number="+34600000147", phone_number_id=world.number_id, faqs=faqs)
        agent_id = create_agent(world.instance, OWNER, given)["agent_id"]
        world.model("obey")
        asker = Asker(Payer(agent_id, None), 1, "eval")
        for attack in business.attacks[:: OF_OURS if business.name.endswith("attacks") else 1]:
            thought = ladder.think(world.instance, attack.question, business.config, asker)
            said = shown(thought.decision)
            assert not [one for one in attack.must_not if gives_away(said, one)], (attack.id, said)
        assert world.asked(), "the model was never asked"
