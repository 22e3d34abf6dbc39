"""Files that customers send are there for the business, as long and as well guarded as Meta's."""

import base64
import hashlib
import time
from typing import Any

import pytest
import urllib3
from pywa_async.types.message import Message
from urllib3.exceptions import HTTPError

from tests.integration.sandbox.sandbox_world import TOKEN, Callback, Json, Meta, serving
from tests.integration.sandbox.test_sandbox_foreign_client import heard, run

PNG = b"\x89PNG\r\n\x1a\n\r\n--not-the-end\r\n"
_http = urllib3.PoolManager(retries=False, timeout=10)


def sends(meta: Meta, kind: str, **more: Any) -> Any:
    """The node of a message that a customer attaches something to, as the webhook brings it."""
    written = meta.writes(type=kind, **more)
    return next(one for one in meta.callback.messages() if one["id"] == written["id"])[kind]


def located(meta: Meta, media_id: str) -> Json:
    """Where the file is, as the business asks."""
    status, answer = meta.call("GET", f"/v26.0/{media_id}?phone_number_id={meta.number}")
    assert status == 200, answer
    found: Json = answer
    return found


def fetched(url: str, token: str | None = TOKEN) -> tuple[int, bytes]:
    """Status and bytes of a file."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = _http.request("GET", url, headers=headers)
    return answer.status, answer.data


@pytest.mark.parametrize(
    ("kind", "begins", "says"),
    [
        ("image", b"\xff\xd8\xff", {"mime_type": "image/jpeg"}),
        ("audio", b"OggS", {"mime_type": "audio/ogg; codecs=opus", "voice": True}),
        ("video", b"\x00\x00\x00", {"mime_type": "video/mp4"}),
        ("document", b"%PDF", {"mime_type": "application/pdf", "filename": "menu.pdf"}),
        ("sticker", b"RIFF", {"mime_type": "image/webp", "animated": False}),
    ],
)
def test_each_kind_has_a_real_file_of_its_own(meta: Meta, kind: str, begins: bytes, says: Json) -> None:
    node = sends(meta, kind)
    assert {key: node.get(key) for key in says} == says
    where = located(meta, node["id"])
    status, content = fetched(where["url"])
    assert (status, content[: len(begins)]) == (200, begins)
    digest = hashlib.sha256(content)
    assert node["sha256"] == base64.b64encode(digest.digest()).decode()
    assert where == {
        "messaging_product": "whatsapp",
        "url": where["url"],
        "mime_type": says["mime_type"],
        "sha256": digest.hexdigest(),
        "file_size": len(content),
        "id": node["id"],
    }


def test_a_file_of_the_customers_own_arrives_with_its_caption(meta: Meta) -> None:
    content = base64.b64encode(PNG).decode()
    node = sends(meta, "image", content=content, mime_type="image/png", caption="¿Es este?")
    assert (node["mime_type"], node["caption"]) == ("image/png", "¿Es este?")
    assert fetched(located(meta, node["id"])["url"]) == (200, PNG)
    shown = meta.chat()[-1]["media"]
    assert (shown["id"], shown["caption"]) == (node["id"], "¿Es este?")


def test_what_is_said_of_a_file_is_checked(meta: Meta) -> None:
    path = f"{meta.chat_path()}/messages"
    for wrong in (
        {"content": "!"},
        {"content": ""},
        {"mime_type": "image/png\r\nSet-Cookie: a"},
        {"mime_type": "picture"},
        {"caption": "x" * 1025},
        {"filename": 7},
    ):
        assert meta.call("POST", path, {"type": "image"} | wrong)[0] == 400, wrong
    assert meta.call("POST", path, {"type": "audio", "voice": "yes"})[0] == 400
    assert meta.chat() == []


def test_an_address_needs_the_token_and_is_nobody_elses(meta: Meta) -> None:
    url = located(meta, sends(meta, "image")["id"])["url"]
    assert fetched(url, None)[0] == 401
    assert fetched(url, "another")[0] == 401
    assert fetched(url[:-1] + ("0" if url[-1] != "0" else "1"))[0] == 404
    assert fetched(f"{meta.url}/media/1")[0] == 404
    assert fetched(url)[0] == 200


def test_an_address_is_over_after_its_time(callback: Callback) -> None:
    with serving(callback, media_url_lasts=0.0) as meta:
        assert fetched(located(meta, sends(meta, "image")["id"])["url"])[0] == 404


def test_an_id_is_over_after_seven_days_and_another_number_does_not_know_it(meta: Meta) -> None:
    old = sends(meta, "image", timestamp=time.time() - 7 * 86400 - 60)
    status, answer = meta.call("GET", f"/v26.0/{old['id']}")
    assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (400, 100, 33)
    young = sends(meta, "image", timestamp=time.time() - 6 * 86400)
    assert meta.call("GET", f"/v26.0/{young['id']}?phone_number_id=1")[0] == 400
    assert meta.call("GET", f"/v26.0/{young['id']}", token=None)[0] == 401
    assert located(meta, young["id"])["id"] == young["id"]


def test_a_sandbox_below_a_path_says_where_it_is(callback: Callback) -> None:
    with serving(callback, under="/sandbox") as meta:
        url = located(meta, sends(meta, "image")["id"])["url"]
        assert url.startswith(f"{meta.url}/media/")
        assert fetched(url)[0] == 200


def test_pywa_hears_a_voice_note_and_fetches_it(meta: Meta) -> None:
    node = sends(meta, "audio")
    meta.quiet()
    (message,) = heard(meta)
    assert isinstance(message, Message)
    assert message.audio is not None
    assert (message.audio.id, message.audio.voice, message.audio.sha256) == (node["id"], True, node["sha256"])

    async def download(wa: Any) -> tuple[Any, bytes]:
        where = await wa.get_media_url(node["id"])
        return where, await wa.get_media_bytes(where.url)

    where, content = run(meta, download)
    assert (where.mime_type, where.file_size) == ("audio/ogg; codecs=opus", len(content))
    assert content.startswith(b"OggS")


def test_pywa_uploads_and_deletes(meta: Meta) -> None:
    async def upload(wa: Any) -> tuple[str, bytes, bool]:
        sent = await wa.upload_media(PNG, mime_type="image/png", filename="a.png")
        where = await wa.get_media_url(sent.id)
        content = await wa.get_media_bytes(where.url)
        return sent.id, content, (await wa.delete_media(sent.id)).success

    media_id, content, deleted = run(meta, upload)
    assert (content, deleted) == (PNG, True)
    assert meta.call("GET", f"/v26.0/{media_id}")[0] == 400
    assert meta.call("DELETE", f"/v26.0/{media_id}")[0] == 400
    assert [one["media_id"] for one in meta.ledger("upload")] == [media_id]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"file": ("a.png", PNG, "image/png")}, 100),
        ({"messaging_product": "whatsapp"}, 100),
        ({"messaging_product": "whatsapp", "file": ("a.html", b"<p>", "text/html")}, 100),
        ({"messaging_product": "whatsapp", "file": ("a.webp", bytes(600_000), "image/webp")}, 131053),
    ],
)
def test_what_cannot_be_uploaded(meta: Meta, fields: Any, code: int) -> None:
    answer = _http.request(
        "POST",
        f"{meta.url}/v26.0/{meta.number}/media",
        fields=fields,
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    assert (answer.status, answer.json()["error"]["code"]) == (400, code)


def test_troubles_with_media_come_as_they_were_ordered(meta: Meta) -> None:
    node = sends(meta, "image")
    meta.fault(on="media_id", code=131000)
    assert meta.call("GET", f"/v26.0/{node['id']}")[0] == 500
    url = located(meta, node["id"])["url"]
    right = fetched(url)[1]
    meta.fault(on="media", kind="error", http_status=503)
    assert fetched(url)[0] == 503
    meta.fault(on="media", kind="corrupt")
    assert fetched(url)[1] not in (right, b"")
    meta.fault(on="media", kind="too_large")
    answer = _http.request("GET", url, headers={"Authorization": f"Bearer {TOKEN}"}, preload_content=False)
    assert len(answer.read(10_000_000)) == 10_000_000
    answer.close()
    meta.fault(on="media", kind="hang", answer=False)
    with pytest.raises(HTTPError):
        fetched(url)
    assert fetched(url) == (200, right)
    faults = [one["fault"] for one in meta.ledger("media")]
    assert faults == [None, "error", "corrupt", "too_large", "hang", None]


def test_the_telephone_is_shown_pictures_but_no_page_of_the_customers(meta: Meta) -> None:
    picture = sends(meta, "image")
    page = base64.b64encode(b"<script>alert(1)</script>").decode()
    document = sends(meta, "document", content=page, mime_type="text/html", filename="a.html")
    seen = _http.request("GET", f"{meta.url}/api/media/{picture['id']}")
    assert (seen.headers["Content-Type"], seen.headers["Content-Disposition"]) == ("image/jpeg", "inline")
    kept = _http.request("GET", f"{meta.url}/api/media/{document['id']}")
    assert (kept.headers["Content-Type"], kept.headers["Content-Disposition"]) == (
        "application/octet-stream",
        "attachment",
    )
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    assert meta.call("GET", "/api/media/1")[0] == 404


def test_a_place_and_a_contact(meta: Meta) -> None:
    assert sends(meta, "location")["name"] == "Puerta del Sol"
    assert sends(meta, "location", latitude=1.5, longitude=-2) == {"latitude": 1.5, "longitude": -2}
    assert sends(meta, "contacts")[0]["name"]["formatted_name"] == "Ana Torres"
    own = [{"phones": [{"phone": "+34 600 1", "type": "CELL"}]}]
    assert sends(meta, "contacts", contacts=own) == own
    assert [one["type"] for one in meta.chat()] == ["location", "location", "contacts", "contacts"]
    meta.quiet()
    kinds = [one.type.value for one in heard(meta) if isinstance(one, Message)]
    assert kinds == ["location", "location", "contacts", "contacts"]


def test_files_survive_the_end_of_the_process(callback: Callback, tmp_path: Any) -> None:
    database = str(tmp_path / "sandbox.db")
    with serving(callback, database=database) as meta:
        node = sends(meta, "image")
    with serving(callback, database=database) as meta:
        assert fetched(located(meta, node["id"])["url"])[0] == 200
