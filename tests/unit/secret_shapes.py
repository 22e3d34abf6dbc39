"""What keys look like, and where in a text something looks like one."""

import math
import re
from collections import Counter

# How each begins, which is quickly looked for, and its whole shape.
SHAPES = {
    "Meta's token": (b"EAA", rb"\bEAA[A-Za-z0-9]{40,}"),
    "OpenAI's key": (b"sk-", rb"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}"),
    "AWS' key": (b"AKIA", rb"\bAKIA[0-9A-Z]{16}\b"),
    "GitHub's token": (b"gh", rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})"),
    "GitLab's token": (b"glpat-", rb"\bglpat-[A-Za-z0-9_-]{20,}"),
    "Slack's token": (b"xox", rb"\bxox[abeprs]-[A-Za-z0-9-]{20,}"),
    "Google's key": (b"AIza", rb"\bAIza[0-9A-Za-z_-]{35}"),
    "PyPI's token": (b"pypi-AgE", rb"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{30,}"),
    "npm's token": (b"npm_", rb"\bnpm_[A-Za-z0-9]{36}"),
    "a webhook's secret": (b"whsec_", rb"\bwhsec_[A-Za-z0-9+/]{32,}"),
    "an instance's API key": (b"rel_", rb"\brel_[A-Za-z0-9_-]{40,}"),
    "a signed token": (b"eyJ", rb"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}"),
    "a private key": (b"PRIVATE KEY", rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60,}"),
}
_LEAST_BITS = 3.0  # for each character: `xxxxxxxx` and words repeated have less


def keys_in(content: bytes) -> list[tuple[str, bytes]]:
    """What each thing that looks like a key is, and the thing."""
    found = [
        (what, key)
        for what, (beginning, shape) in SHAPES.items()
        if beginning in content
        for key in re.findall(shape, content)
    ]
    return [(what, key) for what, key in found if _bits(key) >= _LEAST_BITS]


def _bits(key: bytes) -> float:
    """Shannon's entropy of a character."""
    return -sum(n / len(key) * math.log2(n / len(key)) for n in Counter(key).values())
