"""The machine that this runs on: versions, disk, what reads paper, files that hold secrets."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from infra.metrics import product_version
from infra.settings import Settings
from server.paper.engine import language_folder, why_not_reading
from workers.doctor.findings import Found, fail, ok, warn

OLDEST_PYTHON = (3, 11)
# Forty uploads of the largest size at once (docs/operating.md), and what a page in work needs at least.
DISK_MB, LEAST_DISK_MB = 1500, 300
# The part of the disk of backups that has to be free: a night must never be the one that fills it.
BACKUPS_FREE = 0.1


async def versions() -> AsyncIterator[Found]:
    """Which product on which Python."""
    told = f"Nền Nếp {product_version()} on Python {platform.python_version()}"
    if sys.version_info < OLDEST_PYTHON:
        yield fail(told, f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer")
    else:
        yield ok(told)


async def disk() -> AsyncIterator[Found]:
    """Room for uploads and pages in work."""
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free // 10**6
    told = f"temporary folder {folder}: {free:,} MB free"
    if free < LEAST_DISK_MB:
        yield fail(told, "nothing can be uploaded: make room, or point TMPDIR at a larger disk")
    elif free < DISK_MB:
        yield warn(told, f"have {DISK_MB:,} MB for uploads: make room, or point TMPDIR at a larger disk")
    else:
        yield ok(told)


async def backups(given: Settings) -> AsyncIterator[Found]:
    """Room where backups lie, where that is a folder of this machine; a container without it has none to look at."""
    place = urlsplit(given.backup_url or "")
    try:
        disk = shutil.disk_usage(place.path) if place.scheme == "file" else None
    except OSError:
        disk = None
    if disk is None:
        return
    told = f"folder of backups {place.path}: {disk.free // 10**9:,} of {disk.total // 10**9:,} GB free"
    if disk.free < disk.total * BACKUPS_FREE:
        yield warn(told, "make room, use another place, or keep them fewer days (NENNEP_BACKUP_KEEP_DAYS)")
    else:
        yield ok(told)


async def reading() -> AsyncIterator[Found]:
    """Tesseract's Vietnamese, where workers look for it."""
    why = why_not_reading()
    if why is None:
        yield ok(f"Tesseract's Vietnamese in {language_folder()}")
        return
    yield warn(
        "Tesseract or its Vietnamese is not here: pages are kept, and not read",
        "on machines with workers install it (apt-get install tesseract-ocr-vie), or set TESSDATA_PREFIX",
    )


async def pushing(given: Settings) -> AsyncIterator[Found]:
    """Whether phones can be told."""
    if given.push_private_key is None:
        yield warn(
            "no key for reminders on phones: they stand on the page only",
            "nennep push-key makes one; keep it as NENNEP_PUSH_PRIVATE_KEY",
        )
    elif given.push_contact is None and not given.https:
        yield warn("reminders on phones: push services are told no contact", "set NENNEP_PUSH_CONTACT")
    else:
        yield ok("reminders on phones: a key is set")


async def secret_files(environment: Mapping[str, str]) -> AsyncIterator[Found]:
    """Files that hold secrets and that everybody on this machine can read."""
    files = {name: Path(value) for name, value in environment.items() if _is_file(name)}
    for name, file in sorted(files.items()):
        try:
            mode = file.stat().st_mode
        except OSError as error:
            yield fail(
                f"{name}: {file} cannot be read ({error.strerror})",
                "correct the name, or its folder's rights",
            )
            continue
        if _for_everybody(file, mode):
            yield warn(
                f"{name}: everybody here can read {file} (mode {stat.S_IMODE(mode):o})",
                f"chmod o-r {file}; in a cluster set defaultMode 0440 on the volume",
            )
        elif not os.access(file, os.R_OK):
            yield fail(f"{name}: this account may not read {file}", "give it to this account's group")
        else:
            yield ok(f"{name}: not open to others")


def _for_everybody(file: Path, mode: int) -> bool:
    # Mounted by itself, as Compose does it, it is seen by this container alone, and has to be readable there.
    return bool(mode & stat.S_IROTH) and not os.path.ismount(file)


def _is_file(name: str) -> bool:
    return name.startswith("NENNEP_") and name.endswith("_FILE")
