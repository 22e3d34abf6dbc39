"""Meta's question to a callback whose address was set: does it know the verify token?"""

import asyncio
import secrets
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError


async def verify(callback_url: str, verify_token: str, seconds: float) -> dict[str, Any]:
    """`verified` is true when the callback answers 200 with the challenge (Webhooks, Verification)."""
    return await asyncio.to_thread(_ask, callback_url, verify_token, seconds)


def _ask(callback_url: str, verify_token: str, timeout: float) -> dict[str, Any]:
    challenge = str(secrets.randbelow(10**10))
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token})
    with urllib3.PoolManager(retries=False, timeout=timeout) as http:
        try:
            answer = http.request("GET", f"{callback_url}?{query}", redirect=False)
        except HTTPError as error:
            return {"verified": False, "http_status": None, "error": type(error).__name__}
    verified = answer.status == 200 and answer.data == challenge.encode()
    return {"verified": verified, "http_status": answer.status, "error": None}
