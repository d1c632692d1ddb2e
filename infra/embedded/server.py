"""What the three servers have in common: a folder, an account, ports, ways to start and to end."""

from __future__ import annotations

import os
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import psutil

from .account import Account
from .process import ServerFailed, Spawner, end, free_ports, kill_all, tail, wait_ready

# What a server may know of our environment: none of our secrets, no variable that changes its behaviour.
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")


class Server(ABC):
    """One embedded server. ``name`` is its key in the code and its folder, ``title`` what people call it."""

    name: ClassVar[str]
    title: ClassVar[str]
    ports_needed: ClassVar[int] = 1
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_patience: ClassVar[float] = 10.0

    def __init__(
        self, folder: Path, log: Path, account: Account, secrets: dict[str, str], *, fast: bool
    ) -> None:
        self.folder = folder
        self.log = log
        self.account = account
        self.secrets = secrets
        self.fast = fast
        self.ports: list[int] = []
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The port that clients use."""
        return self.ports[0]

    @abstractmethod
    def prepare(self, spawner: Spawner, /) -> None:
        """Make what must be in the folder before the server starts."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    @abstractmethod
    def ask(self) -> None:
        """Return if the server answers in its own protocol, raise if it does not yet."""

    def settle(self) -> None:  # noqa: B027 - most have nothing to do here
        """Make what must be in the running server; run at every start."""

    def environment(self) -> dict[str, str]:
        """The environment of the server."""
        return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
            "LC_ALL": "C",
            "TZ": "UTC",
        }

    def launch(self, spawner: Spawner, given_up: Callable[[], bool]) -> None:
        """Start from nothing on free ports, again on others if those were taken meanwhile."""
        self.account.give_tree(self.folder)
        self.prepare(spawner)
        for _ in range(3):
            self.ports = free_ports(self.ports_needed)
            mark = self.log.stat().st_size if self.log.exists() else 0
            why = self.run(spawner, given_up)
            if why is None:
                self.settle()
                return
            if given_up() or not self._port_was_taken(mark):
                break
        raise self.failure(why)

    def run(self, spawner: Spawner, given_up: Callable[[], bool] = lambda: False) -> str | None:
        """Start on the ports already chosen; None when it is ready, else why it is not (and it has ended)."""
        self.process = self.spawn(spawner, self.command())
        why = wait_ready(self.process, self.ask, patience=60, given_up=given_up)
        if why is not None:
            self.kill()
        return why

    def spawn(self, spawner: Spawner, command: list[str]) -> subprocess.Popen[bytes]:
        """Start one program of this server in its folder."""
        return spawner.start(
            command,
            account=(self.account.uid, self.account.gid, self.account.capability),
            death_signal=self.stop_signal,
            folder=self.folder,
            log=self.log,
            environment=self.environment(),
        )

    def stop(self) -> None:
        """End the server in its orderly way."""
        if self.process is not None:
            end(self.process, self.stop_signal, self.stop_patience)

    def kill(self) -> None:
        """End the server and its own children as a power cut would: no word, all at once."""
        if self.process is None or self.process.poll() is not None:
            return
        # A database's children outlive it for a moment, and as long as one does it cannot start again.
        children = psutil.Process(self.process.pid).children(recursive=True)
        end(self.process, signal.SIGKILL, 5)
        kill_all(children)

    def failure(self, why: str | None) -> ServerFailed:
        """One line on what failed, with the end of the log below it."""
        shown = tail(self.log)
        return ServerFailed(
            f"{self.title} did not start: {why}." + (f" Log {self.log}:\n{shown}" if shown else "")
        )

    def _port_was_taken(self, mark: int) -> bool:
        with self.log.open("rb") as log:
            log.seek(mark)
            return b"ddress already in use" in log.read()
