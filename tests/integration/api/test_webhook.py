"""The webhook acknowledges what is committed, and nothing else."""

import hashlib
import hmac
import json
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from src.accounts.numbers import add_number
from src.core.models import messages, notices
from tests.world import SECRET, World, call, eventually

pytestmark = pytest.mark.both_databases


def text_message(wamid: str, **more: Any) -> dict[str, Any]:
    return {
        "id": wamid,
        "from": "34611000111",
        "timestamp": "1795000000",
        "type": "text",
        "text": {"body": "hola"},
        **more,
    }


def notification(world: World, *nodes: Any, **value: Any) -> bytes:
    inner = {"metadata": {"phone_number_id": world.number_id}, "messages": list(nodes), **value}
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": inner}]}]}).encode()


def right(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(world: World, body: bytes, secret: str = SECRET, signature: str | None = None) -> tuple[int, Any]:
    header = right(body, secret) if signature is None else signature
    return call("POST", f"{world.url}/webhook", body, **{"X-Hub-Signature-256": header})


def stored(world: World) -> int:
    with world.instance.database.read() as session:
        return len(session.execute(messages.select()).all())


def kept(world: World) -> list[Any]:
    with world.instance.database.read() as session:
        return [(row.field, row.content) for row in session.execute(notices.select())]


def test_metas_handshake_is_answered_with_the_challenge(world: World) -> None:
    query = f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={world.instance.verify_token}"
    assert call("GET", f"{world.url}/webhook?{query}") == (200, "1158201444")


@pytest.mark.parametrize(
    "query",
    ["", "hub.mode=subscribe&hub.challenge=1", "hub.mode=subscribe&hub.verify_token=x&hub.challenge=1"],
)
def test_a_wrong_handshake_is_refused(world: World, query: str) -> None:
    status, problem = call("GET", f"{world.url}/webhook?{query}")
    assert status == 403
    assert world.instance.verify_token not in json.dumps(problem)


def test_a_wrong_or_missing_signature_stores_nothing(world: World) -> None:
    body = notification(world, text_message("wamid.1"))
    spaced = hmac.new(SECRET.encode(), body + b" ", hashlib.sha256).hexdigest()
    for signature in ("", "sha256=", "sha1=abc", "sha256=" + "0" * 64, f"sha256={spaced}", "é"):
        headers = {"X-Hub-Signature-256": signature.encode().decode("latin-1")}
        assert call("POST", f"{world.url}/webhook", body, **headers)[0] == 401
    assert post(world, body, secret="another")[0] == 401
    assert stored(world) == 0


def test_a_number_may_have_an_app_and_a_secret_of_its_own(world: World) -> None:
    body = notification(world, text_message("wamid.1"))
    assert post(world, body, secret="its-own-secret")[0] == 401
    with world.instance.database.transaction() as session:
        add_number(session, "+34600000999", "999", app_secret="its-own-secret")
    eventually(lambda: post(world, body, secret="its-own-secret")[0] == 200)


def test_what_is_acknowledged_is_stored(world: World) -> None:
    assert post(world, notification(world, text_message("wamid.1"), text_message("wamid.2"))) == (
        200,
        "EVENT_RECEIVED",
    )
    assert stored(world) == 2


def test_unknown_content_is_stored_and_never_refused(world: World) -> None:
    bodies = [
        b"not json",
        b"[]",
        b'{"object":"page"}',
        b'{"entry":[{"changes":[{"field":"flows","value":{"x":1}}]}]}',
    ]
    assert [post(world, body)[0] for body in bodies] == [200] * 4
    assert [field for field, _ in kept(world)] == ["unreadable", "unknown", "unknown", "flows"]


def test_odd_characters_are_stored_too(world: World) -> None:
    odd = text_message("wamid.1", text={"body": "nul \x00 y medio emoji \ud83d"})
    assert post(world, notification(world, odd))[0] == 200
    assert stored(world) == 1


def test_too_large_a_body_is_413(world: World) -> None:
    assert post(world, b" " * (4 * 1024 * 1024 + 1))[0] == 413


def raw(world: World, head: bytes, body: bytes) -> bytes:
    """The first line of the answer to what no client library would send."""
    with socket.create_connection(("127.0.0.1", world.port), timeout=30) as sent:
        sent.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + head + b"\r\n")
        with suppress(OSError):  # it may have had enough
            sent.sendall(body)
        return sent.makefile("rb").readline()


