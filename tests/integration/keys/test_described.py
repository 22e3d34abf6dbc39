"""What the API answers is what its description says, whatever it is asked; and it never fails."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.keys.keys_world import NOBODYS, Tenants
from tests.world import API_KEY

# For more: SCHEMATHESIS_EXAMPLES=1000 pytest -s tests/integration/keys/test_described.py
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "3")
# Each by one of the two runs; all by both, with more examples.
PHASES = ("examples,fuzzing", "examples,coverage") if EXAMPLES == "3" else ("examples,coverage,fuzzing",) * 2
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


def pinned(tenants: Tenants) -> str:
    """A configuration in which every id is of something that is there."""
    return (
        f'[parameters]\n"path.agent_id" = "{tenants.agents[NOBODYS]}"\n'
        f'"path.conversation_id" = {tenants.chats[NOBODYS]}\n"path.key_id" = "{tenants.keys[NOBODYS]}"\n'
    )


@pytest.mark.slow
@pytest.mark.parametrize("ids", ["made up", "of what is there"])
def test_the_api_is_as_it_is_described(tenants: Tenants, tmp_path: Path, ids: str) -> None:
    there = ids == "of what is there"
    config = tmp_path / "schemathesis.toml"
    config.write_text(pinned(tenants) if there else "")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        *(f"{tenants.url}/openapi.json", "--header", f"Authorization: Bearer {API_KEY}"),
        *("--checks", ",".join(CHECKS), "--max-examples", EXAMPLES, "--seed", "1", "--warnings", "off"),
        *("--phases", PHASES[there], "--no-color", "--continue-on-failure"),
        *(("--exclude-method", "DELETE") if there else ()),  # else nothing would be there any more
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False)
    said = done.stdout + done.stderr
    print(said)
    assert done.returncode == 0, said[-8_000:]
    tested = re.search(r"Tested:\s+(\d+)|(\d+) generated", said)
    assert tested is not None, said[-2_000:]


@pytest.mark.both_databases
def test_no_id_however_odd_is_a_failure_of_ours(tenants: Tenants) -> None:
    for odd in ("%00", "a%00b", "%ff", "%20", "x" * 65, "%ed%a0%80"):
        for path in ("/agent/{}", "/agent/{}/faqs", "/key/{}", "/conversation/{}", "/conversation?agent={}"):
            status, answer = tenants.api("GET", path.format(odd))
            assert status in (404, 422), (path, odd, answer)
