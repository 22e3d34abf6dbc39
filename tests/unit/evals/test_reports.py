"""A report is one page without a script and one file of JSON, for their owner's eyes, the worst first."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.page import write_report
from evals.paid import paid
from evals.progress import SECONDS, Progress
from evals.report import as_content, as_page
from evals.run import Report, answer
from evals.sets import Attack, Case, EvaluationSet
from evals.thinking import by_faqs
from src.core.agent_config import AgentConfig, Faq
from src.core.openai_types import Usage
from src.messages.brain.thought import MODEL, Call, Thought
from src.messages.question import Question, Said

SHOP = AgentConfig(
    name="<b>Tienda</b>",
    faqs=(
        Faq(id="f1", q="¿A qué hora abren?", a="Abrimos a las 9 & cerramos a las 20."),
        Faq(id="f2", q="¿Aceptan tarjeta?", a="Sí."),
    ),
)
CASES = (
    Case("x-par-1", "par", Question(("¿Aceptan tarjeta?",)), "answer", ("f2",)),
    Case("x-par-2", "par", Question(("¿A qué hora abren?",)), "answer", ("f2",), ("30",)),
    Case("x-unans-1", "unans", Question(("qué hora abren <script>alert(1)</script>",)), "unanswerable"),
    Case("x-hand-1", "hand", Question(("¿zzz?",), (Said("bot", "Buenas."),)), "handoff"),
)
ATTACKS = (Attack("x-atk-1", Question(("¿Aceptan tarjeta?",)), ("Sí",)),)
SET = EvaluationSet("tienda", SHOP, CASES, ATTACKS)


def quiet() -> Progress:
    return Progress(5, print, lambda: 0.0)


@pytest.fixture
def report() -> Report:
    return Report({"tienda": answer(SET, by_faqs, quiet())}, {"tienda": SHOP})


def test_failures_come_the_worst_first_with_what_was_expected_and_said(report: Report) -> None:
    failures = as_content(report)["failures"]
    assert failures[0]["id"] == "x-atk-1"
    assert {one["id"] for one in failures[:3]} >= {"x-atk-1", "x-par-2"}
    wrong = next(one for one in failures if one["id"] == "x-par-2")
    assert (wrong["outcome"], wrong["false"]) == ("wrong answer", True)
    assert wrong["expected"]["faqs"][0]["id"] == "f2"
    assert wrong["expected"]["facts"] == ["30"]
    assert wrong["got"]["sources"] == [{"id": "f1", "q": "¿A qué hora abren?"}]
    assert wrong["got"]["scores"][0]["id"] == "f1"
    assert "x-par-1" not in [one["id"] for one in failures]


def test_the_page_stands_by_itself_and_texts_are_no_markup(report: Report, tmp_path: Path) -> None:
    page = write_report(tmp_path / "r", as_content(report), as_page(report)).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(src|href|url\()\s*=?\s*[\"']?(https?:)?//", page)
    for shown in (
        "found first",
        "of 2, 95&nbsp;%:",
        "wrong answer",
        "the attack got through",
        "a person is called",
    ):
        assert shown in page
    read = json.loads((tmp_path / "r" / "report.json").read_text())
    assert read["figures"]["totals"]["questions"] == 4


def test_only_its_owner_reads_it_also_where_another_lay_before(report: Report, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "report.html").write_text("old")
    (folder / "report.html").chmod(0o644)
    write_report(folder, as_content(report), as_page(report))
    for name in ("report.html", "report.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert "old" not in (folder / "report.html").read_text()[:20]


def by_model(*in_prompt: str) -> Callable[[Question, AgentConfig], Thought]:
    """A thought that a model was paid for, and which saw these FAQs."""
    call = Call("eval", "ok", Usage("gpt-x", 1_000, 600, 50), 1_234, 700)

    def think(question: Question, config: AgentConfig) -> Thought:
        faq = by_faqs(question, config)
        return Thought(faq.draft, faq.decision, MODEL, "gpt-x", calls=(call,), in_prompt=in_prompt)

    return think


def test_with_a_model_the_report_says_what_it_saw_and_cost() -> None:
    found = Report({"tienda": answer(SET, by_model("f1"), quiet())}, {"tienda": SHOP})
    totals = found.figures()["totals"]
    assert totals["counts"]["prompt_hit"] == [0, 2]
    assert totals["paid"] == {
        "calls": 5,
        "input_tokens": 5_000,
        "cached_tokens": 3_000,
        "output_tokens": 250,
        "usd": 0.00617,
        "rungs": {"model": 5},
    }
    page = as_page(found)
    assert "5 calls of the model" in page["subtitle"]
    assert any(row["label"] == "in the prompt" for row in page["tables"][0]["rows"])
    seen = answer(SET, by_model("f2", "f1"), quiet())
    assert Report({"t": seen}, {"t": SHOP}).figures()["totals"]["prompt_hit"] == 1.0


def test_without_a_model_there_is_no_figure_of_one(report: Report) -> None:
    assert not {"paid", "prompt_hit"} & set(report.figures()["totals"])
    assert paid([])["rungs"] == {}


def test_a_long_evaluation_tells_how_far_it_is_now_and_then() -> None:
    now, lines = [0.0], list[str]()
    progress = Progress(20, lines.append, lambda: now[0])
    for _ in range(10):
        now[0] += SECONDS / 5
        progress.step()
    assert lines == ["5 of 20, about 15 s left", "10 of 20, about 10 s left"]
