"""What the instance tells about its calls of the model, as Prometheus metrics."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram

from src.core.errors import BrainError
from src.core.openai_types import Usage

REQUESTS = Counter("released_openai_requests_total", "Calls of the model's server", ["api", "result"])
REQUEST_SECONDS = Histogram(
    "released_openai_request_seconds",
    "How long the model's server took for a call",
    buckets=(0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30),
)
TOKENS = Counter("released_openai_tokens_total", "Tokens that the model's server counted", ["kind"])

RUNGS = Counter(
    "released_answers_by_rung_total", "Questions by who answered: model, cache, shortcut, faq", ["rung"]
)
CHECKS_FAILED = Counter(
    "released_draft_checks_failed_total", "Drafts of the model that did not hold, by check", ["check"]
)
EMBEDDINGS = Counter("released_embeddings_total", "Searches of FAQs by meaning, by result", ["result"])

APIS = ("responses", "chat", "transcriptions", "embeddings", "models")
RESULTS = ("ok", *sorted(kind.result for kind in BrainError.__subclasses__()))

# A series that appears only with its first event hides that event from rate() and increase().
for _api in APIS:
    for _result in RESULTS:
        REQUESTS.labels(_api, _result)
for _rung in ("model", "cache", "shortcut", "faq"):
    RUNGS.labels(_rung)
for _kind in ("input", "cached", "output"):
    TOKENS.labels(_kind)
for _result in (*RESULTS, "not_ready", "busy", "ceiling", "rests"):
    EMBEDDINGS.labels(_result)


@contextmanager
def measured(api: str) -> Iterator[None]:
    """Counts one call of `api` by how it ends, its time, and the tokens that a failure brought."""
    try:
        with REQUEST_SECONDS.time():
            yield
    except BrainError as error:
        REQUESTS.labels(api, error.result).inc()
        if error.usage is not None:
            count_tokens(error.usage)
        raise
    REQUESTS.labels(api, "ok").inc()


def count_tokens(usage: Usage) -> None:
    """Adds what a call has used; `input` holds the cached ones too."""
    TOKENS.labels("input").inc(usage.input_tokens)
    TOKENS.labels("cached").inc(usage.cached_tokens)
    TOKENS.labels("output").inc(usage.output_tokens)
