"""Starts a worker: `python -m celery_worker.worker`, the same as `celery -A src.tasks worker --loglevel=info`."""

import sys

from src.core.errors import InvalidSettings
from src.core.settings import load_settings
from src.core.trouble import one_line
from src.tasks import app


def main() -> None:
    """Runs until SIGTERM; what is in flight then ends, or is given back. A wrong setting is one line and exit code 1."""
    with one_line("worker"):
        if load_settings().broker_url is None:
            raise InvalidSettings(
                "CELERY_BROKER_URL is missing: a worker waits for bells there, such as redis://localhost:6379/0; "
                "without a broker `released up` or `uvicorn src.main:app` answers by itself"
            )
    app.worker_main(["--quiet", "worker", "--loglevel=info", *sys.argv[1:]])


if __name__ == "__main__":
    main()
