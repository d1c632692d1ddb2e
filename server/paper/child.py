"""Looks at paper in a child process: what a page does to its reader, it does to a process that ends with it.

A page's own process is forked from one that holds the libraries already (multiprocessing's fork server): a fresh
interpreter takes 0.8 s of a core until they are loaded, a fork 0.02 s. Nothing of one page is left for the next, and
no process that has met a page's bytes answers with anything but a file of JSON.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import msgspec

from infra import metrics, traces
from server.paper.found import Found

# A page of 12 megapixels takes 5 s and 150 MB beside the 370 MB of address space that the libraries begin with.
WALL_SECONDS, CPU_SECONDS, LOOK_SECONDS = 120.0, 40, 30.0
SPACE_BYTES, FILE_BYTES = 1500 * 2**20, 256 * 2**20
LOOKS_AT_ONCE = max(2, os.cpu_count() or 1)
FOLDER, FOLDER_SECONDS = "nennep-paper-", 3600
ANSWER, PICTURES = "answer.json", ("colour.webp", "grey.png", "thumb.webp")

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["__main__", "server.paper.inside"])
# multiprocessing's own books of children are not made for several threads.
_books = threading.Lock()
_looking = asyncio.Semaphore(LOOKS_AT_ONCE)


class PageFailed(Exception):
    """This page or file will not do better another time. ``code``: of Unusable or of ChildDied."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ChildDied(Exception):
    """The process of a page ended without an answer. ``code``: too_slow, too_heavy or crashed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Facts:
    """Of a cleaned page: its size in pixels of the grey picture, in which boxes of words are counted; what a person
    should be told of it (blurred, dark, glare, cut_edge); its look, by which it is known again.
    """

    width: int
    height: int
    faults: tuple[str, ...]
    looks: str


@dataclass(frozen=True)
class CleanedFiles:
    """The pictures of a cleaned page on disk, and what is known of it."""

    colour: Path
    grey: Path
    thumb: Path
    facts: Facts


@dataclass(frozen=True)
class Leaf:
    """A page of the document to be put together: its picture, and its reading with what people corrected."""

    picture: Path
    reading: dict[str, Any] | None
    corrected: dict[str, str]


class _Answer(msgspec.Struct):
    done: msgspec.Raw = msgspec.Raw(b"null")
    unusable: str = ""
    broke: str = ""


async def look_at(path: Path, *, pages: int, pixels: int) -> Found:
    """What a file is, of at most ``pages`` pages with at most ``pixels`` each.

    Raises PageFailed for what is no scan, and for what has killed two that looked at it.
    """
    given = {"path": path, "pages": pages, "pixels": pixels}
    async with _looking:
        try:
            data = await _ask("look_at", seconds=LOOK_SECONDS, **given)
        except ChildDied:
            try:
                data = await _ask("look_at", seconds=LOOK_SECONDS, **given)
            except ChildDied as death:
                raise PageFailed(death.code) from None
    return msgspec.json.decode(data, type=Found)


async def clean(
    path: Path, kind: str, number: int, *, turned: int, corners: Sequence[float] | None, folder: Path
) -> CleanedFiles:
    """Clean page ``number`` (from 0) of a file into pictures in ``folder``; ``turned`` clockwise in degrees, then
    ``corners``: eight shares of the turned picture's sides. Raises PageFailed and ChildDied.
    """
    data = await _ask(
        "clean", path=path, kind=kind, number=number, turned=turned, corners=corners, folder=folder
    )
    facts = msgspec.json.decode(data, type=Facts)
    colour, grey, thumb = (folder / name for name in PICTURES)
    return CleanedFiles(colour, grey, thumb, facts)


async def thumb(path: Path, kind: str, target: Path) -> None:
    """Write the first page of a file, small, as WebP to ``target``. Raises PageFailed and ChildDied."""
    await _ask("thumb", path=path, kind=kind, target=target)


async def read(grey: Path) -> dict[str, Any] | None:
    """The reading of a cleaned page, as server.paper.stored keeps it; None where Tesseract has no Vietnamese here."""
    found: dict[str, Any] | None = msgspec.json.decode(await _ask("read", path=grey))
    return found


async def turn(pictures: Sequence[Path], degrees: int) -> None:
    """Turn pictures that ``clean`` made, where they lie: clockwise by 90, 180 or 270."""
    await _ask("turn", pictures=list(pictures), degrees=degrees)


async def assemble(leaves: Sequence[Leaf], path: Path, *, title: str) -> None:
    """Put pages together into one searchable PDF/A at ``path``."""
    await _ask("assemble", leaves=list(leaves), path=path, title=title)


async def bare(path: Path, kind: str, target: Path) -> None:
    """Write a copy of an original without what is not page (place, time, device). Raises PageFailed and ChildDied."""
    await _ask("bare", path=path, kind=kind, target=target)


def warm_up() -> None:
    """Start the process that pages are forked from: the first page need not wait for its libraries. Blocks briefly."""
    from multiprocessing.forkserver import ensure_running  # noqa: PLC0415 - here it would start with every command

    forget_old_folders()
    with _books:
        ensure_running()


def forget_old_folders() -> None:
    """Remove the folders of pages whose worker was killed."""
    for folder in Path(gettempdir()).glob(f"{FOLDER}*"):
        try:
            if folder.stat().st_uid == os.getuid() and time.time() - folder.stat().st_mtime > FOLDER_SECONDS:
                rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            continue


async def _ask(task: str, *, seconds: float = WALL_SECONDS, **given: Any) -> msgspec.Raw:
    began, outcome = time.monotonic(), "died"
    try:
        with traces.span(f"page {task}") as span:
            try:
                data = await _answered(task, seconds, given)
                outcome = "done"
            except PageFailed as failed:
                outcome = "unusable"
                span.tell(nennep__reason=failed.code)
                raise
            return data
    finally:
        metrics.STEP_SECONDS.labels(task, outcome).observe(time.monotonic() - began)


async def _answered(task: str, seconds: float, given: dict[str, Any]) -> msgspec.Raw:
    with TemporaryDirectory(prefix=FOLDER) as folder:
        status = await _run(task, msgspec.json.encode(given, enc_hook=str), folder, seconds)
        answer = await asyncio.to_thread(_answer, Path(folder, ANSWER))
    if answer is None and status > 0:
        # It ended by itself, and not because of a page: it could not even write its answer. No page is blamed for that.
        raise OSError("the process of a page could not work: is the disk full?")
    if status == -signal.SIGXCPU:
        # Its own work, whatever else the machine had to do: it would take as long another time.
        raise PageFailed("too_slow")
    if answer is None:
        raise ChildDied("crashed")
    if answer.unusable:
        raise PageFailed(answer.unusable)
    if answer.broke:
        raise ChildDied("too_heavy" if answer.broke == "MemoryError" else "crashed")
    return answer.done


def _answer(file: Path) -> _Answer | None:
    return msgspec.json.decode(file.read_bytes(), type=_Answer) if file.exists() else None


async def _run(task: str, given: bytes, folder: str, seconds: float) -> int:
    """Run a task in a child; its exit status, negative for a signal. Nothing of it lives on afterwards."""
    child = _forks.Process(target=_inside, args=(task, given, folder, CPU_SECONDS), daemon=True)
    starting = asyncio.create_task(asyncio.to_thread(_start, child))
    try:
        async with asyncio.timeout(seconds):
            await asyncio.shield(starting)
            await _ended(child.sentinel)
    except TimeoutError:
        raise ChildDied("too_slow") from None
    finally:
        await starting
        status = await asyncio.to_thread(_end, child)
    return status


def _start(child: multiprocessing.process.BaseProcess) -> None:
    with _books:
        child.start()


def _end(child: multiprocessing.process.BaseProcess) -> int:
    with _books:
        child.kill()
        child.join()
        status = child.exitcode or 0
        child.close()
    return status


async def _ended(sentinel: int) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(sentinel)


def _inside(task: str, given: bytes, folder: str, cpu_seconds: int) -> None:
    """What the child does, from its first line to its last."""
    _forget_secrets()
    _limit(cpu_seconds)
    from server.paper import inside  # noqa: PLC0415 - loaded before the fork, and never in the parent

    unfinished = Path(folder, f"{ANSWER}.part")
    unfinished.write_bytes(inside.answer(task, given))
    unfinished.rename(Path(folder, ANSWER))


def _forget_secrets() -> None:
    # What looks at strangers' bytes needs no password of ours.
    for secret in [name for name in os.environ if name.startswith("NENNEP_")]:
        del os.environ[secret]


def _limit(cpu_seconds: int) -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: with the worker goes all it had begun
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    os.nice(5)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    # The soft limit of time ends it by a signal that says why; at the hard one it is only killed.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, SPACE_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
    ):
        resource.setrlimit(what, (most, most))
