"""What is given twice, or elsewhere than it belongs, is taken from one place, and always from the same."""

import http.client
from urllib.parse import urlsplit

from tests.integration.keys.keys_world import NOBODYS, Tenants
from tests.world import API_KEY


def notes(tenants: Tenants, whose: str) -> list[str]:
    found = tenants.api("GET", f"/conversation/{tenants.chats[whose]}")[1]["notes"]
    return [one["text"] for one in found]


def test_a_body_and_a_path_are_not_read_from_the_query(tenants: Tenants) -> None:
    path = f"/conversation/{tenants.chats['acme']}/note"
    query = f"?text=otra&conversation_id={tenants.chats['zarpa']}"
    before = notes(tenants, "zarpa")
    assert tenants.api("POST", path + query, {"text": "una"})[0] == 201
    assert notes(tenants, "acme")[-1] == "una"
    assert notes(tenants, "zarpa") == before
    assert tenants.api("POST", f"{path}?text=otra", {})[0] == 422


def test_a_query_is_not_read_from_body_or_header(tenants: Tenants) -> None:
    everybody = len(tenants.conversations())
    assert everybody > 1
    found = tenants.api("GET", "/conversation", {"limit": 1}, limit="1")[1]["conversations"]
    assert len(found) == everybody


def test_of_a_query_that_is_given_twice_the_last_counts_and_no_other(tenants: Tenants) -> None:
    def count(query: str) -> int:
        return len(tenants.api("GET", f"/conversation?{query}")[1]["conversations"])

    assert (count("limit=500&limit=1"), count("limit=1&limit=500")) == (1, len(tenants.conversations()))
    assert tenants.api("GET", "/conversation?limit=1&limit=0")[0] == 422


def test_of_two_keys_the_first_counts_for_edge_and_api(tenants: Tenants) -> None:
    weak = tenants.key("operations:read", tenant=NOBODYS)

    def status(*keys: str) -> int:
        line = http.client.HTTPConnection(urlsplit(tenants.url).netloc, timeout=30)
        line.putrequest("GET", "/agent")
        for key in keys:
            line.putheader("Authorization", f"Bearer {key}")
        line.endheaders()
        return line.getresponse().status

    assert (status(weak, API_KEY), status(API_KEY, weak)) == (403, 200)
    assert status("rel_wrong", API_KEY) == 401
