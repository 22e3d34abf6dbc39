"""Who calls is read from headers only as far as a proxy of ours wrote them."""

import pytest

from src.core.peers import Peers, proxies_of

Pairs = list[tuple[bytes, bytes]]
TRUSTED = "127.0.0.1,::1,10.1.0.0/16,localhost"


def headers(**given: str) -> Pairs:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]


def scope(peer: str | None, given: Pairs, *, port: int = 4711, scheme: str = "http") -> dict[str, object]:
    return {
        "type": "http",
        "client": None if peer is None else (peer, port),
        "headers": given,
        "scheme": scheme,
    }


@pytest.mark.parametrize(
    ("peer", "line", "address"),
    [
        ("203.0.113.1", "198.51.100.9", "203.0.113.1"),
        ("127.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "192.0.2.66, 198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "192.0.2.66, 198.51.100.9, 10.1.2.3", "198.51.100.9"),
        ("127.0.0.1", "10.1.2.3, 10.1.2.4", "10.1.2.3"),
        ("127.0.0.1", "198.51.100.9:5123", "198.51.100.9"),
        ("127.0.0.1", "[2001:db8::5]:5123", "2001:db8::5"),
        ("::ffff:127.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "198.51.100.9, unknown", ""),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("10.2.0.1", "198.51.100.9", "10.2.0.1"),
    ],
)
def test_the_line_is_walked_from_the_right_past_our_own_proxies(peer: str, line: str, address: str) -> None:
    found = Peers(TRUSTED, None).of(scope(peer, headers(x_forwarded_for=line)))
    assert found.address == address
    assert not found.is_near


def test_the_lines_of_several_headers_are_one() -> None:
    given = headers(x_forwarded_for="192.0.2.66") + headers(x_forwarded_for="198.51.100.9")
    assert Peers(TRUSTED, None).of(scope("127.0.0.1", given)).address == "198.51.100.9"


@pytest.mark.parametrize(
    ("peer", "told", "scheme", "https"),
    [
        ("127.0.0.1", "https", "http", True),
        ("127.0.0.1", "http", "https", False),
        ("127.0.0.1", "https, http", "http", False),
        ("203.0.113.1", "https", "http", False),
        ("203.0.113.1", "http", "https", True),
    ],
)
def test_only_our_own_proxy_says_whether_it_was_https(peer: str, told: str, scheme: str, https: bool) -> None:
    given = headers(x_forwarded_for="198.51.100.9", x_forwarded_proto=told)
    assert Peers(TRUSTED, None).of(scope(peer, given, scheme=scheme)).is_https is https


def test_who_was_passed_on_by_a_stranger_is_never_inside() -> None:
    for peer, inside in (("10.1.0.1", True), ("10.2.0.1", True), ("203.0.113.1", False), ("fd00::1", True)):
        assert Peers("", None).of(scope(peer, [])).is_inside is inside
        assert not Peers("", None).of(scope(peer, headers(x_forwarded_for="10.1.0.1"))).is_inside
    assert not Peers(TRUSTED, None).of(scope("127.0.0.1", headers(via="1.1 x"), port=0)).is_inside


def test_what_uvicorn_itself_has_read_from_headers_is_believed_no_further() -> None:
    given = headers(x_forwarded_for="10.0.0.1, 127.0.0.1", x_forwarded_proto="https")
    found = Peers(TRUSTED, None).of(scope("127.0.0.1", given, port=0, scheme="https"))
    assert (found.address, found.is_inside, found.is_near) == ("127.0.0.1", False, False)


def test_a_host_name_is_asked_for_now_and_then() -> None:
    known = Peers("localhost", None)
    given = scope("127.0.0.1", headers(x_forwarded_for="198.51.100.9"))
    assert known.is_due(given)
    assert known.of(given).address == "127.0.0.1"
    known.look_up()
    assert not known.is_due(given)
    assert known.of(given).address == "198.51.100.9"


@pytest.mark.parametrize("setting", ["10.0.0.0/33", "256.1.1.1", "a b", "caddy:80", "http://caddy", "1.2.3"])
def test_a_wrong_proxy_is_named(setting: str) -> None:
    with pytest.raises(ValueError, match="no address, network"):
        proxies_of(f"127.0.0.1,{setting}")
