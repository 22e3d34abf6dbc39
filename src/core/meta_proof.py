"""The proof that goes with calls to Meta: whoever has only stolen a token cannot make it."""

import hashlib
import hmac
from collections.abc import Callable
from typing import TypeVar

from src.core.errors import MetaDenied

Answer = TypeVar("Answer")


class ProofRefused(MetaDenied):
    """The proof is not one of the token's app, or there must be one."""


class Proofs:
    """Remembers which app secret Meta takes proofs of, where several may be right. Safe to share between threads."""

    def __init__(self) -> None:
        self._choices: dict[str, int] = {}  # by token

    def prove(
        self, token: str, app_secrets: tuple[str, ...], call: Callable[[dict[str, str]], Answer]
    ) -> Answer:
        """What `call` returns; it is given the query's `appsecret_proof`, of the first secret that Meta takes.

        Where it takes none, the call goes without, as Meta allows unless the app demands proofs: a secret that belongs
        to another app must stop nothing. A call whose proof is refused has done nothing, so that it is made again.
        """
        while True:
            choice = min(self._choices.get(token, 0), len(app_secrets))
            try:
                return call(proof_of(token, app_secrets[choice]) if choice < len(app_secrets) else {})
            except ProofRefused as error:
                if choice == len(app_secrets):
                    self._choices.pop(token, None)
                    raise MetaDenied(error.code, "Meta takes no proof by an app secret of ours") from None
                self._choices[token] = choice + 1


def proof_of(token: str, app_secret: str) -> dict[str, str]:
    """{appsecret_proof}: the HMAC of the token under the secret (Graph API, Securing Requests)."""
    digest = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256)
    return {"appsecret_proof": digest.hexdigest()}
