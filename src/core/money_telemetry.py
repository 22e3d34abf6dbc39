"""What the instance tells about the model's pace, ceilings and cost, as Prometheus metrics."""

from prometheus_client import Counter, Histogram

PACE_WAIT_SECONDS = Histogram(
    "released_pace_wait_seconds",
    "How long a call of the model waited at its agent's gate",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 15, 30),
)
CEILING_REACHED = Counter(
    "released_ceiling_reached_total", "Calls of the model that a ceiling forbade", ["ceiling"]
)
ANSWER_CACHE = Counter(
    "released_answer_cache_total", "Questions looked up among the answers that are kept", ["result"]
)
MODEL_COST = Counter(
    "released_model_cost_microdollars_total",
    "What calls of the model cost, in millionths of a US dollar",
    ["purpose"],
)
META_FEES = Counter(
    "released_meta_fees_microdollars_total", "What Meta takes for replies, in millionths of a US dollar"
)

CEILINGS = ("customer_day", "agent_hour", "month")
PURPOSES = ("answer", "redraft", "transcribe", "embed", "ask", "eval", "replay")

# A series that appears only with its first event hides that event from rate() and increase().
for _ceiling in CEILINGS:
    CEILING_REACHED.labels(_ceiling)
for _result in ("hit", "miss"):
    ANSWER_CACHE.labels(_result)
for _purpose in PURPOSES:
    MODEL_COST.labels(_purpose)
