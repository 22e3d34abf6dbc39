"""`released up` in sandbox mode offers OpenAI beside the telephone, and an instance with a key meets it there."""

import os
import signal
import subprocess
from pathlib import Path

import openai

from tests import launch
from tests.integration.cli.test_up import ready
from tests.ports import free_port
from tests.world import call, eventually


def test_the_sandboxs_openai_stands_beside_the_platform(tmp_path: Path) -> None:
    port = free_port()
    here = f"http://127.0.0.1:{port}/sandbox"
    given = {"RELEASED_HOME": str(tmp_path), "OPENAI_API_KEY": "any-key", "OPENAI_BASE_URL": f"{here}/v1"}
    process = launch.start(
        *("src", "up", "--port", str(port), "--no-demo"),
        env={**os.environ, **given},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: process.poll() is not None or ready(port), 60)
        client = openai.OpenAI(api_key="any-key", base_url=f"{here}/v1", max_retries=0)
        assert client.responses.create(model="gpt-6-luna", input="hola", store=False).output_text
        (entry,) = call("GET", f"{here}/api/openai/ledger")[1]["entries"]
        assert (entry["path"], entry["status"]) == ("/v1/responses", 200)
        doctor = launch.run("src", "doctor", "--live", env={**os.environ, **given, "PORT": str(port)})
        assert f"gpt-6-luna is there, at {here}/v1" in doctor.stdout
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
