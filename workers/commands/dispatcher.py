"""``nennep dispatcher``."""

from __future__ import annotations

import asyncio
import logging
import signal

import click

from infra.queue import make_broker
from infra.settings import Settings
from workers.commands.ground import database, logging_for, run
from workers.dispatcher import CORES, Dispatcher
from workers.jobs import QUEUES

log = logging.getLogger(__name__)


@click.command(epilog="Example: nennep dispatcher --paper 8")
@click.option(
    "--paper",
    type=click.IntRange(1, 1000),
    default=CORES,
    help="Pages of minutes that all workers do at the same time. [default: the number of cores]",
)
def command(paper: int) -> None:
    """Hand the outbox and the timetable to the queue until SIGTERM or Ctrl-C. Two at once share the work."""
    run(_dispatch(logging_for("dispatcher"), paper))


async def _dispatch(given: Settings, paper: int) -> None:
    async with database(size=2):
        broker = make_broker(given.queue_url, QUEUES)
        dispatcher = Dispatcher(broker, paper=paper)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, dispatcher.stop)
        log.info("dispatcher ready")
        await dispatcher.run()
        broker.close()
