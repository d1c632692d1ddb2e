"""The processes that ``nennep up`` keeps alive: started on a leash, started again when they fall, ended in order."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import workers
from infra.embedded.process import Spawner, tail

ROOT = Path(workers.__file__).parent.parent
OURSELVES = (-1, -1, -1)
FIRST_WAIT, LONGEST_WAIT, LIVED_WELL = 0.5, 30.0, 60.0
GRACE_SECONDS = 8.0


@dataclass
class Child:
    """One process, ``nennep <command>``: how often it fell in a row, and when (monotonic clock) it is started again."""

    command: str
    log: Path
    process: subprocess.Popen[bytes]
    born: float
    falls: int = 0
    again_at: float | None = None


class Children:
    """Web, worker, dispatcher. Each ends with us, kill -9 included, and on a Ctrl-C only when we say so."""

    def __init__(self, logs: Path, environment: dict[str, str], say: Callable[[str], None]) -> None:
        self._logs, self._environment, self._say = logs, environment, say
        self._spawner = Spawner()
        self.all: dict[str, Child] = {}

    def start(self, command: str) -> None:
        """Start ``nennep <command>``."""
        log = self._logs / f"{command}.log"
        self.all[command] = Child(command, log, self._spawn(command, log), time.monotonic())

    def look(self) -> None:
        """Start what has fallen again: at once after a first fall, later and later if it goes on falling."""
        now = time.monotonic()
        for child in self.all.values():
            if child.again_at is not None:
                if now >= child.again_at:
                    child.process = self._spawn(child.command, child.log)
                    child.born, child.again_at = now, None
            elif child.process.poll() is not None:
                self._plan(child, now)

    def pids(self) -> dict[str, int]:
        """Process ids by name."""
        return {name: child.process.pid for name, child in self.all.items()}

    def stop(self) -> None:
        """Ask all to end, then kill those that have not after some seconds. Stopping twice does no harm."""
        running = [child.process for child in self.all.values() if child.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        try:
            for process in running:
                process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._say("Some did not end in time and are killed.")
        finally:
            for process in running:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            self.all.clear()
            self._spawner.close()

    def _plan(self, child: Child, now: float) -> None:
        child.falls = 1 if now - child.born > LIVED_WELL else child.falls + 1
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (child.falls - 1))
        child.again_at = now + wait
        code = child.process.returncode
        why = signal.Signals(-code).name if code < 0 else f"code {code}"
        self._say(f"{child.command} has ended ({why}); starting it again in {wait:g} s. Log {child.log}:")
        self._say(tail(child.log, 4))

    def _spawn(self, command: str, log: Path) -> subprocess.Popen[bytes]:
        return self._spawner.start(
            [sys.executable, "-m", "workers.commands", command],
            account=OURSELVES,
            death_signal=signal.SIGKILL,
            folder=ROOT,
            log=log,
            environment=self._environment,
        )
