"""One server as a child process: started on a leash, asked in its own protocol if it is ready, ended."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil

LEASH = Path(__file__).with_name("leash.py")
LOOPBACK = "127.0.0.1"
LOWEST_PORT = 12_000


class ServerFailed(Exception):
    """An embedded server cannot be had; the text is meant for the person at the terminal."""


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, indented; empty if there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            kept = file.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        return ""
    return "\n".join(f"    {line[:300]}" for line in kept)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens on.

    Taken below the range from which the kernel serves outgoing connections: in that range a client that
    reconnects to a server just killed can be given that server's own port, which then cannot start again on it.
    """
    highest = _first_outgoing_port()
    found: list[int] = []
    while len(found) < count:
        wanted = (
            0 if highest <= LOWEST_PORT + 1000 else LOWEST_PORT + secrets.randbelow(highest - LOWEST_PORT)
        )
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, wanted))
            except OSError:
                continue
            port = probe.getsockname()[1]
        if port not in found:
            found.append(port)
    return found


def _first_outgoing_port() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0


def leashed(
    command: list[str], *, death_signal: signal.Signals, account: tuple[int, int, int] = (-1, -1, -1)
) -> list[str]:
    """The command that runs ``command`` as ``account`` (uid, gid, capability) and ends with this process.

    The kernel's "signal at the parent's death" means the death of the *thread* that starts it.
    """
    numbers = (os.getpid(), *account, int(death_signal))
    return [sys.executable, "-I", "-S", str(LEASH), *map(str, numbers), *command]


class Spawner:
    """Starts programs from one thread that lives as long as the process, since they end with their thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedded-servers")

    def start(
        self,
        command: list[str],
        *,
        account: tuple[int, int, int],
        death_signal: signal.Signals,
        folder: Path,
        log: Path,
        environment: dict[str, str],
    ) -> subprocess.Popen[bytes]:
        """Start ``command`` in ``folder`` as ``account`` (uid, gid, capability); ``log`` gets its output."""

        def spawn() -> subprocess.Popen[bytes]:
            with log.open("ab") as output:
                return subprocess.Popen(
                    leashed(command, death_signal=death_signal, account=account),
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # A Ctrl-C at the terminal is for us: we decide in which order the servers end.
                    start_new_session=True,
                )

        return self._thread.submit(spawn).result()

    def close(self) -> None:
        """Let the thread go; every program must have ended."""
        self._thread.shutdown()


def wait_ready(
    process: subprocess.Popen[bytes],
    ask: Callable[[], None],
    *,
    patience: float,
    given_up: Callable[[], bool],
) -> str | None:
    """None once ``ask`` no longer raises, else why not: it ended, or ``patience`` seconds went by."""
    end = time.monotonic() + patience
    last = "no answer"
    while time.monotonic() < end and not given_up():
        if process.poll() is not None:
            return f"it ended with code {process.returncode}"
        try:
            ask()
            return None
        except Exception as error:  # noqa: BLE001 - each protocol has its own ways to say "not yet"
            last = f"{type(error).__name__}: {error}".splitlines()[0]
        time.sleep(0.03)
    return "the start was interrupted" if given_up() else f"not ready after {patience:.0f} s ({last})"


def end(process: subprocess.Popen[bytes], how: signal.Signals, patience: float) -> None:
    """Ask a program to end with a signal, and kill it if it has not within ``patience`` seconds."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill_all(processes: list[psutil.Process], patience: float = 10.0) -> None:
    """SIGKILL to each; returns when none of them runs any more."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    until = time.monotonic() + patience
    while any(_runs(process) for process in processes) and time.monotonic() < until:
        time.sleep(0.01)


def _runs(process: psutil.Process) -> bool:
    # Not psutil.wait_procs: an orphan that nobody collects (a container without an init) stays a zombie.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
