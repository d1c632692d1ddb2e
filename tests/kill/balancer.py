"""A balancer in front of several web processes: lines of TCP, each to one that says it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import httpx

from tests.workers.processes import until

ASK_SECONDS = 0.1


class Balancer:
    """Asks each process whether it is ready, as a cluster does, and gives new lines to those that are, in turn."""

    def __init__(self, ports: Iterable[int]) -> None:
        self._ready = dict.fromkeys(ports, False)
        self._turn = 0
        self.given: dict[int, int] = dict.fromkeys(self._ready, 0)
        self.port = 0

    async def _ask(self, port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            while True:
                try:
                    answer = await client.get("/health/ready", headers={"Connection": "close"}, timeout=20)
                    self._ready[port] = answer.status_code == 200
                except httpx.TimeoutException:
                    pass  # slow is not away
                except httpx.HTTPError:
                    self._ready[port] = False
                await asyncio.sleep(ASK_SECONDS)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await until(self._some_ready, seconds=20, what="none is ready")
        ready = [port for port, good in self._ready.items() if good]
        self._turn += 1
        port = ready[self._turn % len(ready)]
        self.given[port] += 1
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))

    async def _some_ready(self) -> bool:
        return any(self._ready.values())

    async def _all_ready(self) -> bool:
        return all(self._ready.values())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Balancer]:
        """From the first process that is ready to the end of the block."""
        asking = [asyncio.create_task(self._ask(port)) for port in self._ready]
        server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        await until(self._all_ready, seconds=60, what="they never were ready")
        try:
            yield self
        finally:
            server.close()
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    with suppress(OSError):
        writer.close()
