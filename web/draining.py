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

log = logging.getLogger(__name__)


def drained_by_sigterm(linger: int) -> None:
    """Put ourselves before the server's own way to end. A second SIGTERM ends the lingering, a third cuts all lines."""
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before):  # no server around us: the application is tried out inside another program
        return
    loop = asyncio.get_running_loop()
    waiting: list[asyncio.TimerHandle] = []

    def end() -> None:
        if not standing.closing():
            standing.close()
            before(signal.SIGTERM, None)

    def drain() -> None:
        if standing.closing():
            before(signal.SIGINT, None)  # the server's word for "now"
        elif waiting:
            waiting.pop().cancel()
            end()
        else:
            log.info("draining", extra={"seconds": linger})
            standing.drain()
            waiting.append(loop.call_later(linger, end))

    def told(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain)

    def interrupted(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain if standing.closing() else end)

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, interrupted)
