"""A load balancer for tests: gives each request to the next web process that takes it."""

import itertools

import urllib3
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from urllib3.exceptions import HTTPError, NewConnectionError

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_KEPT = ("authorization", "content-type", "idempotency-key", "x-hub-signature-256")


def balancer(ports: list[int]) -> Starlette:
    """An application in front of the web processes at `ports`; one that refuses a connection is passed over."""
    pool = urllib3.PoolManager(maxsize=64, retries=False, timeout=15)
    first = itertools.count()

    def forward(method: str, path: str, headers: dict[str, str], body: bytes) -> Response:
        start = next(first)
        for k in range(len(ports)):
            url = f"http://127.0.0.1:{ports[(start + k) % len(ports)]}{path}"
            try:
                answer = pool.request(method, url, body=body, headers={**headers, "Connection": "close"})
            except NewConnectionError:
                continue
            except HTTPError:
                return Response("the web process died", 502)
            return Response(answer.data, answer.status, media_type=answer.headers.get("Content-Type"))
        return Response("no web process is there", 502)

    async def pass_on(request: Request) -> Response:
        headers = {name: request.headers[name] for name in _KEPT if name in request.headers}
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return await run_in_threadpool(forward, request.method, target, headers, await request.body())

    return Starlette(routes=[Route("/{path:path}", pass_on, methods=_METHODS)])
