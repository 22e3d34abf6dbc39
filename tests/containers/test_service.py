"""What a person finds at the one port after `docker compose up -d`, and what a stranger does not."""

import urllib3

from tests.containers.engine import Containers
from tests.containers.telephone import QUESTION, Telephone
from tests.world import call, eventually


def test_the_example_as_it_stands_is_healthy_and_says_that_it_is_in_sandbox_mode(
    containers: Containers,
) -> None:
    assert call("GET", f"{containers.url}/health")[1]["status"] == "ok"
    _, ready = call("GET", f"{containers.url}/ready")
    assert ready["mode"] == "sandbox", ready
    assert 'data-sandbox="true"' in call("GET", f"{containers.url}/")[1]


def test_every_container_says_that_it_works(containers: Containers) -> None:
    lasting = ("web", "worker", "beat", "sandbox", "db", "redis")
    assert eventually(lambda: all(containers.is_healthy(service) for service in lasting), 90)


def test_the_migration_ended_well_and_once(containers: Containers) -> None:
    state = containers.inspect()["migrate"]["State"]
    assert (state["Status"], state["ExitCode"]) == ("exited", 0)
    assert containers.inspect()["migrate"]["RestartCount"] == 0


def test_the_telephone_answers(containers: Containers, telephone: Telephone) -> None:
    assert "<title>" in call("GET", f"{containers.url}/sandbox/")[1]
    customer = telephone.asks(QUESTION)
    [answer] = eventually(lambda: telephone.answers(customer), 30)
    assert "7:30" in answer


def test_the_telephone_hears_at_once(containers: Containers, telephone: Telephone) -> None:
    events = urllib3.PoolManager().request(
        "GET", f"{containers.url}/sandbox/api/events", preload_content=False, timeout=20, retries=False
    )
    telephone.asks(QUESTION)
    heard = b""
    while b"event: message" not in heard:
        heard += events.read(1)
    events.close()
    assert events.status == 200


def test_a_page_elsewhere_gets_neither_telephone_nor_figures(containers: Containers) -> None:
    for path in ("/sandbox/", "/sandbox/api/state", "/metrics"):
        assert call("GET", containers.url + path)[0] == 200
        assert call("GET", containers.url + path, Host="bot.example.com")[0] == 403
    assert call("GET", f"{containers.url}/health", Host="bot.example.com")[0] == 200


def test_a_person_at_this_machine_needs_no_key_and_nobody_else_is_taken_for_one(
    containers: Containers,
) -> None:
    def is_open(**headers: str) -> bool:
        return 'data-open="true"' in call("GET", f"{containers.url}/", **headers)[1]

    assert is_open()
    assert not is_open(Host="bot.example.com")
    assert not is_open(X_Forwarded_For="127.0.0.1")
    assert not is_open(Via="1.1 another")
    assert call("GET", f"{containers.url}/docs")[0] == 200
    assert call("GET", f"{containers.url}/docs", Host="bot.example.com")[0] == 404


def test_the_api_wants_its_key_and_takes_it(containers: Containers) -> None:
    key = containers.execute("web", "cat", "/data/api_key").strip()
    assert call("GET", f"{containers.url}/agent")[0] == 401
    status, found = call("GET", f"{containers.url}/agent", Authorization=f"Bearer {key}")
    assert status == 200
    assert [agent["phone_number"] for agent in found["agents"]] == ["+34600000101"]
