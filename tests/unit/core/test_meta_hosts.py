"""A number's token goes to Meta's hosts and to no other, however the address is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from src.core.meta_hosts import DEFAULT, hosts_of, is_metas

GRAPH = "https://graph.facebook.com/v26.0"
HOSTS = hosts_of(DEFAULT)


@pytest.mark.parametrize(
    "url",
    [
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=a",
        "https://LOOKASIDE.fbsbx.com/file",
        "https://lookaside.fbsbx.com:443/file",
        "https://graph.facebook.com/v26.0/77?phone_number_id=55",
    ],
)
def test_metas_own_addresses_are_known(url: str) -> None:
    assert is_metas(url, GRAPH, HOSTS)


def test_a_host_that_meta_begins_to_use_can_be_named_and_one_that_is_not_named_is_refused() -> None:
    url = "https://mmg.whatsapp.net/file"
    assert not is_metas(url, GRAPH, HOSTS)
    assert is_metas(url, GRAPH, hosts_of(f"{DEFAULT}, MMG.whatsapp.net"))
    assert not is_metas("http://mmg.whatsapp.net/file", GRAPH, hosts_of(f"{DEFAULT},mmg.whatsapp.net"))


def test_the_sandbox_is_one_origin_and_no_other_port_of_its_machine() -> None:
    sandbox = "http://127.0.0.1:8080/sandbox/v26.0"
    assert is_metas("http://127.0.0.1:8080/sandbox/file", sandbox, HOSTS)
    for url in (
        "http://127.0.0.1:8081/file",
        "http://localhost:8080/file",
        "https://127.0.0.1:8080/file",
        "http://127.0.0.1/file",
    ):
        assert not is_metas(url, sandbox, HOSTS)


@given(st.text(max_size=60), st.sampled_from(["", "/", "\\", "@", "#", "?", ".", ":", "%00", "\t", " "]))
def test_nothing_before_or_after_the_name_makes_another_host_metas(other: str, sign: str) -> None:
    for url in (
        f"https://evil.example{sign}{other}lookaside.fbsbx.com/file",
        f"https://lookaside.fbsbx.com{sign}{other}@evil.example/file",
        f"https://lookaside.fbsbx.com.{other}evil.example/file",
    ):
        # Whatever is let through must be read as Meta's host by the client that makes the request.
        if is_metas(url, GRAPH, HOSTS):
            assert parse_url(url).host in HOSTS, url
