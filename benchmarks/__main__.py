"""`python -m benchmarks …`: figures with their reference, on loopback, bounded in count and time."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks import forgery as forged
from benchmarks import full as full_size
from benchmarks import memory as memory_of
from benchmarks import model as with_model
from benchmarks import retrieval as finding
from benchmarks import rights as customers_rights
from benchmarks.retention import live
from benchmarks.rewrap import rewrap
from benchmarks.storm import SCENES, after_a_kill, business
from benchmarks.turns import acknowledgements, cpu_seconds, judge, latencies, settle, write
from benchmarks.webhook import measure, table
from src.accounts.secrets import WAIT_SECONDS
from tests.world import World


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command()
@click.option("--count", default=10_000, show_default=True, help="Secrets that are there.")
@click.option("--wait", default=WAIT_SECONDS, show_default=True, help="Seconds with both keys.")
def secrets(count: int, wait: float) -> None:
    """Secrets are sealed anew while customers write: how fast, and what was refused or lost."""
    with tempfile.TemporaryDirectory() as home, World(Path(home)) as world:
        found = rewrap(world, count, wait)
    print(
        f"{found.secrets:,} secrets sealed anew in {found.seconds:.1f} s; meanwhile {found.asked} questions, "
        f"{found.answered} answers, {found.refused} webhooks refused"
    )


@main.command()
@click.option("--requests", default=10_000, show_default=True, help="Requests a run.")
@click.option("--postgresql", metavar="URL", help="An empty, migrated database to measure too.")
def webhook(requests: int, postgresql: str | None) -> None:
    """Acknowledgements a second beside bare ASGI, at 1, 64 and 256 connections."""
    reference = measure("benchmarks.webhook:bare", requests)
    print(table("bare ASGI, answers 200", reference, reference))
    print(table("SQLite, durable", measure("src.main:app", requests), reference))
    if postgresql:
        print(
            table(
                "PostgreSQL, durable", measure("src.main:app", requests, DATABASE_URL=postgresql), reference
            )
        )


@main.command()
@click.option("--rate", default=50.0, show_default=True, help="Messages a second.")
@click.option("--seconds", default=60, show_default=True)
@click.option("--postgresql", metavar="URL", help="Over this empty database instead of SQLite.")
def turns(rate: float, seconds: int, postgresql: str | None) -> None:
    """Webhook in to reply out, burst wait 0: latency, CPU a message, lost and doubled."""
    count = int(rate * seconds)
    with business(count + 1, database_url=postgresql) as world:
        write(world, 1, rate)  # the first answer loads what is then there
        settle(world)
        before = cpu_seconds(world.process.pid)
        world.customers = world.customers[1:]
        wamids = write(world, count, rate)
        settle(world)
        used = cpu_seconds(world.process.pid) - before
        found = latencies(world, wamids)
        outcome = judge(world, count + 1)
    print(
        f"{count} messages at {rate:.0f}/s: p50 {found[len(found) // 2] * 1000:.1f} ms, "
        f"p99 {found[int(len(found) * 0.99)] * 1000:.1f} ms, slowest {found[-1] * 1000:.0f} ms, "
        f"CPU {used / count * 1000:.2f} ms a message, lost {outcome.lost}, doubled {outcome.doubled}"
    )


@main.command()
@click.option("--wait", default=50, show_default=True, help="Milliseconds that each fsync takes longer.")
@click.option("--rate", default=20.0, show_default=True, help="Messages a second.")
@click.option("--count", default=300, show_default=True)
def slow_disk(wait: int, rate: float, count: int) -> None:
    """How long a webhook waits for its 200 while the disk is slow and the dispatcher busy."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "slow_disk.so"
        source = Path(__file__).with_name("slow_disk.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        with business(count, ld_preload=library, slow_disk_ms=wait) as world:
            write(world, count, rate)
            settle(world, 180)
            waited = acknowledgements(world)
            outcome = judge(world, count)
    print(
        f"{count} messages at {rate:.0f}/s, {wait} ms an fsync: acknowledged p50 {waited[len(waited) // 2] * 1000:.0f} ms, "
        f"p99 {waited[int(len(waited) * 0.99)] * 1000:.0f} ms, slowest {waited[-1] * 1000:.0f} ms, "
        f"lost {outcome.lost}, doubled {outcome.doubled}"
    )


@main.command()
def recovery() -> None:
    """From kill -9 in the middle of a turn to the reply of the next start (a lease lasts 10 s)."""
    print(f"next reply {after_a_kill():.1f} s after kill -9")


@main.command()
@click.argument("scenes", nargs=-1, type=click.Choice([*SCENES]))
@click.option("--small", is_flag=True, help="A fifth of everything.")
def storm(scenes: tuple[str, ...], small: bool) -> None:
    """Load, repetitions, batches, bursts, refusals and kill -9: nothing lost, nothing doubled."""
    failed = False
    for name in scenes or SCENES:
        scene, count = SCENES[name]
        began = time.monotonic()
        outcome = scene(max(5, count // 5) if small else count)
        failed |= bool(outcome.lost or outcome.doubled)
        print(f"{name:>10}: {outcome}  {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(1 if failed else 0)


@main.command()
@click.option("--webs", default=1, show_default=True)
@click.option("--workers", default=1, show_default=True)
@click.option("--rate", default=20.0, show_default=True, help="Messages a second.")
@click.option("--seconds", default=30, show_default=True)
@click.option("--no-redis", is_flag=True, help="The broker is away for the whole run.")
@click.option("--pool", default=10, show_default=True, help="DATABASE_POOL_SIZE of each process.")
def full(webs: int, workers: int, rate: float, seconds: int, no_redis: bool, pool: int) -> None:
    """Web processes, workers, PostgreSQL, Redis: latency, memory, CPU, lost and doubled."""
    print(full_size.under_load(webs, workers, rate, seconds, with_redis=not no_redis, pool=pool))


@main.command()
@click.option("--restarts", default=20, show_default=True)
@click.option("--rate", default=50.0, show_default=True, help="Messages a second.")
def rolling(restarts: int, rate: float) -> None:
    """Web and worker exchanged again and again under load: not 200, lost, doubled."""
    print(f"{restarts} exchanges: {full_size.rolling(restarts, rate)}")


@main.command()
@click.option("--conversations", default=500, show_default=True)
@click.option("--seconds", default=5.0, show_default=True, help="How long each answer takes to come.")
def waiting(conversations: int, seconds: float) -> None:
    """Many conversations that wait for the network at once, in one worker."""
    print(full_size.waiting(conversations, seconds))


@main.group()
def model() -> None:
    """With a model: the sandbox's, behind three workers."""


@model.command()
@click.option("--conversations", default=200, show_default=True)
@click.option("--workers", default=3, show_default=True)
def paced(conversations: int, workers: int) -> None:
    """All customers ask at once: how far apart the calls start, and who answers."""
    print(with_model.paced(conversations, workers))


@model.command()
@click.option("--count", default=100, show_default=True, help="Turns that are measured.")
@click.argument("faqs", nargs=-1, type=int)
def own_time(faqs: tuple[int, ...], count: int) -> None:
    """Our own time a turn, tokens and cost, with so many FAQS (22, 200 and 2,000)."""
    for number in faqs or (22, 200, 2_000):
        print(with_model.own_time(number, count), flush=True)


@model.command()
@click.option("--seconds", default=600, show_default=True)
@click.option("--rate", default=1.0, show_default=True, help="Questions a second.")
def away(seconds: int, rate: float) -> None:
    """The model fails for ten minutes under load: silent conversations, what they got, recovery."""
    print(with_model.away(seconds, rate))


@main.command()
def retrieval() -> None:
    """Finding what a question means among 22, 200 and 2,000 FAQs: time, memory, and what the model would see."""
    for count in finding.COUNTS:
        print(finding.measure(count), flush=True)


@main.command()
@click.option("--count", default=1_000_000, show_default=True, help="Forged signatures.")
@click.option(
    "--comparisons", default=100_000, show_default=True, help="Comparisons that are timed for each length."
)
def forgery(count: int, comparisons: int) -> None:
    """Forged signatures of webhooks through the real check, and whether its time tells how much of one is right."""
    taken = forged.accepted(count)
    print(f"{count} forged signatures of {len(forged.FORGERIES)} kinds: accepted {taken}", flush=True)
    found = list(forged.timing(comparisons))
    limit = 0.01 / (2 * len(found))  # Bonferroni: several tests, one question
    telling = [one for one in found if min(one.p, one.p_of_ranks) < limit]
    for one in found:
        print(
            f"{one.prefix:>2} of 64 digits right, {one.comparisons} comparisons: {one.difference_ns:+.1f} ns, "
            f"ratio {one.ratio:.4f}, Welch's t {one.t:+.2f}, p {one.p:.3f}; longer in {one.share:.2%} of pairs, "
            f"Mann-Whitney p {one.p_of_ranks:.3f}{' significant' if one in telling else ''}"
        )
    sys.exit(1 if taken or telling else 0)


@main.command()
@click.option(
    "--python",
    default=sys.executable,
    help="That of an environment with the packages of requirements.txt alone.",
)
def memory(python: str) -> None:
    """What the one process of `released up` takes, without and with a model. Linux only."""
    for kind, is_there in (("without a model", False), ("with a model", True)):
        print(f"{kind}: {memory_of.measure(python, model=is_there)}", flush=True)


@main.command()
@click.option("--days", default=90, show_default=True)
def retention(days: int) -> None:
    """Simulated days in which customers write: how old the oldest of theirs ever is, in hours (336 are 14 days)."""
    with tempfile.TemporaryDirectory() as home, World(Path(home), None) as world:
        world.knows("¿A qué hora abren?", "A las nueve.")
        print(live(world, days))


@main.command()
@click.option("--messages", default=5_000, show_default=True, help="Of one agent's customers, five each.")
def rights(messages: int) -> None:
    """How long it takes to find, export and erase a customer among so many messages."""
    with tempfile.TemporaryDirectory() as home, World(Path(home), None) as world:
        world.knows("¿A qué hora abren?", "A las nueve.")
        for name, seconds in customers_rights.measure(world, messages).items():
            print(f"{name:<24} {seconds * 1000:>8.0f} ms")


if __name__ == "__main__":
    main()
