"""Temporary folders of exports: gone at the end of a block, and after a kill as soon as the next one is made.

Whoever works in one holds a lock on it, which the system lets go when the process is no more. Its number would not do:
containers that share a folder do not see each other's processes, and each would take the other's for dead.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "nennep-export-"


@contextmanager
def temporary() -> Iterator[str]:
    """A folder of one's own. Blocks briefly."""
    forget_left()
    folder, lock = _held()
    try:
        yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def forget_left() -> None:
    """Remove the folders of processes that are no more. Blocks briefly."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Gone meanwhile, somebody else's, or no folder at all.
        with suppress(OSError):
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if _locked(lock):
                    shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)


def _held() -> tuple[Path, int]:
    """A new folder and its lock. One that is taken for a dead one's before it is locked is left to who took it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        if _locked(lock) and folder.exists():
            return folder, lock
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
