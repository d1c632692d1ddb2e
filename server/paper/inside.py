"""What a page's own process does. Imported before the fork, so that every page finds the libraries loaded."""

from __future__ import annotations

import os

# Before the libraries look: one page is one core's work, and a process with threads can't be forked safely.
for _variable in ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"

from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import cv2  # noqa: E402
import msgspec  # noqa: E402

from server.paper import bare as bares  # noqa: E402
from server.paper import child, document, stored  # noqa: E402
from server.paper.cleaning import clean as cleaned  # noqa: E402
from server.paper.decode import grey_picture, picture  # noqa: E402
from server.paper.found import Found, Unusable  # noqa: E402
from server.paper.identify import identify  # noqa: E402
from server.paper.look import look  # noqa: E402
from server.paper.pictures import save, small, turned  # noqa: E402
from server.paper.reading import read as reading_of  # noqa: E402
from server.paper.reading import why_not_reading  # noqa: E402

why_not_reading()  # loads Tesseract where there is one
cv2.setNumThreads(1)


def answer(task: str, given: bytes) -> bytes:
    """Do a task; JSON with one of ``done`` (what it found), ``unusable`` (a code), ``broke`` (a kind of exception)."""
    try:
        found: dict[str, Any] = {"done": _TASKS[task](**msgspec.json.decode(given))}
    except Unusable as unusable:
        found = {"unusable": unusable.code}
    except Exception as error:  # noqa: BLE001 - its text may quote the page; the kind is enough
        found = {"broke": type(error).__name__ if not isinstance(error, cv2.error) else _of_cv2(error)}
    return msgspec.json.encode(found, enc_hook=str)


def _of_cv2(error: cv2.error) -> str:
    return "MemoryError" if getattr(error, "code", 0) == cv2.Error.STS_NO_MEM else "cv2.error"


def look_at(path: str, pages: int, pixels: int) -> Found:
    """What a file is."""
    return identify(Path(path), pages=pages, pixels=pixels)


def clean(
    path: str, kind: str, number: int, turned: int, corners: list[float] | None, folder: str
) -> child.Facts:
    """One page, cleaned, as pictures in ``folder``."""
    pairs = None if corners is None else tuple(zip(corners[::2], corners[1::2], strict=True))
    page = cleaned(picture(Path(path), kind, number, turned=turned), corners=pairs)
    save(page.page, page.colour, *(Path(folder, name) for name in child.PICTURES))
    height, width = page.page.shape
    return child.Facts(width, height, page.faults, look(page.page))


def read(path: str) -> dict[str, Any] | None:
    """What stands on a cleaned page."""
    if why_not_reading():
        return None
    return stored.as_json(reading_of(grey_picture(Path(path))))


def thumb(path: str, kind: str, target: str) -> None:
    """The first page of a file as it is, small."""
    small(picture(Path(path), kind, 0), Path(target))


def turn(pictures: list[str], degrees: int) -> None:
    """Pictures of a cleaned page, turned."""
    for path in map(Path, pictures):
        turned(path, degrees)


def assemble(leaves: list[dict[str, Any]], path: str, title: str) -> None:
    """One PDF of all pages."""
    document.write(msgspec.convert(leaves, list[child.Leaf], dec_hook=_path), Path(path), title=title)


def _path(kind: type, value: Any) -> Any:
    return kind(value)


def bare(path: str, kind: str, target: str) -> None:
    """A copy of an original to be downloaded."""
    bares.write(Path(path), kind, Path(target))


_TASKS: dict[str, Callable[..., Any]] = {
    "bare": bare,
    "look_at": look_at,
    "clean": clean,
    "read": read,
    "thumb": thumb,
    "turn": turn,
    "assemble": assemble,
}
