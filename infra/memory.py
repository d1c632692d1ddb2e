"""How this process asks the system for memory."""

from __future__ import annotations

import ctypes
import sys

_ARENA_MAX, _ARENAS = -8, 2


def keep_little() -> None:
    """Have glibc keep two heaps, not eight for each core: with a dozen threads each keeps what it once was full with.

    Called before threads start. Where there is no glibc nothing happens.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_ARENA_MAX, _ARENAS)
