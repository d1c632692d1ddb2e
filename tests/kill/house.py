"""All processes of a deployment: two of web, a worker, a dispatcher; each can be killed and started again."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from infra.embedded import Embedded, Servers
from infra.embedded.process import free_ports
from tests.workers.processes import Process, until


class Ours(Process):
    """One that is asked whether it still lives."""

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None


class Web(Ours):
    """``nennep web`` on a port of its own."""

    def __init__(self, servers: Servers, folder: Path, port: int, **besides: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(servers, folder, "web", "--port", str(port), **besides)

    async def ready(self) -> None:
        """Wait until it answers."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:

            async def alive() -> bool:
                with suppress(httpx.HTTPError):
                    return (await client.get("/health/live")).status_code == 200
                return False

            await until(alive, seconds=60, what=f"{self.log} has no answer for us")


class House:
    """What runs, by name: web-1, web-2, worker, dispatcher, and the servers below them."""

    def __init__(self, embedded: Embedded, folder: Path) -> None:
        self.embedded, self.servers, self._folder = embedded, embedded.servers, folder
        first, second = free_ports(2)
        self.ports = {"web-1": first, "web-2": second}
        self.running: dict[str, Ours] = {}

    async def start(self, *names: str) -> None:
        """Start these and wait until they are ready."""
        for name in names:
            port = self.ports.get(name)
            self.running[name] = (
                Ours(self.servers, self._folder, name)
                if port is None
                else Web(self.servers, self._folder, port)
            )
        await asyncio.gather(*(self.running[name].ready() for name in names))

    def stop(self) -> None:
        """End all of them."""
        for one in self.running.values():
            one.stop()

    async def kill(self, name: str) -> None:
        """kill -9."""
        if name in self.running:
            self.running[name].kill()
            self.running[name].stop()
        else:
            await asyncio.to_thread(self.embedded.kill, name)

    async def restart(self, name: str) -> None:
        """Start it again where it was."""
        if name in self.running:
            await self.start(name)
        else:
            await asyncio.to_thread(self.embedded.restart, name)

    def web_logs(self) -> list[Path]:
        """What the web processes wrote, those that were killed included."""
        return sorted(self._folder.glob("web-*.log"))

    def queue_data(self) -> Path:
        """Where the queue keeps what it knows."""
        return Path(psutil.Process(self.embedded.servers.pids["queue"]).cwd()) / "appendonlydir"

    async def stop_the_clock(self, seconds: float) -> None:
        """SIGSTOP to every process of the database, SIGCONT after a while."""
        postmaster = psutil.Process(self.embedded.servers.pids["database"])
        family = [postmaster, *postmaster.children(recursive=True)]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.suspend()
        await asyncio.sleep(seconds)
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.resume()


async def delete(folder: Path) -> None:
    """As a disk that was lost."""
    await asyncio.to_thread(shutil.rmtree, folder)
