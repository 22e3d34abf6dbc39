"""What lives in a worker process beside Celery's consumer: dispatcher, heartbeat, health and metrics."""

import logging
import os
from typing import Any

from celery import signals

from celery_worker.status import StatusServer
from src.core import schema
from src.core.instance import Instance, open_instance
from src.core.processes import Heartbeat
from src.core.settings import load_settings
from src.core.telemetry import log_json
from src.core.trouble import one_line
from src.messages.dispatch import Dispatcher
from src.tasks import hosted

log = logging.getLogger(__name__)

_STUCK = 70  # exit code: whoever watches over the process starts it again


class Host:
    """The parts of one worker process, started and stopped together."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.dispatcher = Dispatcher(instance)
        self.heartbeat = Heartbeat(instance.database, "worker", self._end_when_stuck)
        self.status = StatusServer(instance, self.dispatcher)

    def start(self) -> None:
        """Begins to work."""
        hosted.instance, hosted.ring, hosted.report = self.instance, self.dispatcher.ring, self.report
        self.instance.warm_up()
        self.dispatcher.start()
        self.heartbeat.start()
        self.status.start()

    def stop(self) -> None:
        """Ends when what is in flight has ended, or its time is over."""
        self.dispatcher.stop()
        self.status.stop()
        self.heartbeat.stop()
        self.instance.close()

    def report(self) -> dict[str, Any]:
        """{process, dispatcher}: who this is and whether it works."""
        return {"process": self.heartbeat.id, "dispatcher": "ok" if self.dispatcher.alive else "stopped"}

    def _end_when_stuck(self) -> None:
        if self.dispatcher.stuck:
            log.critical("dispatcher_stuck")
            logging.shutdown()
            os._exit(_STUCK)  # its threads hang: nothing that waits for them would end


_hosts: list[Host] = []


@signals.setup_logging.connect
def _log(**_: Any) -> None:
    log_json()
    for chatty in ("celery.worker.strategy", "celery.app.trace"):  # a line for each bell says nothing
        logging.getLogger(chatty).setLevel("WARNING")


@signals.worker_init.connect  # not when it is ready: a worker whose broker is away answers all the same
def _begin(**_: Any) -> None:
    host = Host(_open("worker"))
    _hosts.append(host)
    host.start()


def _open(kind: str) -> Instance:
    with one_line(kind):
        instance = open_instance(load_settings())
        if instance.database.sqlite:
            schema.migrate(instance.database)
        return instance


@signals.worker_shutting_down.connect
def _take_no_more(**_: Any) -> None:
    for host in _hosts:
        host.dispatcher.finish()


@signals.worker_shutdown.connect
def _end(**_: Any) -> None:
    while _hosts:
        _hosts.pop().stop()


@signals.beat_init.connect
def _show_the_clock(**_: Any) -> None:
    Heartbeat(_open("beat").database, "beat").start()
