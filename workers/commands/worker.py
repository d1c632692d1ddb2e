"""``nennep worker``."""

from __future__ import annotations

import logging
import signal
import threading

import click

from infra.queue import QueueErrors
from workers.actors import PoolFailed, make_worker
from workers.commands.ground import Failed, logging_for, unreachable
from workers.jobs import QUEUES

# Jobs are short; what does not end in this time is done again elsewhere.
GRACE_MILLISECONDS = 20_000

log = logging.getLogger(__name__)


@click.command(epilog="Example: nennep worker --threads 8 --queue interactive")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Jobs at the same time."
)
@click.option(
    "--queue", "queues", multiple=True, type=click.Choice(QUEUES), help="Only this queue (may be repeated)."
)
def command(threads: int, queues: tuple[str, ...]) -> None:
    """Do jobs from the queue until SIGTERM or Ctrl-C; jobs under way are finished. Run as many as needed."""
    given = logging_for("worker")
    broker, worker = make_worker(given, threads=threads, queues=set(queues) or None)
    try:
        broker.client.ping()
    except QueueErrors as error:
        raise unreachable("NENNEP_QUEUE_URL", given.queue_url, error) from None
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        worker.start()
    except PoolFailed as error:
        raise Failed(f"PostgreSQL (NENNEP_DATABASE_URL): {error}") from None
    log.info("worker ready", extra={"threads": threads})
    stopped.wait()
    worker.stop(timeout=GRACE_MILLISECONDS)
    broker.close()
