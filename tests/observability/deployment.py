"""A whole deployment as real processes, with everything switched on by which it can be watched."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from infra.embedded import Servers
from infra.embedded.process import free_ports
from tests.observability.collector import Collector
from tests.workers.processes import Process, until

# Two of web, a worker, a dispatcher.
PROCESSES = 4


class Deployment:
    """``nennep web --processes 2``, a worker and a dispatcher, all told the same port for metrics."""

    def __init__(self, servers: Servers, folder: Path, traces_url: str) -> None:
        self.port, self.base_port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self._servers, self._folder = servers, folder
        self.environment = {
            "NENNEP_LOG_LEVEL": "DEBUG", "NENNEP_METRICS_PORT": str(self.base_port), "NENNEP_TRACES_URL": traces_url,
            "NENNEP_LINGER_SECONDS": "0",
        }  # fmt: skip
        self.running: list[Process] = []
        self.began = datetime.now(UTC)

    async def start(self) -> None:
        """Start all and wait until each says that it is ready."""
        web = ("web", "--port", str(self.port), "--processes", "2")
        for arguments in (web, ("worker", "--paper", "2"), ("dispatcher",)):
            self.running.append(Process(self._servers, self._folder, *arguments, **self.environment))

        async def all_ready() -> bool:
            ready = [(await self.ask(port, "/ready")) for port in await self.ports()]
            return len(ready) == PROCESSES and all(answer.status_code == 200 for answer in ready)

        await until(all_ready, seconds=90, what="the deployment is not ready")

    def stop(self) -> list[int]:
        """SIGTERM to all; their exit codes."""
        codes = [one.stop() for one in self.running]
        self.running = []
        return codes

    async def ask(self, port: int, path: str, method: str = "GET") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            return await client.request(method, f"http://127.0.0.1:{port}{path}")

    async def ports(self) -> list[int]:
        """Those of the first ports from the one that was set at which one of ours answers."""
        found = []
        for port in range(self.base_port, self.base_port + PROCESSES + 2):
            with suppress(httpx.HTTPError):
                if (await self.ask(port, "/live")).status_code == 200:
                    found.append(port)
        return found

    async def scrapes(self) -> list[str]:
        """What Prometheus is told by each process."""
        return [
            answer.text
            for answer in await asyncio.gather(*(self.ask(p, "/metrics") for p in await self.ports()))
        ]

    def log(self) -> str:
        """All that all processes wrote."""
        return "".join(path.read_text("utf-8") for path in sorted(self._folder.glob("*.log")))

    def lines(self) -> list[dict[str, Any]]:
        """The same, line by line."""
        return [json.loads(line) for line in self.log().splitlines()]


__all__ = ["Collector", "Deployment"]
