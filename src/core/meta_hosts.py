"""Which addresses are Meta's: the only ones to which a number's token may travel."""

import re
from urllib.parse import SplitResult, urlsplit

# Where Meta keeps files (Cloud API, Media): the Graph API, and the host that its answers name.
DEFAULT = "graph.facebook.com,lookaside.fbsbx.com"

_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"(?!.*\.\d+$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
# What parsers of addresses read in more than one way: spaces, control characters, backslashes, other scripts.
_PLAIN = re.compile(r"[!-\[\]-~]{1,4000}")


def hosts_of(names: str) -> frozenset[str]:
    """The hosts of MEDIA_HOSTS, parted by commas. ValueError for what is no whole name of a host."""
    found = [name.strip().lower() for name in names.split(",") if name.strip()]
    if not found or not all(_NAME.fullmatch(name) for name in found):
        raise ValueError("must be names of hosts, parted by commas, without scheme, port, path or *")
    return frozenset(found)


def is_metas(url: str, base_url: str, hosts: frozenset[str]) -> bool:
    """Is `url` of the very origin of the Graph API that we were told, or https at one of `hosts` and its usual port?"""
    if not _PLAIN.fullmatch(url):
        return False
    try:
        asked, base = urlsplit(url), urlsplit(base_url)
        origin, own = _origin(asked), _origin(base)
    except ValueError:
        return False
    if "@" in asked.netloc:
        return False
    return origin == own or (origin[0] == "https" and origin[2] == _PORTS["https"] and origin[1] in hosts)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port. ValueError for a port that is none."""
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
