"""What an owner cannot see in what they send is not kept."""

import pytest
from pydantic import ValidationError

from src.accounts.agent_input import AgentInput
from tests.unit.messages.test_content import TAGS

FAQ = {"q": f"¿Abren\u200b el sábado?{TAGS}", "a": f"De 9 a 14.{TAGS}", "also": [f"\u202esábados{TAGS}"]}


def test_what_is_unseen_is_taken_out_of_everything_that_is_said_or_obeyed() -> None:
    agent = AgentInput.model_validate(
        {
            "phone_number": "+34600000147",
            "faqs": [{**FAQ, "title": f"Sábado\u2060{TAGS}"}],
            "name": f"La Espiga{TAGS}",
            "instructions": f"Habla de tú.\ud800{TAGS}",
            "handoff": {"contact": f"910 000 147{TAGS}", "when": f"\ufeffsi alguien se queja{TAGS}"},
        }
    )
    [faq] = agent.faqs
    assert (faq.q, faq.a, faq.also, faq.title) == ("¿Abren el sábado?", "De 9 a 14.", ("sábados",), "Sábado")
    assert (agent.name, agent.instructions) == ("La Espiga", "Habla de tú.")
    assert (agent.handoff.contact, agent.handoff.when) == ("910 000 147", "si alguien se queja")


def test_an_answer_of_which_nothing_can_be_seen_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"faqs\.0\.a"):
        AgentInput.model_validate({"phone_number": "+34600000147", "faqs": [{"q": "¿Abren?", "a": TAGS}]})
