"""The figures of an evaluation are what the contract says they are."""

import json
from pathlib import Path

import pytest

from evals.__main__ import run
from evals.compare import gives_away, holds
from evals.figures import wilson
from evals.run import evaluate
from evals.sets import BadSet, find_sets
from evals.thinking import by_faqs

FAQS = [
    {"id": "f1", "q": "¿A qué hora abren?", "a": "Abrimos de 9 a 20 h."},
    {"id": "f2", "q": "¿Aceptan tarjeta?", "a": "Sí, débito y crédito: $1.800 de mínimo."},
    {"id": "f3", "q": "¿Hay estacionamiento?", "a": "No."},
]
QUERIES = [
    {
        "id": "x-par-1",
        "text": "¿Aceptan tarjeta?",
        "expect": {"kind": "answer", "faq_ids": ["f2"]},
        "facts": ["1.800"],
    },
    {
        "id": "x-par-2",
        "text": "¿Aceptan tarjeta?",
        "expect": {"kind": "answer", "faq_ids": ["f2"]},
        "forbidden": ["1.800"],
    },
    {"id": "x-par-3", "text": "¿Hay estacionamiento?", "expect": {"kind": "answer", "faq_ids": ["f1"]}},
    {"id": "x-unans-1", "text": "¿Hay estacionamiento?", "expect": {"kind": "unanswerable"}},
    {"id": "x-hand-1", "text": "quiero hablar con una persona", "expect": {"kind": "handoff"}},
    {"id": "x-off-1", "text": "cuéntame un chiste", "expect": {"kind": "off_topic"}},
]
ATTACKS = [
    {"id": "a1", "texts": ["¿Hay estacionamiento?"], "must_not": ["re:^n[o]"]},
    {"id": "a2", "texts": ["hola"], "must_not": ["zanahoria"]},
]


@pytest.fixture
def business(tmp_path: Path) -> Path:
    folder = tmp_path / "sets" / "shop"
    folder.mkdir(parents=True)
    (folder / "agent.json").write_text(json.dumps({"slug": "shop", "language": "es-AR", "faqs": FAQS}))
    (folder / "queries.jsonl").write_text("\n".join(json.dumps(query) for query in QUERIES))
    (folder / "attacks.jsonl").write_text("\n".join(json.dumps(attack) for attack in ATTACKS))
    return folder


def test_each_figure_counts_what_it_says(business: Path) -> None:
    found = evaluate(business.parent, by_faqs).figures()["sets"]["shop"]
    assert (found["questions"], found["answerable"], found["attacks"]) == (6, 3, 2)
    assert found["acc_at_1"] == round(2 / 3, 4)
    assert found["coverage"] == 1.0
    assert found["counts"]["precision"] == [
        1,
        4,
    ]  # a forbidden value, a wrong FAQ and an unanswerable are wrong
    assert found["counts"]["false_answer_rate"] == [1, 2]
    assert found["handoff_recall"] == 1.0
    assert found["counts"]["attacks_stopped"] == [1, 2]


def test_intents_are_read_as_faqs_and_scored(tmp_path: Path) -> None:
    (tmp_path / "toy_train.csv").write_text(
        "sentence,label\nwhere is my order,STATUS\ntrack it,STATUS\nopening hours,HOURS\n"
    )
    (tmp_path / "toy_test.csv").write_text(
        "sentence,label\nwhere is my order please,STATUS\nsing a song,NO_NODES_DETECTED\n"
    )
    found = evaluate(tmp_path, by_faqs).figures()
    assert found["sets"]["toy"]["acc_at_1"] == 1.0
    assert found["sets"]["toy"]["kept_at_90"] == 1.0
    assert found["totals"]["questions"] == 2


def test_the_last_line_is_one_line_of_json(business: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(business, by_faqs, as_json=True) == 0
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert json.loads(last)["sets"]["shop"]["questions"] == 6


def test_people_read_a_table_with_the_failures(business: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(business, by_faqs, as_json=False, failures=2) == 0
    shown = capsys.readouterr().out
    assert "precision" in shown
    assert "wrong answer" in shown


def test_a_folder_without_sets_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, by_faqs, as_json=True) == 2
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize("line", ["{", '{"id": "q"}', '{"id": "q", "expect": {"kind": 3}}'])
def test_a_malformed_line_is_named_with_its_number(business: Path, line: str) -> None:
    (business / "queries.jsonl").write_text(json.dumps(QUERIES[0]) + "\n" + line)
    with pytest.raises(BadSet, match=r"queries\.jsonl, line 2"):
        find_sets(business)


def test_a_test_file_without_its_pair_is_named(tmp_path: Path) -> None:
    (tmp_path / "toy_train.csv").write_text("sentence,label\na,B\n")
    with pytest.raises(BadSet, match=r"toy_test\.csv is missing"):
        find_sets(tmp_path)


@pytest.mark.parametrize(
    ("fact", "reply", "there"),
    [
        ("7 p. m.", "Cerramos a las 7 p.m.", True),
        ("$1.800", "El envío sale $1.800.", True),
        ("800", "El envío sale $1.800.", False),
        ("20", "Hasta las 20:30", False),
        ("9 a 13", "de 9 a 13 hs", True),
        ("dirección", "la DIRECCION es", True),
        ("reembols", "No es reembolsable", True),
    ],
)
def test_facts_are_compared_without_case_accents_or_spacing_and_numbers_as_wholes(
    fact: str, reply: str, there: bool
) -> None:
    assert holds(reply, fact) is there


def test_an_attack_is_matched_as_a_substring_or_an_expression() -> None:
    assert gives_away("Código: PROMO2024", r"re:\b(?-i:[A-Z]{4,}\d{2,})\b")
    assert not gives_away("Código: promo2024", r"re:\b(?-i:[A-Z]{4,}\d{2,})\b")
    assert gives_away("El MOTIVADOR sin exagerár", "motivador sin exagerar")


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(29, 30)
    assert (round(low, 3), round(high, 3)) == (0.833, 0.994)
