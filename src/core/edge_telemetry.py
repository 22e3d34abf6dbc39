"""What the instance tells about the requests that its edge refused, as Prometheus metrics."""

from prometheus_client import Counter

REASONS = ("key", "address", "failures", "plain_http", "not_from_here")
REFUSED = Counter("released_requests_refused_total", "Requests that the edge refused, by reason", ["reason"])

# A series that appears only with its first event hides that event from rate() and increase().
for _reason in REASONS:
    REFUSED.labels(_reason)
