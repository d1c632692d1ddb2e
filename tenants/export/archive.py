"""The zip file itself: written piece by piece, read piece by piece, never unpacked onto a disk."""

from __future__ import annotations

import asyncio
import re
import stat
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from tenants.export.faults import WrongFile
from tenants.export.manifest import MANIFEST, README, SUMS
from tenants.export.pieces import Counted

PIECE_BYTES = 256 * 1024
# Text of tables packs to a tenth; a file that unpacks to so many times itself holds something else.
MOST_UNPACKED, ALWAYS_ALLOWED_BYTES = 200, 32 * 2**20
# Of manifest.json and SHA256SUMS, which are read as a whole.
LARGEST_TEXT_BYTES = 64 * 2**20
_NAME = re.compile(
    rf"{re.escape(MANIFEST)}|{SUMS}|{re.escape(README)}|(tables|platform)/[a-z][a-z0-9_]{{0,62}}\.csv"
    r"|pages(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){1,10}"
)
# What the library raises for bytes that are not a zip of ours.
_BAD = (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError, IndexError)


class Entry:
    """One file on its way into the archive."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._gathered, self.counted = file, bytearray(), Counted()

    async def write(self, piece: bytes) -> None:
        """Add a piece; what is gathered is packed by a thread."""
        self._gathered += piece
        if len(self._gathered) >= PIECE_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Pack what is gathered."""
        piece, self._gathered = bytes(self._gathered), bytearray()
        await asyncio.to_thread(self._put, piece)

    def _put(self, piece: bytes) -> None:
        self.counted.feed(piece)
        self._file.write(piece)


class Writer:
    """An archive that is being written; ``sums`` are the lines of SHA256SUMS so far."""

    def __init__(self, path: Path) -> None:
        self._zip, self.sums = ZipFile(path, "w", allowZip64=True), bytearray()

    @asynccontextmanager
    async def entry(self, name: str, *, packed: bool = True, listed: bool = True) -> AsyncIterator[Entry]:
        """Write one file of the archive; ``packed``: whether packing it is worth the time."""
        info = ZipInfo(name, datetime.now(UTC).timetuple()[:6])
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        info.external_attr = (stat.S_IFREG | 0o644) << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            entry = Entry(file)
            yield entry
            await entry.flush()
        if listed:
            self.sums += f"{entry.counted.sha256}  {name}\n".encode()

    async def text(self, name: str, text: bytes, *, listed: bool = True) -> str:
        """Write a small file whole; its SHA-256."""
        async with self.entry(name, listed=listed) as entry:
            await entry.write(text)
        return entry.counted.sha256

    def close(self) -> None:
        """Write the list of contents. Blocks briefly."""
        self._zip.close()


class Reader:
    """An archive whose list of contents has been looked at. Its methods block: call them from a thread."""

    def __init__(self, file: ZipFile) -> None:
        self._zip = file
        self.names = {info.filename: info.file_size for info in file.infolist()}

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of one file. Raises WrongFile."""
        if name not in self.names:
            raise WrongFile("missing", name)
        try:
            with self._zip.open(name) as entry:
                while piece := entry.read(PIECE_BYTES):
                    yield piece
        except _BAD as error:
            raise WrongFile("broken", f"{name} ({error})") from None

    def text(self, name: str) -> bytes:
        """A small file as a whole. Raises WrongFile."""
        if self.names.get(name, 0) > LARGEST_TEXT_BYTES:
            raise WrongFile("bomb", name)
        return b"".join(self.pieces(name))

    def unpack(self, name: str, to: Path) -> None:
        """Write one file into a place of ours. Raises WrongFile."""
        with to.open("wb") as file:
            for piece in self.pieces(name):
                file.write(piece)

    async def stream(self, name: str) -> AsyncIterator[bytes]:
        """The same for a caller that must not block."""
        pieces = self.pieces(name)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """An archive to read from. Raises WrongFile for anything that no export of ours looks like."""
    try:
        file = ZipFile(path)
    except _BAD as error:
        raise WrongFile("not_zip", error) from None
    with file:
        _check_contents(file.infolist(), path.stat().st_size)
        yield Reader(file)


def _check_contents(found: list[ZipInfo], size: int) -> None:
    names: set[str] = set()
    for info in found:
        _check_entry(info)
        if info.filename in names:
            raise WrongFile("doubled", info.filename)
        names.add(info.filename)
    if MANIFEST not in names:
        raise WrongFile("no_manifest")
    unpacked = sum(info.file_size for info in found)
    # Entries that share their bytes come to more than the whole file.
    if unpacked > size * MOST_UNPACKED + ALWAYS_ALLOWED_BYTES or sum(i.compress_size for i in found) > size:
        raise WrongFile("bomb", f"{unpacked} bytes out of {size}")


def _check_entry(info: Any) -> None:
    # orig_filename: the library itself cuts a name at a NUL.
    if not _NAME.fullmatch(info.orig_filename) or stat.S_ISLNK(info.external_attr >> 16):
        raise WrongFile("foreign_name", repr(info.orig_filename[:100]))
    if info.flag_bits & 0x1 or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise WrongFile("encrypted", info.filename)
