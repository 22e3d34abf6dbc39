"""Takes a form with files apart (multipart/form-data, RFC 7578)."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser


@dataclass(frozen=True)
class Part:
    """One field of a form; a file has a name and a type."""

    name: str
    filename: str | None
    mime_type: str
    content: bytes


def parts(content_type: str, body: bytes) -> Iterator[Part]:
    """The fields of a form, in order; none when it is no such form."""
    kind = _headers(f"Content-Type: {content_type}")
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        return
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        head, end, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = _headers(head.decode("utf-8", "replace"))
        name = headers.get_param("name", header="content-disposition")
        if end and isinstance(name, str):
            yield Part(name, headers.get_filename(), headers.get_content_type(), content)


def _headers(text: str) -> Message:
    return HeaderParser().parsestr(text)
