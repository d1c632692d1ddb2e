"""The data folder: who uses it, its passwords and logs, and servers left over in it from a killed process."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import TextIO

import psutil

from .process import ServerFailed, kill_all

SECRETS = ("superuser", "owner", "app", "queue", "objects_access", "objects_secret", "objects_internal")
PARTS = ("database", "queue", "objects", "logs")
LOG_LARGE = 20 * 2**20
PROGRAMS = ("postgres", "initdb", "valkey-server", "weed")


class Folder:
    """An exclusively held data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: TextIO | None = None

    def hold(self) -> None:
        """Make the folder and take its lock. Raises ServerFailed if another has it or we may not write."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+", encoding="ascii")
        except OSError as error:
            raise ServerFailed(f"The data folder {self.path} cannot be used: {error.strerror}.") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise ServerFailed(
                f"The data folder {self.path} is in use by process {holder}. Stop that one first, "
                "or choose another folder and port: DATA_DIR=… PORT=… make up"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def release(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def empty(self) -> None:
        """Remove the servers' data and passwords; files we did not make stay."""
        for part in PARTS:
            shutil.rmtree(self.path / part, ignore_errors=True)
        (self.path / "secrets.json").unlink(missing_ok=True)

    def part(self, name: str) -> Path:
        """One of the subfolders, made if it is missing."""
        part = self.path / name
        part.mkdir(exist_ok=True, mode=0o700)
        return part

    def logs(self) -> Path:
        """The folder for logs; a log that has grown large is put aside, over the one put aside before it."""
        logs = self.part("logs")
        for log in logs.glob("*.log"):
            if log.stat().st_size > LOG_LARGE:
                log.replace(log.with_suffix(".log.1"))
        return logs

    def secrets(self) -> dict[str, str]:
        """The folder's passwords, made at the first call and kept in a file that only its owner can read."""
        file = self.path / "secrets.json"
        if file.exists():
            return self._read_secrets(file)
        if (self.path / "database").exists():
            raise ServerFailed(
                f"{file} is missing, and the data beside it cannot be opened without its passwords. "
                f"Put the file back, or delete {self.path} to start anew."
            )
        made = {name: secrets.token_hex(16) for name in SECRETS}
        write_private(file, json.dumps(made, indent=1) + "\n")
        return made

    def _read_secrets(self, file: Path) -> dict[str, str]:
        try:
            kept: dict[str, str] = json.loads(file.read_text(encoding="ascii"))
            if missing := [name for name in SECRETS if not isinstance(kept.get(name), str)]:
                raise ValueError(f"it lacks {', '.join(missing)}")
        except (OSError, ValueError, AttributeError) as error:
            raise ServerFailed(f"{file} cannot be read: {error}") from None
        return kept

    def kept_key(self) -> str:
        """32 random bytes as base64url, made at the first call: what people have sealed must open at the next start."""
        file = self.path / "secret-key"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32))
        return file.read_text(encoding="ascii").strip()

    def end_orphans(self) -> list[int]:
        """Kill servers that still run in this folder though nobody holds its lock; returns their process ids.

        A server is known by its program's name *and* by the folder it runs in, so a number that was given to
        another process since then is never hit.
        """
        parts = [self.path.resolve() / part for part in PARTS]
        orphans = [process for process in psutil.process_iter(["name"]) if _runs_in(process, parts)]
        kill_all(orphans)
        return [process.pid for process in orphans]


def _runs_in(process: psutil.Process, parts: list[Path]) -> bool:
    if process.info["name"] not in PROGRAMS:
        return False
    try:
        there = Path(process.cwd())
    except (psutil.Error, OSError):
        return False
    return any(there == part or part in there.parents for part in parts)


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
