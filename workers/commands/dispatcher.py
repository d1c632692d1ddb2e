"""``nennep dispatcher``."""

from __future__ import annotations

import asyncio
import logging
import signal

import click

from infra import standing
from infra.postgres import Wrong, close_pool
from infra.queue import make_broker
from infra.settings import Settings
from infra.starting import open_pool_when_there
from infra.watching import Watched
from workers.commands.ground import logging_for, run, unreachable
from workers.dispatcher import CORES, Dispatcher
from workers.jobs import QUEUES
from workers.measuring import keep_measuring

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
    broker = make_broker(given.queue_url, QUEUES)
    dispatcher = Dispatcher(broker, paper=paper)
    _stopped_by_signals(dispatcher)
    watched = Watched("dispatcher", given, dispatcher.ready, measured=True)
    await watched.start()
    measuring = asyncio.create_task(keep_measuring()) if given.metrics_port else None
    opening = asyncio.create_task(
        open_pool_when_there(given.database_url, size=2, queries=given.database_connection_queries)
    )
    stopping = asyncio.create_task(dispatcher.stopped())
    await asyncio.wait((opening, stopping), return_when=asyncio.FIRST_COMPLETED)
    try:
        if opening.done():
            opening.result()
            log.info("dispatcher ready")
            await dispatcher.run()
    except Wrong as error:
        raise unreachable("NENNEP_DATABASE_URL", given.database_url, error) from None
    finally:
        opening.cancel()
        stopping.cancel()
        if measuring is not None:
            measuring.cancel()
        await close_pool()
        await watched.stop()
        broker.close()


def _stopped_by_signals(dispatcher: Dispatcher) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        # The second one ends the process at once: what it held is free again with its transaction.
        loop.remove_signal_handler(number)
        standing.drain()
        dispatcher.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
