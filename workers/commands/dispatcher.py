"""``nennep dispatcher``."""

from __future__ import annotations

import asyncio
import logging
import signal

import click

from infra.queue import make_broker
from infra.settings import Settings
from workers.commands.ground import database, logging_for, run
from workers.dispatcher import Dispatcher
from workers.jobs import QUEUES

log = logging.getLogger(__name__)


@click.command(epilog="Example: nennep dispatcher")
def command() -> None:
    """Hand the outbox and the timetable to the queue until SIGTERM or Ctrl-C. Two at once share the work."""
    run(_dispatch(logging_for("dispatcher")))


async def _dispatch(given: Settings) -> None:
    async with database(size=2):
        broker = make_broker(given.queue_url, QUEUES)
        dispatcher = Dispatcher(broker)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, dispatcher.stop)
        log.info("dispatcher ready")
        await dispatcher.run()
        broker.close()
