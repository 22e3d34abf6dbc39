"""One running sandbox: everything that an endpoint may need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import Request

from sandbox import people
from sandbox.config import SandboxConfig
from sandbox.courier import Courier
from sandbox.events import Stream
from sandbox.faults import Faults
from sandbox.openai import ledger as openai_ledger
from sandbox.openai.counter import Cache
from sandbox.openai.rules import Rules
from sandbox.pace import PairLimit
from sandbox.receipts import Receipts
from sandbox.store import Store
from sandbox.tokens import Tokens


@dataclass(frozen=True)
class OpenAI:
    """What belongs to OpenAI's API; all of it ends with the process."""

    rules: Rules = field(default_factory=Rules)
    cache: Cache = field(default_factory=Cache)


@dataclass(frozen=True)
class Sandbox:
    """The parts of one sandbox; all of it lives in the thread of its event loop."""

    config: SandboxConfig
    store: Store
    stream: Stream
    faults: Faults
    pair_limit: PairLimit
    tokens: Tokens
    receipts: Receipts
    courier: Courier
    openai: OpenAI


@asynccontextmanager
async def running(config: SandboxConfig) -> AsyncIterator[Sandbox]:
    """A sandbox that keeps its appointments and delivers its webhooks until the end of the block."""
    store = Store(config.database)
    with store.transaction():
        people.seed(store)
        openai_ledger.prepare(store)
    receipts, courier = Receipts(store, config), Courier(store, config)
    tokens = Tokens(store, config)
    parts = (Faults(), PairLimit(), tokens, receipts, courier, OpenAI())
    sandbox = Sandbox(config, store, Stream(store), *parts)
    courier.start()
    clock = asyncio.create_task(receipts.run())
    try:
        yield sandbox
    finally:
        clock.cancel()
        await courier.stop()
        store.close()


def of(request: Request) -> Sandbox:
    """The sandbox that answers this request."""
    return cast(Sandbox, request.app.state.sandbox)
