"""The example of docs/people.md with which a receiver checks our signature takes what we sign, and nothing else."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from src.core.security import new_webhook_secret, webhook_headers

PAGE = (Path(__file__).resolve().parents[2] / "docs/people.md").read_text(encoding="utf-8")
BODY = '{"event":"handoff","customer":{"name":"Lucía"}}'.encode()
SECRETS = (new_webhook_secret(), "a plain secret of an owner's")


@pytest.fixture
def is_genuine() -> Callable[[str, dict[str, str], bytes], bool]:
    """The function of the page, as a reader would copy it."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Callable[[str, dict[str, str], bytes], bool]] = {}
    exec(example, names)
    return names["is_genuine"]


def signed(secret: str, seconds_ago: int = 0) -> dict[str, str]:
    return webhook_headers(secret, "alert_1", int(time.time()) - seconds_ago, BODY)


@pytest.mark.parametrize("secret", SECRETS, ids=["ours", "the owner's"])
def test_what_we_sign_is_genuine(is_genuine: Callable[..., bool], secret: str) -> None:
    assert is_genuine(secret, signed(secret), BODY)


@pytest.mark.parametrize("secret", SECRETS, ids=["ours", "the owner's"])
def test_nothing_else_is(is_genuine: Callable[..., bool], secret: str) -> None:
    assert not is_genuine(new_webhook_secret(), signed(secret), BODY)
    assert not is_genuine(secret, signed(secret), BODY + b" ")
    assert not is_genuine(secret, {**signed(secret), "webhook-id": "alert_2"}, BODY)
    assert not is_genuine(secret, signed(secret, 301), BODY)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of the specification's reference libraries.
    headers = webhook_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
