"""A worker that falls asleep (SIGSTOP) at one commit: `SLEEP="after UPDATE conversation SET fence="`, or `before …`."""

import os
import signal
import time

from celery_worker.worker import main
from tests.e2e.crash.server import arm


def fall_asleep() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(0.2)  # the signal may reach another thread first


if __name__ == "__main__":
    when, statement = os.environ["SLEEP"].split(" ", 1)
    arm(when, statement, fall_asleep)
    main()
