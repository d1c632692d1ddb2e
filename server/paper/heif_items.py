"""HEIC without what is not picture: its Exif, XMP and other texts are overwritten with zeros where they stand.

The pictures keep their bytes and their places; taking the texts out would move them, and unfolding and folding them
again would cost their sharpness.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# Boxes of the file that make up its pictures; others are emptied. Items that are texts.
_KEPT = frozenset((b"ftyp", b"meta", b"mdat"))
_TEXTS = frozenset((b"Exif", b"mime", b"uri "))
# Exif data with nothing in it: programs that look for some must not stumble over zeros.
_NOTHING = b"\0\0\0\0MM\0*\0\0\0\x08" + bytes(6)
_IN_FILE, _IN_BOX = 0, 1


@dataclass
class _Reader:
    """A place in the bytes of a box."""

    data: bytes | bytearray
    at: int

    def number(self, size: int) -> int:
        """The next ``size`` bytes as a number; 0 for no bytes."""
        self.at += size
        if self.at > len(self.data):
            raise ValueError("a box ends too early")
        return int.from_bytes(self.data[self.at - size : self.at], "big")

    def word(self) -> bytes:
        """The next four letters."""
        self.at += 4
        return bytes(self.data[self.at - 4 : self.at])


def heic(data: bytes) -> bytes:
    """The same pictures, no texts. Raises ValueError for what can't be followed."""
    made = bytearray(data)
    for kind, start, body, end in _boxes(data, 0, len(data)):
        if kind == b"meta":
            _empty_items(made, body + 4, end)
        elif kind not in _KEPT:
            made[start + 4 : start + 8] = b"free"
            made[body:end] = bytes(end - body)
    return bytes(made)


def _boxes(data: bytes | bytearray, at: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """(kind, start, start of the body, end) of each box between two places."""
    while at + 8 <= end:
        reader = _Reader(data, at)
        length, kind = reader.number(4), reader.word()
        if length == 1:
            length = reader.number(8)
        elif length == 0:
            length = end - at
        if length < reader.at - at or at + length > end:
            raise ValueError("a box reaches beyond its end")
        yield kind, at, reader.at, at + length
        at += length


def _empty_items(made: bytearray, start: int, end: int) -> None:
    inner = {kind: (body, stop) for kind, _, body, stop in _boxes(made, start, end)}
    texts = dict(_items(made, *inner[b"iinf"])) if b"iinf" in inner else {}
    if not texts or b"iloc" not in inner:
        return
    stored = inner.get(b"idat", (0, 0))
    for item, method, offset, length in [*_extents(made, inner[b"iloc"][0])]:
        if item not in texts:
            continue
        if method not in (_IN_FILE, _IN_BOX) or not length:
            raise ValueError("a text that is stored in a way we do not know")
        first = offset + (stored[0] if method == _IN_BOX else 0)
        if first + length > (stored[1] if method == _IN_BOX else len(made)):
            raise ValueError("a text beyond the end")
        nothing = _NOTHING if texts[item] == b"Exif" and length >= len(_NOTHING) else b""
        made[first : first + length] = nothing + bytes(length - len(nothing))


def _items(data: bytearray, body: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The items that are texts: number and kind."""
    version = data[body]
    reader = _Reader(data, body + 4)
    reader.number(2 if version == 0 else 4)
    for kind, _, inner, _ in _boxes(data, reader.at, end):
        if kind == b"infe" and data[inner] >= 2:
            entry = _Reader(data, inner + 4)
            item = entry.number(2 if data[inner] == 2 else 4)
            entry.number(2)
            if (what := entry.word()) in _TEXTS:
                yield item, what


def _extents(data: bytearray, body: int) -> Iterator[tuple[int, int, int, int]]:
    """(item, how it is stored, offset, length) of each piece of each item."""
    version = data[body]
    reader = _Reader(data, body + 4)
    sizes = reader.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(reader.number(2 if version < 2 else 4)):
        item = reader.number(2 if version < 2 else 4)
        method = reader.number(2) & 15 if version else _IN_FILE
        reader.number(2)
        base = reader.number(base_size)
        for _ in range(reader.number(2)):
            reader.number(index_size if version else 0)
            offset = reader.number(offset_size)
            yield item, method, base + offset, reader.number(length_size)