def chunk(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n"


def test_a_body_without_a_length_is_capped_too(world: World) -> None:
    body = notification(world, text_message("wamid.1"))
    signed = f"X-Hub-Signature-256: {right(body)}\r\nTransfer-Encoding: chunked\r\n".encode()
    assert b" 413 " in raw(world, signed, chunk(b" " * 1024 * 1024) * 5)
    assert b" 200 " in raw(world, signed, chunk(body[:10]) + chunk(body[10:]) + b"0\r\n\r\n")
    assert stored(world) == 1


def test_a_length_that_lies_is_not_believed(world: World) -> None:
    body = notification(world, text_message("wamid.1"))
    for length in ("5000000", "-1", "1e3", "٤"):
        head = f"X-Hub-Signature-256: {right(body)}\r\nContent-Length: {length}\r\n".encode()
        assert raw(world, head, body).split()[1] in (b"400", b"413")
    assert stored(world) == 0


def test_two_signatures_are_none(world: World) -> None:
    body = notification(world, text_message("wamid.1"))
    length = f"Content-Length: {len(body)}\r\n".encode()
    good, bad = (f"X-Hub-Signature-256: {one}\r\n".encode() for one in (right(body), "sha256=" + "0" * 64))
    assert b" 401 " in raw(world, bad + good + length, body)
    assert b" 401 " in raw(world, good + bad + length, body)
    assert b" 401 " in raw(world, good + good + length, body)
    assert stored(world) == 0


def test_a_signature_has_one_form(world: World) -> None:
    body = notification(world, text_message("wamid.1"))
    digest = right(body).removeprefix("sha256=")
    sha1 = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    for signature in (
        digest,
        f"sha256={digest.upper()}",
        f"SHA256={digest}",
        f"sha1={sha1}",
        f"sha256={sha1}",
    ):
        assert post(world, body, signature=signature)[0] == 401, signature
    assert call("POST", f"{world.url}/webhook", body, **{"X-Hub-Signature": f"sha1={sha1}"})[0] == 401
    assert stored(world) == 0


def test_a_secret_is_changed_without_a_gap(tmp_path: Path) -> None:
    for secrets, taken in (("old", (200, 401)), ("old, new", (200, 200)), ("new", (401, 200))):
        with World(tmp_path, meta_app_secret=secrets) as world:
            bodies = [notification(world, text_message(f"wamid.{secrets}.{one}")) for one in ("old", "new")]
            found = [
                post(world, body, secret=one)[0] for body, one in zip(bodies, ("old", "new"), strict=True)
            ]
            assert tuple(found) == taken


def test_a_large_batch_is_stored_whole(world: World) -> None:
    nodes = [text_message(f"wamid.{number}", **{"from": f"3461{number:07d}"}) for number in range(1000)]
    assert post(world, notification(world, *nodes))[0] == 200
    assert stored(world) == 1000


def test_with_a_full_disk_meta_is_asked_to_try_again(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        large = notification(world, text_message("wamid.1", text={"body": "x" * 100_000}))
        with world.instance.database.transaction() as session:
            session.exec_driver_sql("PRAGMA max_page_count = 1")
        assert post(world, large)[0] == 503
        with world.instance.database.transaction() as session:
            session.exec_driver_sql("PRAGMA max_page_count = 1073741823")
        assert post(world, large)[0] == 200
        assert stored(world) == 1


def test_a_database_without_its_tables_asks_meta_to_try_again(world: World) -> None:
    with world.instance.database.transaction() as session:
        session.exec_driver_sql("ALTER TABLE seen RENAME TO elsewhere")
        session.exec_driver_sql("ALTER TABLE notice RENAME TO elsewhere_too")
    assert post(world, notification(world, text_message("wamid.1")))[0] == 503


def test_other_verbs_are_refused(world: World) -> None:
    assert call("DELETE", f"{world.url}/webhook")[0] == 405


def test_one_poisonous_webhook_is_kept_raw_and_harms_no_other(world: World) -> None:
    poison = notification(world, text_message("wamid.poison", type="te\x00xt", **{"from": "3461" + "9" * 9}))
    long = notification(world, text_message("wamid.long"), metadata={"phone_number_id": "5" * 200})
    good = notification(world, text_message("wamid.good"))
    assert [post(world, body)[0] for body in (poison, long, good)] == [200, 200, 200]
    assert stored(world) + len([field for field, _ in kept(world) if field == "poison"]) == 3


def test_odd_shapes_of_taps_do_not_stop_a_turn(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    customer = next(c for c in call("GET", f"{world.sandbox}/api/state")[1]["customers"] if c["wa_id"])
    odd = {"interactive": {"type": [], "button_reply": 5, "list_reply": {"id": {}}}}
    node = text_message("wamid.odd", type="interactive", timestamp=str(int(time.time())), **odd)
    assert post(world, notification(world, {**node, "from": customer["wa_id"]}))[0] == 200
    world.says("¿A qué hora abren?", world.customers.index(customer["id"]))
    writer = world.customers.index(customer["id"])
    eventually(lambda: "A las nueve." in world.phone(writer))  # the tap may get an answer of its own before
