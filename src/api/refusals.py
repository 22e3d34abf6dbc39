"""What the log says of keys that were taken, and of everybody who was refused at the edge."""

import logging
import time

from src.api.limits import network_of
from src.core.instance import Instance
from src.core.peers import Peer

log = logging.getLogger(__name__)

_NEWS_LASTS = 60.0  # s
_MOST = 10_000


class Refusals:
    """Writes them down. `who` stands for a network: no address, and the same for the same one."""

    def __init__(self, instance: Instance) -> None:
        self._hash = instance.keyring.passing
        self._told: dict[str, float] = {}

    def key_taken(self, peer: Peer, key_id: str, status: int) -> None:
        """A key was right; with the status 403 what was asked needs another scope."""
        said = {"who": self._who(peer), "key_id": key_id}
        if status == 403:
            log.warning("key_insufficient", extra=said)
        else:
            log.info("key_taken", extra=said)

    def key_refused(self, peer: Peer) -> None:
        """A key was wrong, revoked or expired."""
        log.warning("key_refused", extra={"who": self._who(peer)})

    def webhook_refused(self, peer: Peer, method: str) -> None:
        """A webhook's signature (POST) or a verify token (GET) was wrong."""
        log.warning("webhook_refused", extra={"who": self._who(peer), "method": method})

    def call_refused(self, peer: Peer, why: str) -> None:
        """A limit or the rules of transport kept a call out; told once a minute of each network, lest it fill the log."""
        who, now = self._who(peer), time.monotonic()
        if len(self._told) >= _MOST:
            self._told = {one: until for one, until in self._told.items() if until > now}
        if self._told.get(f"{who} {why}", 0.0) <= now and len(self._told) < _MOST:
            self._told[f"{who} {why}"] = now + _NEWS_LASTS
            log.warning("call_refused", extra={"who": who, "why": why})

    def _who(self, peer: Peer) -> str:
        return self._hash(f"peer {network_of(peer.address)}").hex()[:12]
