"""For a tenant's key there is nothing of another tenant's: not in lists, not in refusals, not in repeated answers."""

from src.accounts.key_holder import Scope
from tests.integration.keys.keys_world import FAQS, NOBODYS, Tenants
from tests.world import NUMBER, call

EVERYTHING = tuple(Scope)


def test_lists_leave_out_what_is_anothers(tenants: Tenants) -> None:
    for tenant in ("acme", "zarpa"):
        key = tenants.key(*EVERYTHING, tenant=tenant)
        agents = tenants.asks(key, "GET", "/agent")[1]["agents"]
        assert [one["agent_id"] for one in agents] == [tenants.agents[tenant]]
        chats = tenants.asks(key, "GET", "/conversation")[1]["conversations"]
        assert [one["id"] for one in chats] == [tenants.chats[tenant]]
        keys = tenants.asks(key, "GET", "/key")[1]["keys"]
        assert {one["tenant"] for one in keys} == {tenant}
        for other in {"acme", "zarpa", NOBODYS} - {tenant}:
            path = f"/conversation?agent={tenants.agents[other]}"
            assert tenants.asks(key, "GET", path)[0] == 404
    assert len(tenants.api("GET", "/agent")[1]["agents"]) == 3
    assert len(tenants.api("GET", "/conversation")[1]["conversations"]) == 3


