"""Turn this process into a server that ends with the process that started it, and that never runs as root.

Run as a script, ``leash.py PARENT UID GID CAPABILITY SIGNAL PROGRAM ARGUMENT…``: a program of its own instead
of subprocess's ``preexec_fn``, which is not safe in a process that has threads.
"""

from __future__ import annotations

import ctypes
import os
import sys

SET_PARENT_DEATH_SIGNAL, SET_SECURE_BITS, AMBIENT, RAISE = 1, 28, 47, 2
NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522


def _check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def drop_root(libc: ctypes.CDLL, uid: int, gid: int, capability: int) -> None:
    """Become another account; keep one capability (its number, or -1 for none) beyond the exec."""
    if capability >= 0:
        # Capabilities outlive the change of account, and access(2), with which PostgreSQL looks for its own
        # programs, counts them.
        _check(libc.prctl(SET_SECURE_BITS, NO_SETUID_FIXUP, 0, 0, 0), "prctl(PR_SET_SECUREBITS)")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability >= 0:
        mask = 1 << capability
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
        _check(libc.capset(header, sets), "capset")
        _check(libc.prctl(AMBIENT, RAISE, capability, 0, 0), "prctl(PR_CAP_AMBIENT)")


def main(arguments: list[str]) -> None:
    """Drop root if asked, ask the kernel for a signal at the parent's death, and become the program."""
    parent, uid, gid, capability, death_signal = (int(argument) for argument in arguments[:5])
    libc = ctypes.CDLL(None, use_errno=True)
    if uid >= 0:
        drop_root(libc, uid, gid, capability)
    if sys.platform == "linux":
        # After the change of account: the kernel forgets this setting at such a change.
        _check(libc.prctl(SET_PARENT_DEATH_SIGNAL, death_signal, 0, 0, 0), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        raise SystemExit("the process that wanted this server is gone")
    os.execv(arguments[5], arguments[5:])  # noqa: S606 - without a shell is meant


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        raise SystemExit(f"cannot start {sys.argv[6]}: {error}") from None
