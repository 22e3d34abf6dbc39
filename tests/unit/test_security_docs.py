"""What the pages about security name as proof is there, and their figures are those of the table."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from scripts import asvs
from src.accounts.handoff_input import HandoffInput
from src.accounts.key_holder import Scope
from src.accounts.keys import KeyInput
from src.accounts.retention import _over_age
from src.accounts.tool_input import ToolInput
from src.core.sealed import Sealed, SealedBytes
from src.core.settings import Settings
from tests.unit.test_docs import rows_below

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "docs/security"
PAGES = sorted(
    [*FOLDER.glob("*.md"), *FOLDER.glob("*.csv"), PROJECT / "docs/law.md", PROJECT / "SECURITY.md"]
)
SEALED = (Sealed, SealedBytes)
NAMED = re.compile(r"tests/[\w/]+\.py::\w+")


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def named_in(page: Path) -> Iterator[tuple[str, str]]:
    for one in NAMED.findall(page.read_text(encoding="utf-8")):
        path, _, name = one.partition("::")
        yield path, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_is_named_exists(page: Path) -> None:
    missing = [
        f"{path}::{name}"
        for path, name in named_in(page)
        if not (PROJECT / path).exists() or name not in functions_of(path)
    ]
    assert missing == []


def test_every_threat_has_its_own_number_its_kinds_and_a_proof() -> None:
    text = (FOLDER / "threat-model.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \| (.+?) \| (.+) \|$", text, flags=re.MULTILINE)
    assert len(rows) > 40
    assert len({row[0] for row in rows}) == len(rows)
    for number, _, kinds, _, proof in rows:
        assert set(kinds.split(", ")) <= set("STRIDE"), number
        assert NAMED.search(proof), number
    assert set("".join(row[2] for row in rows)) >= set("STRIDE")


def test_the_table_has_each_requirement_of_both_levels_with_a_proof_or_a_reason() -> None:
    rows = asvs.rows()
    assert Counter(row["level"] for row in rows) == {"1": 70, "2": 183}  # of ASVS 5.0.0
    assert len({row["requirement"] for row in rows}) == len(rows)
    for row in rows:
        assert row["status"] in ("met", "not yet", "not applicable"), row
        assert (NAMED.fullmatch(row["test"]) is not None) == (row["status"] == "met"), row
        assert bool(row["reason"]) == (row["status"] != "met"), row


def test_the_page_tells_the_shares_of_the_table() -> None:
    page = (FOLDER / "asvs.md").read_text(encoding="utf-8")
    for line in asvs.shares(asvs.rows()):
        assert f"| {' | '.join(line)} |" in page


def test_the_list_of_cryptography_names_what_the_code_imports() -> None:
    page = (FOLDER / "asvs.md").read_text(encoding="utf-8")
    used = set()
    for path in (PROJECT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography.hazmat"):
                used |= {one.name for one in node.names}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                name, owner = node.attr, node.value.id
                used |= {name} if owner == "hashlib" else {owner} & {"hmac", "secrets", "random"}
                used |= {name} & {"urandom"}
    assert {"AESGCM", "sha256", "blake2b", "hmac"} <= used
    assert {one for one in used if f"`{one}`" not in page} == set()
    assert used & {"md5", "sha1", "SHA1", "MD5", "DES", "ARC4", "ECB"} == set()


def test_the_processing_register_names_every_table() -> None:
    for path in [PROJECT / "src/core/models.py", *(PROJECT / "src/core").glob("*_tables.py")]:
        import_module(f"src.core.{path.stem}")
    page = (PROJECT / "docs/processing-register.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \| .+ \| .+ \| .+ \| .+ \|$", page, flags=re.MULTILINE)
    assert sorted(named) == sorted(SQLModel.metadata.tables)


def test_the_register_says_what_goes_after_fourteen_days_and_what_is_sealed() -> None:
    page = (PROJECT / "docs/processing-register.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .+ \| .+ \| (.+) \| (.+) \|$", page, flags=re.MULTILINE)
    columns = {table.name: [column.type for column in table.c] for table in SQLModel.metadata.sorted_tables}
    sealed = {name for name, kinds in columns.items() if any(isinstance(one, SEALED) for one in kinds)}
    assert {name for name, how, _ in rows if "sealed" in how} == sealed
    going = {old.table.name for old in _over_age(0)}
    assert {name for name, _, until in rows if "14 days" in until} == going


def test_the_page_about_limits_tells_settings_and_defaults() -> None:
    defaults = {
        f"`{name.upper()}`": str(field.default).replace("/minute", " a minute")
        for name, field in Settings.model_fields.items()
        if name.startswith("rate_limit_")
    }
    rows = rows_below("security/limits.md", "# Limits")[1:]
    assert {row[1]: row[2] for row in rows} == defaults


def test_the_page_about_keys_has_every_scope_and_every_field_with_a_rule() -> None:
    assert {row[0].strip("`") for row in rows_below("api-keys.md", "## Scopes")[1:]} == set(Scope)
    told = {row[0].split("`")[1] for row in rows_below("api-keys.md", "## Fields")[1:]}
    given = {name for model in (KeyInput, ToolInput, HandoffInput) for name in model.model_fields}
    assert {name for name in given if re.search("secret|token|key", name)} <= told
    assert {"key", "tenant", "scopes", "expires_at"} <= told


def test_nothing_but_named_folders_goes_into_the_image() -> None:
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    let_in = {line[1:] for line in patterns if line.startswith("!")}
    assert let_in <= {
        *("requirements.txt", "requirements-dev.txt", "deploy/image"),
        *("src", "sandbox", "evals", "migrations", "celery_worker"),
    }
    copied = re.findall(r"^(?:COPY|ADD) (?!--from)(\S+)", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    assert {one.rstrip("/") for one in copied} <= let_in  # never the whole folder, in which .git is


def test_the_policy_says_how_soon_holes_are_mended() -> None:
    policy = (PROJECT / "SECURITY.md").read_text(encoding="utf-8")
    assert "what is critical" in policy
    assert "A package of others with a known hole" in policy
    for page in ("README.md", "README.es.md"):
        assert "(SECURITY.md)" in (PROJECT / page).read_text(encoding="utf-8")
