"""Can a webhook's signature be forged, or learned from the time that the check takes?"""

import gc
import hashlib
import hmac
import math
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from src.core.security import signed_by

SECRETS = (b"0123456789abcdef0123456789abcdef", b"fedcba9876543210fedcba9876543210")
BODY = b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[]}]}'
_HEX = b"0123456789abcdef"

Forge = Callable[[random.Random, bytes], bytes]


def right_header(body: bytes, secret: bytes = SECRETS[0]) -> bytes:
    """The header that Meta sends with `body`."""
    return b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def _one_digit(rng: random.Random, right: bytes) -> bytes:
    place = rng.randrange(7, len(right))
    other = rng.choice([digit for digit in _HEX if digit != right[place]])
    return right[:place] + bytes([other]) + right[place + 1 :]


def _one_bit(rng: random.Random, right: bytes) -> bytes:
    place = rng.randrange(len(right))
    return right[:place] + bytes([right[place] ^ (1 << rng.randrange(8))]) + right[place + 1 :]


def _of_another_kind(rng: random.Random, right: bytes) -> bytes:
    secret = rng.choice(SECRETS)
    kind = rng.choice(("sha1", "sha512", "md5", "sha224"))
    name = rng.choice((kind, "sha256")).encode()
    return name + b"=" + hmac.new(secret, BODY, kind).hexdigest().encode()


# Each makes, of the right header, one that must not be accepted.
FORGERIES: dict[str, Forge] = {
    "random": lambda rng, _: b"sha256=" + rng.randbytes(32).hex().encode(),
    "one digit": _one_digit,
    "one bit": _one_bit,
    "cut off": lambda rng, right: right[: rng.randrange(len(right))],
    "longer": lambda rng, right: right + rng.randbytes(rng.randrange(1, 9)),
    "before": lambda rng, right: rng.randbytes(rng.randrange(1, 9)) + right,
    "twice": lambda rng, right: right + rng.choice((b",", b", ", b" ", b"")) + right,
    "bare": lambda rng, right: rng.choice(
        (right[7:], right[6:], b"", b"sha256=", right[:7] + right[7:][::-1])
    ),
    "capitals": lambda rng, right: rng.choice(
        (right.upper(), b"SHA256=" + right[7:], right[:7] + right[7:].upper())
    ),
    "other kind": _of_another_kind,
    "unkeyed": lambda rng, _: b"sha256=" + hashlib.sha256(rng.choice((BODY, *SECRETS))).hexdigest().encode(),
    "no key": lambda rng, _: right_header(BODY, rng.choice((b"", b"0", b"null", rng.randbytes(8)))),
    "other body": lambda rng, _: right_header(BODY + rng.choice((b" ", b"\n", b"\x00", rng.randbytes(4)))),
    "noise": lambda rng, _: rng.randbytes(rng.randrange(0, 200)),
}


def accepted(count: int, seed: int = 1) -> int:
    """How many of `count` forged headers the real check takes; must be 0."""
    rng = random.Random(seed)
    right, forgeries = right_header(BODY), list(FORGERIES.values())
    taken = 0
    for number in range(count):
        header = forgeries[number % len(forgeries)](rng, right)
        if header != right:
            taken += signed_by(SECRETS, BODY, header)
    return taken


@dataclass(frozen=True)
class Timing:
    """The check's time for headers that are right up to `prefix`, against headers with no digit right.

    By means (Welch's t) and by ranks (Mann and Whitney's U, which is also the share of pairs in which the former took
    longer: one half where nothing can be learned).
    """

    prefix: int
    comparisons: int
    difference_ns: float
    ratio: float
    t: float
    p: float
    share: float
    p_of_ranks: float


def timing(count: int, seed: int = 1) -> Iterator[Timing]:
    """Does the check take longer, the more of a header is right? `count` comparisons for each length.

    The two kinds take turns in random order, so that whatever else the machine does meets both; of the means the
    slowest twentieth of each, in which the machine did something else, is left out.
    """
    for prefix in (1, 8, 32, 63):
        yield _timed(prefix, count // 2, random.Random(seed + prefix))


def _timed(prefix: int, pairs: int, rng: random.Random) -> Timing:
    right = right_header(BODY)
    headers = (_matching(right, 0), _matching(right, prefix))
    times: tuple[list[int], list[int]] = ([], [])
    gc.disable()
    try:
        for _ in range(pairs):
            for kind in rng.sample((0, 1), 2):
                began = time.perf_counter_ns()
                signed_by(SECRETS[:1], BODY, headers[kind])
                times[kind].append(time.perf_counter_ns() - began)
    finally:
        gc.enable()
    wrong, nearly = (sorted(found)[: len(found) * 19 // 20] for found in times)
    difference, t = welch(nearly, wrong)
    share, z = mann_whitney(times[1], times[0])
    ratio = 1 + difference / statistics.fmean(wrong)
    return Timing(prefix, 2 * pairs, difference, ratio, t, _two_sided(t), share, _two_sided(z))


def _two_sided(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))


def welch(one: list[int], other: list[int]) -> tuple[float, float]:
    """The difference of the means, and Welch's t; with so many values, t is normally distributed."""
    difference = statistics.fmean(one) - statistics.fmean(other)
    error = math.sqrt(statistics.variance(one) / len(one) + statistics.variance(other) / len(other))
    return difference, difference / error if error else 0.0


def mann_whitney(one: list[int], other: list[int]) -> tuple[float, float]:
    """The share of pairs in which `one` has the greater value, ties as halves; and U as a normally distributed z."""
    counts = (Counter(one), Counter(other))
    smaller, u, ties = 0, 0.0, 0
    for value in sorted(counts[0].keys() | counts[1].keys()):
        here, there = counts[0][value], counts[1][value]
        u += here * (smaller + there / 2)
        smaller += there
        ties += (here + there) ** 3 - (here + there)
    pairs, all_of_them = len(one) * len(other), len(one) + len(other)
    variance = pairs / 12 * (all_of_them + 1 - ties / (all_of_them * (all_of_them - 1)))
    return u / pairs, (u - pairs / 2) / math.sqrt(variance) if variance else 0.0


def _matching(right: bytes, digits: int) -> bytes:
    """As `right` in its first `digits` digits of 64, wrong in all others."""
    rest = bytes(_HEX[(_HEX.index(digit) + 1) % 16] for digit in right[7 + digits :])
    return right[: 7 + digits] + rest
