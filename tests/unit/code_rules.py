"""Rules that our code keeps, read from its syntax: each finds what breaks it in a file, as line and reason."""

import ast
from collections.abc import Callable, Iterator
from functools import cache

Found = Iterator[tuple[ast.AST, str]]
Rule = Callable[[ast.AST], Found]

SECRET = ("secret", "token", "password", "api_key", "signature", "digest", "hmac")
# What a customer says or is, and what opens doors: no key and no value of a log line may be one of these.
UNSAID = frozenset(
    [
        "token",
        "secret",
        "password",
        "api_key",
        "access_token",
        "app_secret",
        "text",
        "texts",
        "body",
        "content",
        "raw",
        "answer",
        "question",
        "reply",
        "customer",
        "phone",
        "phone_number",
        "wa_id",
        "user_id",
        "caption",
        "query",
        "headers",
        "authorization",
        "url",
    ]
)
NETWORK = (
    *("urllib3", "http.client", "urllib.request", "httpx", "httpx2", "httpcore", "httpcore2", "requests"),
    *("smtplib", "imaplib", "ftplib", "poplib", "xmlrpc", "aiohttp", "openai", "websockets", "kombu"),
)
_OPENING = ("socket.socket", "socket.create_connection", "socket.getaddrinfo", "asyncio.open_connection")
_WITHOUT_TIME = (
    "urllib3.PoolManager",
    "urllib3.HTTPConnectionPool",
    "urllib3.HTTPSConnectionPool",
    "urllib3.request",
    "http.client.HTTPConnection",
    "http.client.HTTPSConnection",
    "smtplib.SMTP",
    "smtplib.SMTP_SSL",
    "socket.create_connection",
    "httpx2.Client",
    "httpx.Client",
)
_SQL = (
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE ",
    "DROP ",
    "CREATE ",
    "ALTER ",
    "PRAGMA ",
    "COPY ",
    "SET LOCAL ",
)
_UNSAFE = ("pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle")


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; what stands before a call or index is left out."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}".lstrip(".") if isinstance(node, ast.Attribute) else ""


def imported(node: ast.AST) -> list[str]:
    """The modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [f"{node.module}.{one.name}" for one in node.names]
    return []


def no_unchecked_certificate(node: ast.AST) -> Found:
    if isinstance(node, ast.keyword) and node.arg in ("verify", "check_hostname", "assert_hostname"):
        yield from [(node.value, f"{node.arg}=False")] if _is_false(node.value) else []
    if isinstance(node, ast.Attribute) and node.attr in ("CERT_NONE", "_create_unverified_context"):
        yield node, node.attr
    if isinstance(node, ast.Assign) and any(dotted(t).endswith(".check_hostname") for t in node.targets):
        yield node, "check_hostname is set"


def _is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def no_shell(node: ast.AST) -> Found:
    if isinstance(node, ast.keyword) and node.arg == "shell":
        yield node.value, "shell="
    if isinstance(node, ast.Call) and dotted(node.func) in ("os.system", "os.popen", "subprocess.getoutput"):
        yield node, dotted(node.func)


def no_code_from_data(node: ast.AST) -> Found:
    if isinstance(node, ast.Call) and dotted(node.func) in ("eval", "exec", "compile", "__import__"):
        yield node, dotted(node.func)
    if isinstance(node, ast.Call) and dotted(node.func) in (
        "yaml.load",
        "yaml.unsafe_load",
        "yaml.full_load",
    ):
        yield node, dotted(node.func)
    for name in imported(node):
        if name.split(".")[0] in _UNSAFE:
            yield node, name


def no_composed_sql(node: ast.AST) -> Found:
    """Text with something put into it that reads as SQL."""
    parts: list[ast.AST] = []
    if isinstance(node, ast.JoinedStr) and any(isinstance(one, ast.FormattedValue) for one in node.values):
        parts = list(node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        parts = [node.left]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        parts = [node.func.value]
    for part in parts:
        if isinstance(part, ast.Constant) and str(part.value).lstrip(" (").startswith(_SQL):
            yield node, f"SQL is composed: {str(part.value).strip()[:30]}"
            return


def no_secret_compared(node: ast.AST) -> Found:
    """`==` ends at the first letter that differs, and so tells how many were right: `security.same` does not."""
    if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)):
        return
    sides = [node.left, node.comparators[0]]
    if any(isinstance(one, ast.Constant) or dotted(one).isupper() for one in sides):
        return
    for one in sides:
        name = dotted(one.func if isinstance(one, ast.Call) else one).rpartition(".")[2].lower()
        is_hash = name.endswith("_key") and name not in (
            "api_key",
            "secret_key",
        )  # a keyed hash, to look up by
        if not is_hash and any(word in name for word in SECRET):
            yield node, f"{name} is compared with =="
            return


def no_words_in_a_log(node: ast.AST) -> Found:
    """A log line is the name of an event, and ids."""
    if not isinstance(node, ast.Call):
        return
    owner, _, method = dotted(node.func).rpartition(".")
    told: list[ast.AST] = []
    if owner in ("log", "logger", "_log") and method in (
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "critical",
    ):
        if not (node.args and isinstance(node.args[0], ast.Constant)):
            yield node, "the event's name is composed"
        told = [*node.args[1:], *(one.value for one in node.keywords)]
    elif (owner, method) in (("", "wide"), ("", "note")):
        told = [ast.Constant(one.arg or "") for one in node.keywords] + [one.value for one in node.keywords]
    for name in (_name(one) for part in told for one in ast.walk(part)):
        if name.lower().strip("_") in UNSAID:
            yield node, f"{name} is logged"


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def no_endless_wait(node: ast.AST) -> Found:
    if not (isinstance(node, ast.Call) and dotted(node.func) in _WITHOUT_TIME):
        return
    if not any(one.arg == "timeout" for one in node.keywords):
        yield node, f"{dotted(node.func)} without timeout"


def no_other_way_out(node: ast.AST) -> Found:
    """Ways to another machine beside `src.core.outgoing`."""
    for name in imported(node):
        if any(name == one or name.startswith(f"{one}.") for one in NETWORK):
            yield node, name
    if isinstance(node, ast.Call) and dotted(node.func) in _OPENING:
        yield node, dotted(node.func)


def broken(source: str, rule: Rule) -> list[tuple[int, str]]:
    """Line and reason of each place of `source` that breaks the rule."""
    found = [one for node in _nodes(source) for one in rule(node)]
    return sorted({(getattr(node, "lineno", 0), reason) for node, reason in found})


@cache
def _nodes(source: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(source)))
