"""The bytes of an upload: gathered piece by piece into a file, counted and hashed on the way, and gone afterwards."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import BinaryIO

from server.minutes import rules
from server.minutes.queries import limits
from server.words import Refused, say

# Uploads that a process receives at once, each a file in the temporary folder. Others wait; nobody is refused for it.
RECEIVED_AT_ONCE = 40
# A sender that says nothing for so long is gone; one that takes longer than this for a file keeps others waiting.
SILENCE_SECONDS, LONGEST_SECONDS = 60, 2 * 3600
# What is gathered of an upload in memory before it goes to the disk.
GATHERED_BYTES = 256 * 1024
# What a process that was killed leaves in the temporary folder, and how old it must be to be nobody's any more.
PREFIX, LEFT_SECONDS = "nennep-upload-", 6 * 3600

_RECEIVING = asyncio.Semaphore(RECEIVED_AT_ONCE)


class Unfit(Refused):
    """This file is refused for good; ``code`` is one of rules.REASONS, the sentence is at ``file``."""

    def __init__(self, code: str) -> None:
        super().__init__(file=rules.words_for(code, limits()))
        self.code = code


class Again(Refused):
    """This upload can't be taken as it came. ``code``: broken (it arrived altered: send again), unknown (no such
    document, or it does not want this file: arrange first) or other_bytes (this id has others: a new id is needed).
    """

    def __init__(self, code: str) -> None:
        super().__init__(file=_AGAIN[code])
        self.code = code


_AGAIN = {
    "broken": rules.REASONS["broken"],
    "unknown": say("Máy chủ chưa biết trang này thuộc biên bản nào. Xin gửi lại từ đầu."),
    "other_bytes": say("Trang này đã được gửi trước đó với nội dung khác. Xin chụp lại thành trang mới."),
}


@dataclass(frozen=True)
class Arrived:
    """A file that has come in whole: where it lies, what it weighs, and the hash of its bytes."""

    path: Path
    bytes: int
    sha256: str


@asynccontextmanager
async def received(body: AsyncIterator[bytes]) -> AsyncIterator[Arrived]:
    """A body as a file in the temporary folder, gone at the end. Raises Unfit for one that is too large, as soon as it
    is, and Again where the sender falls silent.
    """
    async with _RECEIVING:
        with _temporary() as (file, path):
            size, digest = await _write(body, file)
            yield Arrived(path, size, digest)


@contextmanager
def _temporary() -> Iterator[tuple[BinaryIO, Path]]:
    # Not by a thread: who is given up while waiting for one would leave the file behind.
    handle, name = tempfile.mkstemp(prefix=PREFIX)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink()


def forget_old() -> None:
    """Remove the files of uploads whose process was killed. Blocks briefly."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                left.unlink()


async def _write(body: AsyncIterator[bytes], file: BinaryIO) -> tuple[int, str]:
    size, most, digest, gathered = 0, limits().largest_bytes, new_sha256(), bytearray()

    def put_down(piece: bytes) -> None:
        digest.update(piece)
        file.write(piece)

    pieces, until = aiter(body), time.monotonic() + LONGEST_SECONDS
    while (piece := await _next(pieces)) is not None:
        if time.monotonic() > until:
            raise Again("broken")
        size += len(piece)
        if size > most:
            raise Unfit("too_large")
        gathered += piece
        if len(gathered) >= GATHERED_BYTES:
            await asyncio.to_thread(put_down, bytes(gathered))
            gathered.clear()
    await asyncio.to_thread(put_down, bytes(gathered))
    await asyncio.to_thread(file.flush)
    return size, digest.hexdigest()


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            return await anext(pieces)
    except StopAsyncIteration:
        return None
    except TimeoutError:
        raise Again("broken") from None
