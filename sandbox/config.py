"""What a sandbox is told when it starts."""

from dataclasses import dataclass

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class SandboxConfig:
    """Where webhooks go, who may call, where things are kept, and how fast time passes (in seconds).

    `access_token` and `openai_key` None accept any bearer; `require_proof` is the app's setting "Require app secret"; `openai_models` are there beside the known ones.
    `database` is a file or ":memory:". After `read_delay` customers read by themselves; None leaves it to the
    telephone. `retry_delays` is Meta's ladder, compressed: its last step repeats until a webhook is `give_up_after`
    old.
    """

    callback_url: str
    app_secret: str
    access_token: str | None = None
    require_proof: bool = False
    database: str = ":memory:"
    verify_token: str | None = None
    waba_id: str = "104996122399160"
    sent_delay: float = 0.05
    delivered_delay: float = 0.3
    read_delay: float | None = None
    retry_delays: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
    give_up_after: float = 12 * HOUR
    callback_timeout: float = 10.0
    media_url_lasts: float = 5 * MINUTE
    openai_key: str | None = None
    openai_models: tuple[str, ...] = ()
