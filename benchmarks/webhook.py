"""How fast `POST /webhook` acknowledges what it has committed, beside an application that only answers 200."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load import Figures, drive, request_bytes, text_webhook
from tests.ports import free_port
from tests.world import SECRET, TOKEN, eventually

PROJECT = Path(__file__).resolve().parents[1]
CONNECTIONS = (1, 64, 256)
RUNS = 3


async def bare(scope: Any, _receive: Any, send: Any) -> None:
    """Answers 200 to everything, without reading it."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def served(app: str, port: int, **settings: str) -> Iterator[None]:
    """`uvicorn app` as a process, on the first core where there are several."""
    pin = ["taskset", "-c", "0"] if (os.cpu_count() or 1) > 1 else []
    command = [
        *pin,
        sys.executable,
        "-m",
        "uvicorn",
        app,
        "--port",
        str(port),
        "--log-level",
        "warning",
        "--no-access-log",
    ]
    process = subprocess.Popen(
        command, cwd=PROJECT, env={**os.environ, **settings}, stderr=subprocess.DEVNULL
    )
    try:
        eventually(lambda: process.poll() is not None or _listens(port), 30)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    return any(
        f"127.0.0.1:{port} " in line or f":{port:04X} " in line
        for line in Path("/proc/net/tcp").read_text().splitlines()
    )


def measure(app: str, count: int, **settings: str) -> dict[int, Figures]:
    """The median of three runs by requests a second, for each number of connections."""
    figures = {}
    for connections in CONNECTIONS:
        number = count if connections > 1 else count // 10
        runs = []
        for run in range(RUNS):
            bodies = (text_webhook("55", k % 5000, f"{connections}-{run}-{k}") for k in range(number))
            requests = [request_bytes(body, SECRET) for body in bodies]
            with tempfile.TemporaryDirectory() as home:
                port = free_port()
                own = {
                    "PORT": str(port),
                    "RELEASED_HOME": home,
                    "META_ACCESS_TOKEN": TOKEN,
                    "META_APP_SECRET": SECRET,
                }
                with served(app, port, **own, **settings):
                    time.sleep(0.5)
                    runs.append(asyncio.run(drive(port, requests, connections)))
        figures[connections] = sorted(runs, key=lambda one: one.per_second)[RUNS // 2]
    return figures


def table(name: str, figures: dict[int, Figures], reference: dict[int, Figures]) -> str:
    """One line a number of connections: requests/s, ratio to the reference, latencies, refusals."""
    lines = [f"{name}"]
    for connections, one in figures.items():
        ratio = one.per_second / reference[connections].per_second
        lines.append(
            f"  {connections:>3} connections: {one.per_second:>7.0f}/s  ratio {ratio:.2f}  "
            f"p50 {one.p50:.1f} ms  p99 {one.p99:.1f} ms (x{one.p99 / reference[connections].p99:.1f})  "
            f"slowest {one.slowest:.0f} ms  not 200: {one.not_200}"
        )
    return "\n".join(lines)
