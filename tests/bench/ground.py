"""The servers of a run: PostgreSQL, queue and store of its own, and the product's processes, in a temporary folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from infra.embedded import Embedded, Servers
from infra.embedded.process import free_ports
from infra.settings import settings

ROOT = Path(__file__).parents[2]


@dataclass
class Ground:
    """Where the servers are, and the processes that were started beside them."""

    servers: Servers
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        """Start ``python -m arguments`` in the repository; its output goes to a file named after it."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )

    def serve(self, name: str, *arguments: str) -> int:
        """Start something that answers HTTP on the port that it is told; the port, once it answers."""
        port = free_ports(1)[0]
        self.start(name, *arguments, "--port", str(port))
        until = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2):
                    return port
            except OSError:
                if time.monotonic() > until or self.processes[name].poll() is not None:
                    raise RuntimeError((self.folder / f"{name}.log").read_text()) from None
                time.sleep(0.05)

    def resident(self) -> dict[str, float]:
        """Memory of each server and process in MB; memory that processes of one server share is counted once."""
        pids = {name: process.pid for name, process in self.processes.items()} | self.servers.pids
        return {name: _memory(psutil.Process(pid)) / 2**20 for name, pid in pids.items()}

    def stop(self, name: str) -> None:
        """End one process."""
        process = self.processes.pop(name)
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _memory(process: psutil.Process) -> float:
    children = process.children(recursive=True)
    if not children:
        return float(process.memory_info().rss)
    return float(sum(one.memory_full_info().pss for one in (process, *children)))


@contextmanager
def ground() -> Iterator[Ground]:
    """Everything started on free ports; all of it ended and removed afterwards."""
    with TemporaryDirectory(prefix="nennep-bench-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        with Embedded.start(path / "servers", fast=True) as embedded:
            os.environ.update(embedded.servers.environment())
            settings.cache_clear()
            made = Ground(embedded.servers, path)
            try:
                yield made
            finally:
                for name in list(made.processes):
                    made.stop(name)
