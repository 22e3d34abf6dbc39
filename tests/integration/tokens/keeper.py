"""A process that looks after the tokens at the time it is told, and kills itself at one commit (`CRASH`)."""

import os
import sys
from contextlib import closing

from src.accounts.tokens.keep import keep_tokens
from src.core.instance import open_instance
from src.core.settings import load_settings
from tests.e2e.crash.server import arm

if __name__ == "__main__":
    when, statement = os.environ["CRASH"].split(" ", 1)
    arm(when, statement)
    with closing(open_instance(load_settings())) as instance:
        keep_tokens(instance, int(sys.argv[1]))
