"""Temporary folders of exports: gone at the end of a block, and after a kill as soon as the next one is made."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "nennep-export-"


@contextmanager
def temporary() -> Iterator[str]:
    """A folder of one's own. Blocks briefly."""
    forget_left()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True) as folder:
        yield folder


def forget_left() -> None:
    """Remove the folders of processes that are no more. Blocks briefly."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        match = re.match(rf"{PREFIX}(\d+)-", left.name)
        if match is not None and not _lives(int(match[1])):
            shutil.rmtree(left, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