def test_pages_of_conversations_stay_within_the_tenant(tenants: Tenants) -> None:
    """A page's `next` names a place among all conversations, and still shows none of another's."""
    _, number_id = tenants.numbers["acme"]
    for customer in tenants.customers[1:3]:
        chat = f"{tenants.sandbox}/api/chats/{customer}/{number_id}/messages"
        assert call("POST", chat, {"type": "text", "text": "quiero hablar con una persona"})[0] == 201
    key = tenants.key("conversations:read", tenant="acme")
    found, after = [], ""
    while True:
        page = tenants.asks(key, "GET", f"/conversation?limit=1{after}")[1]
        found += [one["phone_number_id"] for one in page["conversations"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert set(found) == {number_id}


def test_a_number_that_is_anothers_is_taken_and_nothing_more_is_said(tenants: Tenants) -> None:
    key = tenants.key("agents:write", tenant="acme")
    number, number_id = tenants.numbers["acme"]
    own = tenants.asks(key, "POST", "/agent", tenants.agent_body(number, number_id))
    assert (own[0], own[1]["agent_id"]) == (409, tenants.agents["acme"])
    for other in ("zarpa", NOBODYS):
        number, number_id = tenants.numbers[other]
        fresh = tenants.new_number()
        for body in ((number, number_id), (number, fresh[1]), (fresh[0], number_id)):
            status, refused = tenants.asks(key, "POST", "/agent", tenants.agent_body(*body))
            assert (status, refused["title"]) == (409, "The number is registered otherwise")
            told = str(refused).replace(body[0], "")
            assert not any(secret in told for secret in (tenants.agents[other], number, number_id)), refused


def test_a_number_that_was_anothers_brings_no_conversations_along(tenants: Tenants) -> None:
    """The customers who wrote to it before wrote to another business."""
    tenants.asks(tenants.key("agents:write", tenant="zarpa"), "DELETE", f"/agent/{tenants.agents['zarpa']}")
    key = tenants.key(*EVERYTHING, tenant="acme")
    body = tenants.agent_body(*tenants.numbers["zarpa"])
    assert tenants.asks(key, "POST", "/agent", body)[0] == 409
    assert tenants.asks(key, "GET", f"/conversation/{tenants.chats['zarpa']}")[0] == 404
    back = tenants.asks(tenants.key("agents:write", tenant="zarpa"), "POST", "/agent", body)
    assert back[0] == 201


def test_the_number_and_id_of_a_registration_are_not_told(tenants: Tenants) -> None:
    """A number that was registered by hand, before it has an agent."""
    number, number_id = tenants.new_number()
    assert tenants.api("POST", "/agent", tenants.agent_body(number, number_id))[0] == 201
    key = tenants.key("agents:write", tenant="acme")
    status, refused = tenants.asks(key, "POST", "/agent", tenants.agent_body(number, "77"))
    assert (status, number_id in str(refused)) == (409, False)


def test_an_agent_belongs_to_the_tenant_whose_key_made_it(tenants: Tenants) -> None:
    shown = {one["agent_id"]: one["tenant"] for one in tenants.api("GET", "/agent")[1]["agents"]}
    assert shown == {
        tenants.agents["acme"]: "acme",
        tenants.agents["zarpa"]: "zarpa",
        tenants.agents[NOBODYS]: None,
    }


def test_an_idempotency_key_is_each_keys_own(tenants: Tenants) -> None:
    """Whoever sends another's Idempotency-Key, with the very same request, does not get the other's answer."""
    body = tenants.agent_body(*tenants.new_number())
    first = tenants.key("agents:write", tenant="acme")
    second = tenants.key("agents:write", tenant="zarpa")
    made = tenants.asks(first, "POST", "/agent", body, Idempotency_Key="k1")
    assert tenants.asks(first, "POST", "/agent", body, Idempotency_Key="k1") == made
    status, refused = tenants.asks(second, "POST", "/agent", body, Idempotency_Key="k1")
    assert (status, refused["title"]) == (409, "The number is registered otherwise")
    reply = f"/conversation/{tenants.chats['acme']}/reply"
    keys = [tenants.key("conversations:write", tenant="acme") for _ in range(2)]
    replies = [
        tenants.asks(key, "POST", reply, {"text": "Hola"}, Idempotency_Key="k2")[1]
        for key in (*keys, keys[0])
    ]
    assert replies[0] == replies[2] != replies[1]


def test_a_key_gives_no_more_than_it_has(tenants: Tenants) -> None:
    key = tenants.key("operations:write", "agents:read", tenant="acme")
    body = {"name": "x", "scopes": ["agents:read"]}
    status, made = tenants.asks(key, "POST", "/key", body)
    assert (status, made["tenant"], made["scopes"]) == (201, "acme", ["agents:read"])
    assert tenants.asks(made["key"], "GET", f"/agent/{tenants.agents['acme']}")[0] == 200
    assert tenants.asks(key, "POST", "/key", {**body, "scopes": ["operations:read"]})[0] == 201
    for more in ({"scopes": ["agents:write"]}, {"scopes": ["read"]}, {"tenant": "zarpa"}):
        assert tenants.asks(key, "POST", "/key", {**body, **more})[0] == 403, more
    assert tenants.asks(key, "POST", "/key", {**body, "expires_at": 1})[0] == 422


def test_a_key_that_ends_makes_none_that_lasts_longer(tenants: Tenants) -> None:
    end = 4_000_000_000_000
    key = tenants.made("operations:write", tenant="acme", expires_at=end)["key"]
    for wanted in ({}, {"expires_at": end + 1}):
        body = {"name": "x", "scopes": ["operations:read"], **wanted}
        assert tenants.asks(key, "POST", "/key", body)[1]["expires_at"] == end


def test_the_page_for_pasted_faqs_takes_any_key_that_may_read_agents(tenants: Tenants) -> None:
    pasted = {"text": f"P: {FAQS[0]['q']}\nR: {FAQS[0]['a']}"}

    def preview(key: str) -> int:
        return tenants.asks(key, "POST", "/start/preview", pasted)[0]

    assert preview(tenants.key("read", tenant="acme")) == 200
    assert preview(tenants.key("conversations:write", tenant="acme")) == 403
    assert preview("rel_live_" + "x" * 38) == 401


def test_what_was_known_by_the_first_key_is_as_before(tenants: Tenants) -> None:
    """The owner's key sees all, and its agents belong to no tenant."""
    assert tenants.api("GET", f"/agent/{tenants.agents['zarpa']}")[0] == 200
    body = {"phone_number": NUMBER, "phone_number_id": tenants.number_id, "faqs": FAQS}
    made = tenants.api("POST", "/agent", body)[1]["agent_id"]
    assert tenants.api("GET", f"/agent/{made}")[1]["tenant"] is None
