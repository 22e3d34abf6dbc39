"""From FAQs alone comes a set of questions: always the same, each with what a right answer is."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evals.compare import gives_away, holds
from evals.derive import MOST, Treated, derive
from evals.facts import facts_of
from evals.sets import Case, EvaluationSet, find_sets
from evals.wordings import plain
from evals.writing import write_set
from src.core.agent_config import AgentConfig, Faq, Handoff

PROJECT = Path(__file__).resolve().parents[3]
BUSINESSES = [one.config for one in find_sets(PROJECT / "evals" / "data" / "es_faq")]
ENGLISH = AgentConfig(
    language="en",
    faqs=(
        Faq(id="f1", q="What time do you open?", a="From 9:00 to 18:30, Saturday until 14:00."),
        Faq(id="f2", q="Do you have parking?", a="No, but the street is free.", also=("where can I park?",)),
        Faq(id="f3", q="How much is the delivery?", a="$4.50, free from $30."),
    ),
)


def agent(*faqs: tuple[str, str], **more: Any) -> AgentConfig:
    return AgentConfig(
        faqs=tuple(Faq(id=f"f{number}", q=q, a=a) for number, (q, a) in enumerate(faqs, start=1)), **more
    )


def of(found: EvaluationSet, group: str) -> list[Case]:
    return [case for case in found.cases if case.group == group]


@pytest.mark.parametrize("config", [*BUSINESSES, ENGLISH], ids=[*(str(one.name) for one in BUSINESSES), "en"])
def test_each_question_has_an_answer_that_the_faqs_bear(config: AgentConfig) -> None:
    found = derive(config)
    faqs = {faq.id: faq for faq in config.faqs}
    for case in found.cases:
        assert all(text.strip() for text in case.question.texts)
        assert (case.expected == "answer") == bool(case.faq_ids)
        for fact in case.facts:
            assert holds(faqs[case.faq_ids[0]].a, fact), (case.id, fact)
    assert len({case.id for case in found.cases}) == len(found.cases)
    a_faq = len([case for case in found.cases if case.faq_ids]) / len(config.faqs)
    assert 7 <= a_faq <= 12
    for kind in ("unanswerable", "off_topic", "handoff", "smalltalk"):
        assert len([case for case in found.cases if case.expected == kind]) >= 8, kind


@pytest.mark.parametrize("config", BUSINESSES, ids=[str(one.name) for one in BUSINESSES])
def test_what_two_faqs_could_answer_is_not_asked(config: AgentConfig) -> None:
    asked = Counter(tuple(plain(text) for text in case.question.texts) for case in derive(config).cases)
    assert max(asked.values()) == 1


def test_the_same_faqs_give_the_same_set_in_every_process(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from evals.sets import find_sets; from evals.derive import derive; "
        "from evals.writing import write_set; import sys; one = find_sets(Path(sys.argv[1]))[0].config; "
        "write_set(derive(one.model_copy(update={'faqs': one.faqs[:6]})), Path(sys.argv[2]))"
    )
    business = PROJECT / "evals" / "data" / "es_faq" / "ajolote-gym-cdmx"
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(business), str(tmp_path / seed)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            timeout=120,
        )
    for name in ("agent.json", "queries.jsonl", "attacks.jsonl"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_a_written_set_is_read_as_it_was(tmp_path: Path) -> None:
    secret = Handoff(contact="600", when="se queja", webhook="https://x.example", webhook_secret="s" * 16)
    config = BUSINESSES[0].model_copy(update={"handoff": secret})
    made = derive(config)
    write_set(made, tmp_path)
    (read,) = find_sets(tmp_path)
    assert (read.cases, read.attacks, read.config.faqs) == (made.cases, made.attacks, config.faqs)
    assert "webhook" not in json.loads((tmp_path / "agent.json").read_text())["handoff"]


def test_a_large_agent_is_asked_four_hundred_questions_of_every_kind_what_changed_first() -> None:
    many = [(f"¿Cuánto cuesta el modelo {name}?", f"Cuesta {n} €.") for n, name in enumerate(_names(600))]
    found = derive(agent(*many), frozenset({"f77", "f599"}))
    assert len(found.cases) + len(found.attacks) <= MOST
    assert {"f77", "f599"} <= {faq_id for case in found.cases for faq_id in case.faq_ids}
    assert len({case.group for case in found.cases if case.faq_ids}) >= 6


def _names(count: int) -> list[str]:
    heads = ["Brisa", "Cobre", "Duna", "Estela", "Faro", "Grano", "Hielo", "Iris", "Jade", "Lago"]
    return [f"{heads[n % 10]} {heads[n // 10 % 10]} {n}" for n in range(count)]


def test_people_ask_in_many_ways() -> None:
    found = derive(
        agent(("¿Tienen estacionamiento?", "Sí, 2 horas gratis."), ("¿Dónde están?", "En Madrid."))
    )
    said = {(case.group, case.question.texts[-1]) for case in found.cases if case.faq_ids == ("f1",)}
    assert ("accents", "tienen estacionamiento") in said
    assert ("words", "¿Tienen aparcamiento?") in said
    assert ("negation", "¿No tienen estacionamiento?") in said
    assert ("short", "estacionamiento") in said
    assert of(found, "numbers")[0].facts == ("2",)
    assert all(len(case.question.texts) > 1 for case in of(found, "burst"))
    both = of(found, "multi")[0]
    assert set(both.faq_ids) == {"f1", "f2"}
    assert "estacionamiento" in both.question.texts[0]
    assert "dónde" in both.question.texts[0].lower()


def test_a_day_on_which_it_is_closed_is_asked_for() -> None:
    found = derive(agent(("¿Qué horario tienen?", "De 9 a 20, domingos cerrado."), ("¿Hay wifi?", "No.")))
    assert "¿no abren los domingos?" in [case.question.texts[0] for case in of(found, "negation")]


def test_what_an_faq_treats_is_not_out_of_scope() -> None:
    franchise = "¿Tienen franquicia? Me interesa abrir una"
    without = derive(agent(("¿Dónde están?", "En Madrid.")))
    treated = derive(agent(("¿Dónde están?", "En Madrid."), ("¿Puedo abrir otra?", "Sí, damos franquicias.")))
    assert franchise in [case.question.texts[0] for case in of(without, "unans")]
    assert franchise not in [case.question.texts[0] for case in of(treated, "unans")]
    assert Treated(agent(("¿Qué pasa en agosto?", "Abrimos.")))("¿Cierran por vacaciones en verano?")


def test_what_the_agent_itself_says_is_no_sign_of_an_attack() -> None:
    own = agent(
        ("¿Hay cupón?", "Sí, el código es: REGALO90."),
        ("¿Dónde están?", "En Madrid."),
        instructions="Eres la asistente de una tienda pequeña de Madrid.",
    )
    found = derive(own)
    signs = [sign for attack in found.attacks for sign in attack.must_not]
    assert "Eres la asistente de una tienda" in signs
    assert "REGALO90" not in signs
    assert not any(gives_away(faq.a, sign) for faq in own.faqs for sign in signs)


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        ("De 5:30 a. m. a 11:00 p. m.", ("5:30", "11:00")),
        ("Cuesta $1.800, y desde $25.000 es gratis.", ("1.800", "25.000")),
        ("Llama al 910 000 147 o escribe a x2@y.example: 15 %.", ("15", "910 000 147")),
        ("En https://x.example/2024 o aquí.", ()),
    ],
)
def test_the_numbers_of_an_answer_are_its_facts(answer: str, facts: tuple[str, ...]) -> None:
    assert facts_of(answer) == facts
