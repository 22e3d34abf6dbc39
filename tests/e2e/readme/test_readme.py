"""The README's examples run as they are written, in their order, and answer what the README says."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.readme.conftest import PROJECT, Running
from tests.world import eventually, shown

# An example, and the answers that the README shows below it.
EXAMPLE = re.compile(r"<!-- example -->\n```bash\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)
HERE = "HOST=http://127.0.0.1:8080\n"


def run(blocks: list[str], folder: Path) -> list[str]:
    """What each block prints, all in one shell, so that a later one knows an earlier one's variables."""
    end = "echo '\n--- end of a block'\n"
    script = "set -eu\n" + "".join(block + end for block in blocks)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split("\n--- end of a block\n")[:-1]


def answers(text: str) -> list[Any]:
    """The JSON values that stand one after the other in a text."""
    decoder, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


def fits(said: Any, promised: Any) -> bool:
    """True when `said` is what was promised; `…` stands for anything, in a text, a value or further keys."""
    if promised == "…":
        return True
    if isinstance(promised, str):
        pattern = ".+".join(re.escape(part) for part in promised.split("…"))
        return isinstance(said, str) and re.fullmatch(pattern, said, re.DOTALL) is not None
    if isinstance(promised, dict):
        open_ended = "…" in promised
        named = {key: value for key, value in promised.items() if key != "…"}
        return (
            isinstance(said, dict)
            and (named.keys() <= said.keys() if open_ended else named.keys() == said.keys())
            and all(fits(said[key], value) for key, value in named.items())
        )
    if isinstance(promised, list):
        return (
            isinstance(said, list)
            and len(said) == len(promised)
            and all(fits(one, other) for one, other in zip(said, promised, strict=True))
        )
    return bool(said == promised)


def test_the_examples_answer_what_the_readme_says(running: Running) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    examples = EXAMPLE.findall(readme)
    assert len(examples) == readme.count("<!-- example -->") == readme.count("```json")
    assert examples[0][0].startswith(HERE)
    chat = running.chat()
    running.sandbox("POST", f"{chat}/messages", {"type": "text", "text": _what_is_to_be_written(readme)})
    eventually(lambda: running.api("/conversation?holder=waiting")["conversations"])
    blocks = [commands.replace(HERE, f"HOST={running.url}\n") for commands, _ in examples]
    for said, (commands, promised) in zip(run(blocks, running.folder), examples, strict=True):
        assert fits(answers(said), answers(promised)), f"{commands}\nsaid: {said}\npromised: {promised}"
    eventually(lambda: "Hola, soy Marta. ¿En qué te ayudo?" in _on_the_telephone(running, chat))


def _what_is_to_be_written(readme: str) -> str:
    """The words that the README asks its reader to write on the telephone."""
    found = re.search(r"Write \*([^*]+)\* on the telephone", readme)
    assert found is not None
    return found.group(1)


def _on_the_telephone(running: Running, chat: str) -> list[str]:
    messages = running.sandbox("GET", chat)["messages"]
    return [shown(message) for message in messages if message["from"] == "business"]


def test_the_comparison_sees_what_differs() -> None:
    assert fits({"id": "asst_1", "more": 2}, {"id": "asst_…", "…": "…"})
    assert not fits({"id": "asst_1", "more": 2}, {"id": "asst_…"})
    assert not fits({"id": "other"}, {"id": "asst_…"})
    assert not fits([{"id": 1}, {"id": 2}], [{"id": 1}])
    assert not fits({}, {"id": "…", "…": "…"})
