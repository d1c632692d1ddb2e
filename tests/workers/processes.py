"""Commands of the product as real processes, which end with the test run."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from infra.embedded import Servers
from infra.embedded.process import Spawner, end, tail
from workers.commands.children import OURSELVES, ROOT


class Process:
    """``nennep <arguments>`` with the suite's servers and ``environment``; its output is in ``log``."""

    def __init__(self, servers: Servers, folder: Path, *arguments: str, **environment: str) -> None:
        self.log = folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
        self._spawner = Spawner()
        self._process = self._spawner.start(
            [sys.executable, "-m", "workers.commands", *arguments],
            account=OURSELVES, death_signal=signal.SIGKILL, folder=ROOT, log=self.log,
            environment=dict(os.environ) | servers.environment() | {"NENNEP_LOG_LEVEL": "INFO"}
            | environment,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ready(self) -> None:
        """Wait until it says so."""
        await until(
            lambda: _true("ready" in tail(self.log)), seconds=20, what=f"{self.log}:\n{tail(self.log)}"
        )

    def kill(self) -> None:
        """kill -9."""
        end(self._process, signal.SIGKILL, 5)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        end(self._process, signal.SIGTERM, 10)
        self._spawner.close()
        return self._process.returncode


async def _true(value: bool) -> bool:
    return value


@asynccontextmanager
async def process(servers: Servers, folder: Path, *arguments: str) -> AsyncIterator[Process]:
    """A process from "ready" to the end of the block."""
    started = Process(servers, folder, *arguments)
    try:
        await started.ready()
        yield started
    finally:
        started.stop()


async def until(true: Callable[[], Awaitable[bool]], *, seconds: float = 10, what: str = "") -> float:
    """Wait until ``true()``; how many seconds it took. Fails after ``seconds``."""
    began = time.perf_counter()
    while not await true():
        assert time.perf_counter() - began < seconds, what or "it did not happen in time"
        await asyncio.sleep(0.02)
    return time.perf_counter() - began


async def killed(owner: asyncpg.Connection, place: Mapping[str, str], query: str, *arguments: str) -> None:
    """Run ``nennep <arguments>`` with the settings ``place`` and SIGKILL it once ``query`` answers true."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers.commands", *arguments, cwd=ROOT, env={**os.environ, **place},
        stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(120):
        while not await owner.fetchval(query):
            assert process.returncode is None, "it ended before it could be killed"
            await asyncio.sleep(0.01)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
