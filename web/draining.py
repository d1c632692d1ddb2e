"""What SIGTERM does to a web process: not ready at once, still serving for a while, then the rest in order.

Whoever spreads the load needs a moment to hear that this process is no longer ready; in that moment requests still
come, and each is answered and told to close its line. Then streams are let go, and the server finishes what is under
way. It is set up inside the application, so that each of several processes does it for itself.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from types import FrameType

from infra import standing

# Streams end after the server has told its lines that they are the last (it looks for that every tenth of a second):
# a stream that ends before leaves a line on which the phone asks again just as the server closes it.
STREAMS_LAST_SECONDS = 0.5

log = logging.getLogger(__name__)


def drained_by_sigterm(linger: int) -> None:
    """Put ourselves before the server's own way to end. A second SIGTERM ends the lingering, a third cuts all lines."""
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before):  # no server around us: the application is tried out inside another program
        return
    loop = asyncio.get_running_loop()
    lingering: list[asyncio.TimerHandle] = []
    ending = False

    def end() -> None:
        nonlocal ending
        if not ending:
            ending = True
            standing.drain()
            before(signal.SIGTERM, None)
            loop.call_later(STREAMS_LAST_SECONDS, standing.close)

    def drain() -> None:
        if ending:
            standing.close()
            before(signal.SIGINT, None)  # the server's word for "now"
        elif lingering:
            lingering.pop().cancel()
            end()
        else:
            log.info("draining", extra={"seconds": linger})
            standing.drain()
            lingering.append(loop.call_later(linger, end))

    def told(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain)

    def interrupted(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain if ending else end)

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, interrupted)
