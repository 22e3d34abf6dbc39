"""The Celery app: bells that wake dispatchers, and the clock's periodic work. The database is the queue."""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from src import VERSION
from src.core.errors import InvalidSettings
from src.core.instance import Instance
from src.core.settings import load_settings
from src.core.telemetry import BELLS
from src.messages import chores

log = logging.getLogger(__name__)

RING_EXPIRES = 10  # s: an older bell tells a dispatcher nothing that its own clock has not told
CLOCK_SECONDS = 60.0
_QUEUE_MAX = 100  # bells that wait unheard: no worker takes them, so more would only fill the broker
_GAP_SECONDS = 0.02  # one bell tells of all that was stored meanwhile
_PAUSE_SECONDS = 2.0  # after a broker that is away, before it is tried again
_CONNECT = {"socket_timeout": 5, "socket_connect_timeout": 2, "socket_keepalive": True}


def _configuration() -> dict[str, Any]:
    """Read when Celery first needs it, so that importing this module needs no environment."""
    try:
        settings = load_settings()
    except InvalidSettings as error:
        raise SystemExit(f"celery: {error}") from None
    # Celery prefers these variables to any configuration, and they may lack the password.
    for name, url in (("BROKER_URL", settings.broker_url), ("RESULT_BACKEND", settings.result_backend)):
        if url:
            os.environ[f"CELERY_{name}"] = url
    return {
        **_WORKER,
        **_BEAT,
        **_broker(settings.broker_url, settings.result_backend, settings.redis_prefix),
    }


_WORKER = {
    # The dispatcher beside the consumer has the threads; a bell needs one, and no forked child.
    "worker_pool": "threads",
    "worker_concurrency": 1,
    "worker_prefetch_multiplier": 1,
    "worker_consumer": "celery_worker.consumer:Consumer",
    "worker_enable_remote_control": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "imports": ("celery_worker.host",),
    "task_ignore_result": True,
    "task_publish_retry": False,
    "task_acks_late": False,
    "task_default_delivery_mode": "transient",
}

_BEAT = {
    "beat_scheduler": "celery.beat:Scheduler",  # keeps no file: the database knows what was done when
    "beat_schedule": {
        "do_chores": {
            "task": "released.do_chores",
            "schedule": CLOCK_SECONDS,
            "options": {"expires": CLOCK_SECONDS},
        }
    },
}


def _broker(url: str | None, result_backend: str | None, prefix: str) -> dict[str, Any]:
    """Where the bells go, what they may wait for, and the names that are this instance's own."""
    return {
        "broker_url": url,
        "result_backend": result_backend,
        "task_default_queue": prefix,
        "broker_connection_timeout": 2,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": _transport_options(url, prefix),
        "result_backend_transport_options": {"global_keyprefix": f"{prefix}:"},
        "redis_socket_timeout": 5,
        "redis_socket_connect_timeout": 2,
        "result_expires": 600,
    }


def _transport_options(broker_url: str | None, prefix: str) -> dict[str, Any]:
    if (broker_url or "").startswith(("redis", "sentinel")):
        return {**_CONNECT, "global_keyprefix": f"{prefix}:", "max_retries": 1, "interval_start": 0}
    return {"max_retries": 1, "interval_start": 0, "confirm_publish": False}


app = Celery("released", set_as_current=True)
app.add_defaults(_configuration)


class Hosted:
    """What lives in this worker process beside Celery's consumer: set when the worker is ready."""

    instance: Instance
    ring: Callable[[], None]
    report: Callable[[], dict[str, Any]]


hosted = Hosted()


@app.task(name="released.ring", expires=RING_EXPIRES)
def ring() -> None:
    """Wakes this worker's dispatcher; returns at once."""
    hosted.ring()


@app.task(name="released.do_chores")
def do_chores() -> None:
    """Does the periodic work whose time has come, in a thread of its own: bells must not wait for it."""
    threading.Thread(target=chores.run_due, args=(hosted.instance,), name="chores", daemon=True).start()


@app.task(name="released.report", ignore_result=False)
def report() -> dict[str, Any]:
    """What this worker says of itself: {version, dispatcher, …}; `released doctor` asks."""
    return {"version": VERSION, **hosted.report()}


class Bell:
    """Tells the workers through the broker that there is work; nothing is lost with a bell, only up to a second."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._stopped = False
        self._counted = 0.0
        self._crowded = False
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """There may be work. Returns at once, from any thread; a broker that is away disturbs nobody."""
        self._rung.set()

    def stop(self) -> None:
        """Ends the thread; what was rung last may stay unheard."""
        self._stopped = True
        self._rung.set()
        self._thread.join(5)

    def _run(self) -> None:
        away = False
        while self._rung.wait() and not self._stopped:
            self._rung.clear()
            try:
                self._publish()
            except (OperationalError, OSError) as error:
                BELLS.labels("away").inc()
                if not away:
                    log.warning("broker_away", extra={"error": type(error).__name__})
                away = True
                time.sleep(_PAUSE_SECONDS)
            else:
                away = False
                time.sleep(_GAP_SECONDS)

    def _publish(self) -> None:
        if self._is_crowded():
            BELLS.labels("crowded").inc()
            return
        ring.apply_async()
        BELLS.labels("rung").inc()

    def _is_crowded(self) -> bool:
        """True while many bells wait unheard; asked once a second at most."""
        now = time.monotonic()
        if now - self._counted >= 1.0:
            with app.connection_for_write() as connection:
                queue = app.amqp.queues[app.conf.task_default_queue].bind(connection.default_channel)
                self._crowded = queue.queue_declare().message_count > _QUEUE_MAX
            self._counted = now
        return self._crowded
