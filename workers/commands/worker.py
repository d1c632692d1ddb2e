"""``nennep worker``."""

from __future__ import annotations

import logging
import signal
import threading

import click

from infra import standing
from infra.postgres import Wrong
from infra.queue import QueueWrong
from infra.settings import Settings
from infra.starting import await_database, await_queue
from workers.actors import Crew, PoolFailed, make_crew
from workers.commands.ground import Failed, logging_for, unreachable
from workers.dispatcher import CORES
from workers.jobs import QUEUES
from workers.watched import watched_beside

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
    stopped = _stopped_by_signals()
    crew = make_crew(given, threads=threads, paper=paper, queues=set(queues or QUEUES))
    with watched_beside(given, crew.ping):
        _work(given, crew, stopped, {"threads": threads, "paper": paper})


def _work(given: Settings, crew: Crew, stopped: threading.Event, facts: dict[str, int]) -> None:
    try:
        await_database(given.database_url, stopped)
        await_queue(given.queue_url, crew.ping, stopped)
    except Wrong as error:
        raise unreachable("NENNEP_DATABASE_URL", given.database_url, error) from None
    except QueueWrong as error:
        raise unreachable("NENNEP_QUEUE_URL", given.queue_url, error) from None
    if stopped.is_set():
        return
    try:
        crew.start()
    except PoolFailed as error:
        raise Failed(f"PostgreSQL (NENNEP_DATABASE_URL): {error}") from None
    log.info("worker ready", extra=facts)
    stopped.wait()
    crew.stop(GRACE_MILLISECONDS)


def _stopped_by_signals() -> threading.Event:
    """Set by SIGTERM and Ctrl-C; a second one ends the process at once, and what it was doing is done elsewhere."""
    stopped = threading.Event()

    def stop(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        standing.drain()
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopped
