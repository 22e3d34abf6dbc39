"""Ports for servers that must know theirs before they start."""

import itertools
import os
import socket

# Below the range from which the system gives out ports, so that no other socket gets one in between;
# each of the test run's workers has a stretch of its own.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_STRETCH = 1_000
_first = os.getpid()  # two runs on one machine begin at different places
_numbers = (20_000 + _WORKER * _STRETCH + number % _STRETCH for number in itertools.count(_first))


def free_port() -> int:
    """A port of loopback that nobody listens at, given out once in a long while."""
    for port in _numbers:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
