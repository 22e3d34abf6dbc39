"""The documentation says what the code does: names, states, codes, times, settings, metrics, commands."""

import re
import tomllib
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from src.cli import released
from src.core.meta_client import BUSY, DENIED, error_for, retry_seconds
from src.core.settings import Settings
from src.core.states import LEGAL, MessageState, ReplyState

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"
PAGES = [*PROJECT.glob("README*.md"), *DOCS.rglob("*.md")]
NAMES = [str(page.relative_to(PROJECT)) for page in PAGES]
GIVEN = {
    "main.py",
    "ingest.py",
    "webhook.py",
    "settings.py",
    "models.py",
    "meta_client.py",
    "openai_client.py",
}
FENCE = re.compile(r"^( *)```.*?^\1```\n", re.MULTILINE | re.DOTALL)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def rows_below(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading of a page, without the table's own heading."""
    part = re.split(rf"^{re.escape(heading)}\n", text_of(DOCS / page), flags=re.MULTILINE)[1]
    return rows_of(re.split(r"^## ", part, flags=re.MULTILINE)[0])


def rows_of(text: str) -> list[list[str]]:
    lines = [line.strip() for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("-| ")]


def found_in(dotted: str) -> Any:
    """What a dotted name stands for. Raises when there is no such thing."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            thing: Any = import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            thing = getattr(thing, name)
        return thing
    raise AssertionError(f"no module for {dotted}")


def code_of(page: Path) -> list[str]:
    return [block.group() for block in FENCE.finditer(text_of(page))]


def headings(page: Path) -> list[str]:
    return re.findall(r"^(#+) ", FENCE.sub("", text_of(page)), flags=re.MULTILINE)


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_both_readmes_have_the_same_structure_and_the_same_commands() -> None:
    english, spanish = PROJECT / "README.md", PROJECT / "README.es.md"
    assert code_of(english), "no code to compare"
    assert code_of(english) == code_of(spanish)
    assert headings(english) == headings(spanish)
    for shape in (r"^\|", r"^\d+\. ", r"^- ", r"!\[", r"<!-- .* -->"):
        in_each = [re.findall(shape, text_of(page), flags=re.MULTILINE) for page in (english, spanish)]
        assert in_each[0] == in_each[1], shape


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text_of(page))):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        other = page.parent / path if path else page
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_function_and_file_that_is_named_exists(page: Path) -> None:
    text = text_of(page)
    for dotted in re.findall(r"`(src\.[a-z_]+\.[A-Za-z_.]+)`", text):
        assert found_in(dotted) is not None
    for path in re.findall(r"`((?:src|sandbox|evals|benchmarks|docs|scripts|tests)/[\w./-]*)`", text):
        assert (PROJECT / path).exists(), path


def test_every_function_in_the_journeys_drawing_exists() -> None:
    drawing = re.findall(r"```mermaid\n(.*?)```", text_of(DOCS / "journey.md"), flags=re.DOTALL)[0]
    named = re.findall(r"\b(?:api|messages|core)\.[a-z_]+(?:\.[A-Za-z_]+)+", drawing)
    assert len(named) >= 10
    for dotted in named:
        assert found_in(f"src.{dotted}") is not None


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_that_is_named_exists(page: Path) -> None:
    code = "\n".join([*code_of(page), *re.findall(r"`[^`\n]+`", FENCE.sub("", text_of(page)))])
    for words in re.findall(r"(?:^|[/` ])released((?: [a-z]+)+)", code):
        command: click.Command = released
        for word in words.split():
            if not isinstance(command, click.Group):
                break
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"released{words}"
            command = found


@pytest.mark.parametrize("states", [MessageState, ReplyState])
def test_the_tables_of_states_are_the_state_graph(states: type[StrEnum]) -> None:
    text = text_of(DOCS / "journey.md")
    tables = re.findall(r"\| state \| may become \|\n\|---\|---\|\n((?:\|.*\n)+)", text)
    expected = "".join(
        f"| `{state}` | {', '.join(f'`{one}`' for one in sorted(LEGAL[state])) or '–'} |\n"
        for state in states
    )
    assert expected in tables


def _codes(cell: str) -> set[int]:
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:–(\d+))?", re.sub(r"\([^)]*\)", "", cell)):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_the_table_of_metas_errors_is_what_we_do() -> None:
    named: set[int] = set()
    for codes, kind, after in rows_below("journey.md", "## What Meta says, and what we do")[1:]:
        for code in _codes(codes):
            error = error_for(code, "")
            assert type(error).__name__ == kind.strip("`"), code
            waits = [float(number) for number in re.findall(r"\d+", after)]
            assert [retry_seconds(error, attempt) for attempt in range(1, len(waits) + 1)] == waits, code
            assert not waits or retry_seconds(error, 99) == waits[-1], code
            named.add(code)
    assert named >= BUSY | DENIED


def test_the_table_of_times_holds_the_codes_values() -> None:
    rows = rows_below("journey.md", "## Times")[1:]
    assert len(rows) > 10
    for _, value, where in rows:
        number, unit = re.fullmatch(r"([\d,]+) (ms|s)", value).groups()  # type: ignore[union-attr]
        shown = int(number.replace(",", "")) * (1 if unit == "ms" else 1000)
        name = where.strip("`")
        if name.isupper():
            assert shown == Settings.model_fields[name.lower()].default
        else:
            assert shown == found_in(name) * (1 if name.endswith("_MS") else 1000), name


def test_every_setting_is_explained_with_its_default_and_no_other() -> None:
    rows = [row for row in rows_of(text_of(DOCS / "settings.md")) if row[0] != "name"]
    assert sorted(row[0] for row in rows) == sorted(f"`{name.upper()}`" for name in Settings.model_fields)
    for name, default, meaning, example in rows:
        field = Settings.model_fields[name.strip("`").lower()]
        assert default == ("–" if field.default is None else f"`{field.default}`"), name
        assert meaning.endswith("."), name
        assert re.fullmatch(rf"`{name.strip('`')}(_FILE)?=\S+`", example), name
    assert "`NAME_FILE`" in text_of(DOCS / "settings.md")


def test_every_example_of_a_setting_is_accepted() -> None:
    rows = [row for row in rows_of(text_of(DOCS / "settings.md")) if row[0] != "name"]
    given = dict(row[3].strip("`").split("=", 1) for row in rows if "_FILE=" not in row[3])
    values: dict[str, Any] = {name.lower(): value for name, value in given.items()}
    assert Settings(_env_file=None, meta_access_token="EAAG-a-token", **values).port == int(given["PORT"])


def test_every_metric_and_every_event_is_explained() -> None:
    operations = text_of(DOCS / "operations.md")
    files = [*(PROJECT / "src").rglob("*.py"), *(PROJECT / "celery_worker").glob("*.py")]
    source = "\n".join(text_of(path) for path in files)
    metrics = set(re.findall(r'"(released_[a-z_]+)"', source))
    events = set(re.findall(r'log\.(?:info|warning|error|exception|critical)\(\s*"([a-z_]+)"', source))
    events |= set(re.findall(r'wide\(log, "([a-z_]+)"', source))
    assert metrics
    assert events
    assert {
        row[0].split("{")[0].strip("`") for row in rows_below("operations.md", "## Metrics")[1:]
    } == metrics
    assert {row[0].strip("`") for row in rows_below("operations.md", "## The log")[1:]} == events
    for named in re.findall(r"released_[a-z_]+", operations):
        assert named in metrics


def test_every_addition_to_the_given_structure_has_its_reason() -> None:
    text = text_of(DOCS / "decisions/0001-what-we-added.md")
    folders = {"docs", *(path.parent.name for path in PROJECT.glob("*/__init__.py"))} - {"src", "tests"}
    for folder in folders | {f"src/{path.parent.name}" for path in PROJECT.glob("src/*/__init__.py")}:
        assert folder in ("src/api", "src/core") or f"| `{folder}/` |" in text, folder
    for given in ("api", "core"):
        for path in (PROJECT / "src" / given).glob("*.py"):
            assert path.name in GIVEN | {"__init__.py"} or f"| `src/{given}/{path.name}` |" in text, path.name
    listed = {
        name
        for row in rows_below("decisions/0001-what-we-added.md", "## Run-time dependencies")[1:]
        for name in row[0].split(", ")
    }
    project = tomllib.loads(text_of(PROJECT / "pyproject.toml"))["project"]
    assert listed == {re.split(r"[\[<>=; ]", one)[0] for one in project["dependencies"]}


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_has_context_consequences_and_alternatives(page: Path) -> None:
    text = text_of(page)
    assert re.match(rf"# {int(page.name[:4])}\. \S", text)
    places = [text.find(f"**{part}.**") for part in ("Context", "Decision", "Consequences", "Alternatives")]
    assert -1 not in places
    assert places == sorted(places)


def test_the_index_leads_to_every_page() -> None:
    index = text_of(DOCS / "README.md")
    for page in DOCS.rglob("*.md"):
        if page.name != "README.md":
            assert f"({page.relative_to(DOCS)})" in index, page.name
