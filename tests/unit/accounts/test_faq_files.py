"""FAQs are understood however a business keeps them, and a mistake is named with its line."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from src.accounts.agent_input import FaqsInput
from src.accounts.faq_files import parse_faqs, read_faqs
from src.core.errors import Invalid

HOURS = {"q": "¿A qué hora abren?", "a": "A las 9:30."}
PLACE = {"q": "¿Dónde están?", "a": "En la calle Mayor, 3."}
BOTH = [HOURS, PLACE]


def mistakes(text: str, name: str | None = None) -> list[tuple[int, str]]:
    """Line and name of each problem."""
    with pytest.raises(Invalid) as refused:
        parse_faqs(text, name)
    return [(error["line"], error["problem"]) for error in refused.value.extensions["errors"]]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(BOTH),
        json.dumps({"handoff": {"contact": "600"}, "faqs": BOTH}, indent=1),
        json.dumps([{"pregunta": f["q"], "Respuesta": f["a"]} for f in BOTH], ensure_ascii=False),
        'pergunta,resposta\n¿A qué hora abren?,A las 9:30.\n¿Dónde están?,"En la calle Mayor, 3."\n',
        "\ufeffQuestion;Answer;Category\r\n¿A qué hora abren?;A las 9:30.;x\r\n\r\n¿Dónde están?;En la calle Mayor, 3.;y\r\n",
        "p\tr\n¿A qué hora abren?\tA las 9:30.\n¿Dónde están?\tEn la calle Mayor, 3.",
        "- q: ¿A qué hora abren?\n  a: A las 9:30.\n- pregunta: ¿Dónde están?\n  respuesta: En la calle Mayor, 3.\n",
        "# ours\nfaqs:\n  - question: ¿A qué hora abren?\n    answer: A las 9:30.\n  - {q: '¿Dónde están?', a: 'En la calle Mayor, 3.'}",
        "P: ¿A qué hora abren?\nR: A las 9:30.\n\nP: ¿Dónde están?\nR: En la calle Mayor, 3.\n",
        "Q1: ¿A qué hora abren?\nA1: A las 9:30.\nQ2: ¿Dónde están?\nA2: En la calle Mayor, 3.",
        "**Pregunta:** ¿A qué hora abren?\n**Respuesta:** A las 9:30.\n- Pergunta: ¿Dónde están?\n- Resposta: En la calle Mayor, 3.",
        "¿A qué hora abren?\nA las 9:30.\n\n\n¿Dónde están?\r\nEn la calle Mayor, 3.",
        "¿A qué hora abren?\n\nA las 9:30.\n\n¿Dónde están?\n\nEn la calle Mayor, 3.",
    ],
)
def test_the_same_faqs_however_they_are_written(text: str) -> None:
    assert parse_faqs(text) == BOTH


def test_the_name_of_the_file_decides() -> None:
    assert parse_faqs("pregunta;respuesta\nhola;adiós", "faqs.txt") == [{"q": "hola", "a": "adiós"}]
    assert mistakes("hola\nadiós", "FAQS.CSV") == [(1, "no_columns")]
    assert mistakes("hola\nadiós", "faqs.json") == [(1, "json")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_understood_whatever_program_wrote_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "faqs.csv"
    file.write_bytes("Pregunta;Respuesta\r\n¿Cuál es el menú?;Café a 2 €\r\n".encode(encoding))
    assert read_faqs(file) == [{"q": "¿Cuál es el menú?", "a": "Café a 2 €"}]


def test_a_file_that_is_no_text_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "faqs.xlsx").write_bytes(b"PK\x03\x04\x14\x00\x06\x00\x08")
    with pytest.raises(Invalid, match="this file is no text: save it as CSV"):
        read_faqs(tmp_path / "faqs.xlsx")


def test_ids_titles_and_other_ways_to_ask() -> None:
    wanted = [
        {"q": "Horario", "a": "A las nueve", "id": "7", "also": ["¿Abren?", "¿Cierran?"], "title": "Horas"}
    ]
    assert parse_faqs("id,q,a,also,título\n7,Horario,A las nueve,¿Abren?| ¿Cierran? |,Horas") == wanted
    assert parse_faqs(json.dumps([{**wanted[0], "id": 7}])) == wanted
    assert (
        parse_faqs("- {id: 7, q: Horario, a: A las nueve, also: ['¿Abren?', '¿Cierran?'], title: Horas}")
        == wanted
    )
    assert parse_faqs("id,q,a,also,title\n,Horario,A las nueve,,") == [{"q": "Horario", "a": "A las nueve"}]


def test_what_yaml_takes_for_a_time_a_number_or_a_truth_stays_text() -> None:
    assert parse_faqs("- q: Abre\n  a: 9:30\n- q: on\n  a: 007") == [
        {"q": "Abre", "a": "9:30"},
        {"q": "on", "a": "007"},
    ]


def test_an_answer_may_have_paragraphs() -> None:
    assert parse_faqs("P: ¿Horario?\nR: De lunes a viernes.\n\nSábados no.\nA: cerrado")[0]["a"] == (
        "De lunes a viernes.\n\nSábados no.\nA: cerrado"
    )
    assert parse_faqs("¿Horario?\nLunes.\nMartes.")[0]["a"] == "Lunes.\nMartes."
    assert parse_faqs('q,a\n¿Horario?,"Lunes\ny martes"')[0]["a"] == "Lunes\ny martes"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", [(1, "empty")]),
        ("\ufeff \n", [(1, "empty")]),
        ("q,a\n", [(1, "empty")]),
        ("[]", [(1, "empty")]),
        ('[{"q": "x",\n "a": }]', [(2, "json")]),
        ('{"questions": []}', [(1, "no_list")]),
        ('[{"q": "x", "a": "y"},\n"z"]', [(2, "no_fields")]),
        ('[{"q": "x", "a": "y"},\n\n{"q": "z"}]', [(3, "no_answer")]),
        (
            '{"faqs": [\n{"q": "x", "a": 5},\n{"q": 5, "a": "y", "id": "ñ"}]}',
            [(2, "not_text"), (3, "not_text"), (3, "id")],
        ),
        ("- q: x\n  a: y\n - z", [(3, "yaml")]),
        ("- q: x\n  a:\n- q: y\n", [(1, "no_answer"), (3, "no_answer")]),
        ("- q: x\n  a: y\n- z\n", [(3, "no_fields")]),
        ("q,a\nx,desde 10,50 €\n", [(2, "cells")]),
        ('q,a\n"x\ny",z\n,w\n', [(4, "no_question")]),
        ("Preguntas frecuentes\n2026\nP: x\nR: y", [(1, "before_first")]),
        ("P: x\nP: y\nR: z", [(1, "no_answer")]),
        ("P: x\nR: z\nP: X!\nR: w\nP: x\nR: z", [(3, "same_question"), (5, "same_question")]),
        ("id,q,a\n1,x,y\n1,z,w", [(3, "same_id")]),
        ("¿Horario?\nA las nueve\n\n¿Dónde?", [(4, "no_answer")]),
        (f"P: {'x' * 501}\nR: {'y' * 4001}", [(1, "long"), (1, "long")]),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, wrong: list[tuple[int, str]]) -> None:
    assert mistakes(text) == wrong


def test_an_unclosed_quote_is_named_where_it_began() -> None:
    rest = "".join(f"pregunta {number},respuesta\n" for number in range(6_000))
    assert mistakes(f'q,a\nx,y\nz,"w\n{rest}') == [(3, "quote")]


def test_more_than_the_limit_is_refused() -> None:
    rows = [f"pregunta {number},sí" for number in range(2001)]
    assert len(parse_faqs("\n".join(["q,a", *rows[:2000]]))) == 2000
    assert mistakes("\n".join(["q,a", *rows])) == [(2002, "too_many")]


def test_the_detail_names_the_lines_and_the_cures() -> None:
    with pytest.raises(Invalid) as refused:
        parse_faqs("q,a\nx,1,2\n" + "z,\n" * 6)
    assert refused.value.detail.startswith("line 2: there are 3 cells for 2 columns: put a text")
    assert "line 3: the answer is missing: write it" in refused.value.detail
    assert refused.value.detail.endswith("; and 2 more")


def test_depth_and_strange_escapes_are_mistakes_too() -> None:
    assert mistakes("[" * 100_000, "f.json") == [(1, "json")]
    assert mistakes("[" * 100_000, "f.yml") == [(1, "yaml")]
    assert mistakes('"\\UFFFFFFFF"', "f.yaml") == [(1, "yaml")]
    assert mistakes("[" + "9" * 5_000 + "]") == [(1, "json")]


_PIECES = st.sampled_from(
    ["q", "a", "pregunta", ",", ";", "\t", "\n", "\r\n", '"', "'", "[", "]", "{", "}", ":", "- ", "P: ", "R: ", "faqs", "|",
     "*x", "&x ", "!!binary ", "%", "---", "\ufeff", "\x00", "\ud800", "\\ud800", "\\", "null", "9:30", "¿hola?", "id", "<<: "]
)  # fmt: skip
_TEXTS = st.one_of(st.text(), st.lists(_PIECES, max_size=40).map("".join))
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["q", "a", "id", "also", "title", "faqs"]), inner)
    ),
    max_leaves=12,
)
_NAMES = st.sampled_from([None, "f.json", "f.csv", "f.tsv", "f.yaml", "f.yml", "f.txt", "\x00.yaml", ""])


@given(_TEXTS | _VALUES.map(json.dumps), _NAMES)
@example("q,a\n\ud800,x", None)
@example('[{"q": "\\ud800", "a": "x"}]', None)
def test_any_text_is_understood_or_refused_with_lines_and_never_anything_else(
    text: str, name: str | None
) -> None:
    wrong: list[dict[str, Any]] = []
    try:
        FaqsInput.model_validate({"faqs": parse_faqs(text, name)})
    except Invalid as refused:
        wrong = refused.extensions["errors"] or [{"line": 0}]
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= error["line"] <= lines for error in wrong)
