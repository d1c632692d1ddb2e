"""How one process is watched from outside: its port for machines and its traces, from its start to its end."""

from __future__ import annotations

import asyncio

from infra import metrics, traces
from infra.listening import Alive, Listening, Ready, answers
from infra.settings import Settings


class Watched:
    """Begin before the pool is opened, so that a start that waits can be seen and statements have spans."""

    def __init__(
        self, process: str, given: Settings, ready: Ready, alive: Alive = answers, *, measured: bool = False
    ) -> None:
        self._process, self._given = process, given
        self.listening = Listening(ready, alive, measured=measured)

    async def start(self) -> None:
        """Name the process, send its spans, answer at its port; each only where the settings ask for it."""
        metrics.name_process(self._process)
        traces.start(self._process, self._given.traces_url or "")
        await self.listening.start(self._given.metrics_host, self._given.metrics_port)

    async def stop(self) -> None:
        """The last spans are sent, for a moment; nothing answers any more."""
        await self.listening.stop()
        await asyncio.to_thread(traces.stop)
