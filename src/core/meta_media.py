"""Fetches a file that a customer sent: from Meta's hosts alone, no more than is wanted, and only the right bytes."""

import base64
import hashlib
import re
import time
from typing import Any
from urllib.parse import urlencode

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from src.core.errors import MetaBusy, MetaDenied, MetaError, MetaRejected, MetaUncertain
from src.core.meta_client import Line, MetaClient, read_answer
from src.core.telemetry import META_CALLS, a_result

STALL_SECONDS = 5.0  # how long a single read may take
_ABOUT_BYTES = 64 * 1024
_CHUNK = 64 * 1024
_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")


class MediaTooLarge(MetaRejected):
    """The file has more bytes than are wanted; never fetch it again."""


def fetch_media(
    meta: MetaClient, line: Line, media_id: str, max_bytes: int, seconds: float
) -> tuple[bytes, str]:
    """The bytes and the MIME type of a file, within `seconds` and one stalled read more.

    Raises MetaUnreachable or MetaBusy when another try may bring it (nobody there, cut off, too slow, other bytes than
    Meta's hash), MetaDenied for the token, MediaTooLarge over `max_bytes`, MetaRejected for what will never come.
    """
    ends = time.monotonic() + seconds
    if not _ID.fullmatch(media_id):
        raise MetaRejected(0, "this is no id of a file")
    about = _about(meta, line, media_id, ends)
    size, url = about.get("file_size"), about.get("url")
    if isinstance(size, int) and size > max_bytes:
        raise MediaTooLarge(0, "Meta says that the file is too large")
    if not isinstance(url, str):
        raise MetaRejected(0, "Meta does not say where the file is")
    status, content = _read(meta, line, url, max_bytes, ends)
    if status != 200:
        raise _refused(status)
    META_CALLS.labels("ok").inc()
    if not _is_right(content, about.get("sha256")):
        raise MetaBusy(0, "the file's hash is another")
    return content, str(about.get("mime_type") or "")


def _about(meta: MetaClient, line: Line, media_id: str, ends: float) -> dict[str, Any]:
    """What Meta says of a file: {url, mime_type, sha256, file_size, …}; the address is good for five minutes."""

    def ask(proof: dict[str, str]) -> dict[str, Any]:
        query = urlencode({"phone_number_id": line.phone_number_id, **proof})
        return read_answer(*_read(meta, line, f"{meta.base_url}/{media_id}?{query}", _ABOUT_BYTES, ends))

    try:
        return meta.prove(line, ask)
    except MetaUncertain as error:
        raise MetaBusy(error.code, error.reason) from None  # asking changes nothing: ask again


def _read(meta: MetaClient, line: Line, url: str, most: int, ends: float) -> tuple[int, bytes]:
    left = max(0.1, ends - time.monotonic())
    try:
        answer = meta.stream(url, line.access_token, min(STALL_SECONDS, left))
    except MetaUncertain as error:
        raise MetaBusy(0, error.reason) from error
    try:
        content = _content(answer, most, ends)
    except HTTPError as error:
        META_CALLS.labels("uncertain").inc()
        raise MetaBusy(0, f"Meta's answer broke off ({type(error).__name__})") from error
    finally:
        answer.close()
    return answer.status, content


def _content(answer: BaseHTTPResponse, most: int, ends: float) -> bytes:
    content = bytearray()
    while chunk := answer.read1(_CHUNK, decode_content=False):
        content += chunk
        if len(content) > most:
            raise MediaTooLarge(0, "more bytes than are wanted")
        if time.monotonic() > ends:
            raise MetaBusy(0, "Meta is too slow")
    return bytes(content)


def _refused(status: int) -> MetaError:
    META_CALLS.labels(a_result(str(status))).inc()
    reason = f"Meta answered {status} for the file"
    if status in (401, 403):
        return MetaDenied(0, reason)
    return MetaBusy(0, reason) if status == 429 or status >= 500 else MetaRejected(0, reason)


def _is_right(content: bytes, told: Any) -> bool:
    """Meta tells the hash in hexadecimal digits, in webhooks in base64."""
    digest = hashlib.sha256(content)
    return told in (digest.hexdigest(), base64.b64encode(digest.digest()).decode())
