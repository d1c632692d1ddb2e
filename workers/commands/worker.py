"""``nennep worker``."""

from __future__ import annotations

import logging
import signal
import threading

import click

from infra.queue import QueueErrors
from workers.actors import PoolFailed, make_crew
from workers.commands.ground import Failed, logging_for, unreachable
from workers.dispatcher import CORES
from workers.jobs import QUEUES

# Jobs are short; what does not end in this time is done again elsewhere.
GRACE_MILLISECONDS = 20_000

log = logging.getLogger(__name__)


@click.command(epilog="Example: nennep worker --threads 8 --queue interactive")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Jobs at the same time."
)
@click.option(
    "--paper",
    type=click.IntRange(1, 64),
    default=CORES,
    help="Pages of minutes at the same time, beside those jobs. [default: the number of cores]",
)
@click.option(
    "--queue", "queues", multiple=True, type=click.Choice(QUEUES), help="Only this queue (may be repeated)."
)
def command(threads: int, paper: int, queues: tuple[str, ...]) -> None:
    """Do jobs from the queue until SIGTERM or Ctrl-C; jobs under way are finished. Run as many as needed."""
    given = logging_for("worker")
    crew = make_crew(given, threads=threads, paper=paper, queues=set(queues or QUEUES))
    try:
        crew.ping()
    except QueueErrors as error:
        raise unreachable("NENNEP_QUEUE_URL", given.queue_url, error) from None
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        crew.start()
    except PoolFailed as error:
        raise Failed(f"PostgreSQL (NENNEP_DATABASE_URL): {error}") from None
    log.info("worker ready", extra={"threads": threads, "paper": paper})
    stopped.wait()
    crew.stop(GRACE_MILLISECONDS)
