"""A key is shown once, kept as a hash, used, and ends at once in every process."""

import re
import threading
import time
from pathlib import Path

from sqlalchemy import select, update

from src.accounts.admission import USE_NOTED_MS
from src.core import audit
from src.core.instance import open_instance
from src.core.settings import Settings
from src.core.trust_tables import api_keys
from src.main import create_app
from tests.integration.keys.keys_world import Tenants
from tests.ports import free_port
from tests.world import Served, World, call


def test_a_key_is_shown_once_and_kept_as_a_hash(tenants: Tenants) -> None:
    body = {"name": "Panel", "scopes": ["agents:read"], "tenant": "acme"}
    status, made = tenants.api("POST", "/key", body)
    assert status == 201
    key = made.pop("key")
    assert re.fullmatch(r"rel_live_[0-9A-Za-z]{38}", key)
    assert tenants.api("GET", f"/key/{made['key_id']}")[1] == made
    assert key not in str(tenants.api("GET", "/key")[1])
    with tenants.instance.database.read() as session:
        rows = session.execute(select(api_keys)).all()
    assert not any(key.encode() in repr(row).encode() or key[9:41] in repr(row) for row in rows)


def test_each_refusal_says_why(tenants: Tenants) -> None:
    made = tenants.made("agents:read", expires_at=4_000_000_000_000)
    key = made["key"]

    def refusal(given: str) -> str:
        status, problem = tenants.asks(given, "GET", "/agent")
        assert status == 401
        return str(problem["detail"])

    assert refusal(key[:-3] + "zzz") == "the key's checksum does not fit: it is mistyped"
    assert "no key of this instance" in refusal("rel_wrong")
    with tenants.instance.database.transaction() as session:
        session.execute(update(api_keys).where(api_keys.c.key.is_not(None)).values(expires_at=1))
    assert refusal(key) == f"the key {made['key_id']} has expired: ask whoever runs this instance for another"
    status, problem = tenants.asks(tenants.key("agents:read"), "DELETE", "/agent/x")
    assert (status, problem["title"]) == (403, "The key may not do this")
    assert "this needs the scope agents:write, and the key has agents:read" in problem["detail"]


def test_the_audit_log_tells_which_key_it_was(tenants: Tenants) -> None:
    made = tenants.made("conversations:read", tenant="acme")
    chat = tenants.chats["acme"]
    assert tenants.asks(made["key"], "GET", f"/conversation/{chat}")[0] == 200
    assert tenants.api("GET", f"/conversation/{chat}")[0] == 200
    with tenants.instance.database.read() as session:
        entries = audit.latest(session, 2, audit.of_conversation(chat))
    assert [entry.actor for entry in entries] == ["key of the owner", f"key {made['key_id']}"]


def test_a_mistyped_key_is_refused_while_the_database_is_away(tmp_path: Path) -> None:
    """It is known as mistyped by itself: nothing is looked up."""
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    settings = Settings(_env_file=None, released_home=tmp_path, database_url=url, secret_key="k" * 40)
    instance = open_instance(settings)
    port = free_port()
    served = Served(create_app(instance), port)
    try:
        for key, status in ((instance.api_key[:-1] + "!", 401), (instance.api_key, 503)):
            asked = call("GET", f"http://127.0.0.1:{port}/agent", Authorization=f"Bearer {key}")
            assert asked[0] == status
    finally:
        served.stop()


def test_a_revoked_key_opens_nothing_in_any_process_from_the_answer_on(tenants: Tenants) -> None:
    """Requests run all the time, at this process and at a second one over the same database."""
    made = tenants.made("agents:read")
    second = open_instance(Settings(_env_file=None, **tenants.settings()))
    port = free_port()
    served = Served(create_app(second), port)
    began_after: list[int] = []
    before: list[int] = []
    revoked, stop = threading.Event(), threading.Event()

    def ask(url: str) -> None:
        while not stop.is_set():
            late = revoked.is_set()
            status = call("GET", f"{url}/agent", Authorization=f"Bearer {made['key']}")[0]
            (began_after if late else before).append(status)

    urls = [tenants.url, f"http://127.0.0.1:{port}"] * 2
    threads = [threading.Thread(target=ask, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    _wait_for(before, 40)
    assert tenants.api("DELETE", f"/key/{made['key_id']}")[0] == 204
    revoked.set()
    _wait_for(began_after, 40)
    stop.set()
    for thread in threads:
        thread.join(30)
    served.stop()
    assert set(before) <= {200, 401}
    assert before.count(200) >= 20
    assert set(began_after) == {401}
    assert tenants.api("DELETE", f"/key/{made['key_id']}")[0] == 204, "twice does no harm"
    assert tenants.api("GET", f"/key/{made['key_id']}")[1]["status"] == "revoked"


def _wait_for(found: list[int], count: int) -> None:
    ends = time.monotonic() + 60
    while len(found) < count and time.monotonic() < ends:
        time.sleep(0.01)
    assert len(found) >= count


def test_use_is_noted_once_a_minute(tenants: Tenants) -> None:
    made = tenants.made("agents:read")

    def used() -> int:
        return int(tenants.api("GET", f"/key/{made['key_id']}")[1]["last_used_at"] or 0)

    assert used() == 0
    tenants.asks(made["key"], "GET", "/agent")
    first = used()
    assert first > made["created_at"] - 1
    for _ in range(50):
        tenants.asks(made["key"], "GET", "/agent")
    assert used() == first, "no request wrote in the minute after the first"
    with tenants.instance.database.transaction() as session:
        mine = api_keys.c.id == made["key_id"]
        session.execute(update(api_keys).where(mine).values(last_used_at=first - USE_NOTED_MS - 1_000))
    tenants.asks(made["key"], "GET", "/agent")
    assert used() >= first


def test_keys_of_old_and_any_word_in_the_settings_stay_valid(tenants: Tenants) -> None:
    """Those made before keys had a checksum, and what an operator chose, even if it begins like one of ours."""
    for number, key in enumerate(("rel_" + "A-b_" * 10 + "xyz", "rel_live_too_short", "x" * 16)):
        home = tenants.home / f"home{number}"
        home.mkdir()
        with World(home, api_key=key) as other:
            asked = call("GET", f"{other.url}/agent", Authorization=f"Bearer {key}")
            assert asked == (200, {"agents": []})
            assert call("GET", f"{other.url}/agent", Authorization=f"Bearer {key}x")[0] == 401
