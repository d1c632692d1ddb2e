"""The account that embedded servers run as: our own, or an unprivileged one where we are root.

PostgreSQL refuses to run as root. Where the folders above the programs or the data shut other accounts out
(a checkout below /root), the servers keep one capability of root's, to pass through folders, and no other.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .process import ServerFailed

# CAP_DAC_READ_SEARCH does less, but containers often have CAP_DAC_OVERRIDE only. Keeping one takes CAP_SETPCAP.
READ_SEARCH, OVERRIDE, SETPCAP = 2, 1, 8


@dataclass(frozen=True)
class Account:
    """Numbers for leash.py; -1 means "as we are" or "no capability"."""

    uid: int = -1
    gid: int = -1
    capability: int = -1

    def give(self, path: Path) -> None:
        """Make a file or folder the account's own."""
        if self.uid >= 0:
            os.chown(path, self.uid, self.gid)

    def give_tree(self, path: Path) -> None:
        """Make a folder and all in it the account's own, if it is not already."""
        if self.uid < 0 or path.stat().st_uid == self.uid:
            return
        for inner in path.rglob("*"):
            os.chown(inner, self.uid, self.gid, follow_symlinks=False)
        self.give(path)  # last: an interrupted change is taken up again


def choose(data: Path, programs: Iterable[Path]) -> Account:
    """Our own account; as root, that of whoever owns the folder's database already, else ``nobody``."""
    if os.geteuid() != 0:
        return Account()
    uid, gid = _owner(data / "database") or _nobody()
    if all(_reachable(path, uid, gid) for path in (*programs, data)):
        return Account(uid, gid)
    return Account(uid, gid, _capability(data, uid))


def _owner(folder: Path) -> tuple[int, int] | None:
    if not folder.exists() or folder.stat().st_uid == 0:
        return None
    return folder.stat().st_uid, folder.stat().st_gid


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return entry.pw_uid, entry.pw_gid


def _reachable(path: Path, uid: int, gid: int) -> bool:
    return all(_passable(folder.stat(), uid, gid) for folder in path.resolve().parents)


def _passable(folder: os.stat_result, uid: int, gid: int) -> bool:
    if folder.st_uid == uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    return bool(folder.st_mode & (stat.S_IXGRP if folder.st_gid == gid else stat.S_IXOTH))


def _capability(data: Path, uid: int) -> int:
    held = _held()
    for capability in (READ_SEARCH, OVERRIDE):
        if held >> capability & held >> SETPCAP & 1:
            return capability
    raise ServerFailed(
        f"PostgreSQL does not run as root, and account {uid} cannot pass through the folders above {data} "
        "or above the installed programs. Move both to where everyone may pass, or run as an ordinary user."
    )


def _held() -> int:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    sets = [int(line.split()[1], 16) for line in lines if line.startswith(("CapPrm:", "CapBnd:"))]
    return sets[0] & sets[1] if len(sets) == 2 else 0
