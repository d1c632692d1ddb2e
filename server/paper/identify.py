"""What a file is, found from its content alone: headers first, and pixels only where nothing else tells of damage.

Runs in a child process with limits. Neither the name nor the headers of an upload come here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image

from server.paper import pdf_content
from server.paper.found import Found, Sizes, Unusable

PAGES, PIXELS = 60, 60_000_000

# Brands of HEIF files whose pictures are HEVC, or whose pictures' kind is asked of the library.
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_STRIPS, _TILES = (273, 279), (324, 325)


def identify(path: Path, *, pages: int = PAGES, pixels: int = PIXELS) -> Found:
    """The kind and the pages of a file, at most ``pages`` of them with at most ``pixels`` each. Raises Unusable."""
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise Unusable("empty")
    kind = _kind(head)
    # Its own limit is a warning or an error by turns; ours is asked here, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    try:
        sizes = _READERS[kind](path, pages, pixels)
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        EOFError,
        struct.error,
    ) as error:
        raise Unusable("damaged") from error
    return Found(kind, len(sizes), sizes)


def _kind(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "tiff"
    if head.startswith(b"%PDF-"):
        return "pdf"
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), _box(head)), 4))}
    if head[4:8] == b"ftyp" and brands & _HEIC_BRANDS and b"avif" not in brands:
        return "heic"
    raise Unusable("not_a_scan")


def _box(head: bytes) -> int:
    return int.from_bytes(head[:4], "big")


def _check(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    width, height = size
    if width < 1 or height < 1:
        raise Unusable("damaged")
    if width * height > pixels:
        raise Unusable("too_many_pixels")
    return width, height


def _jpeg(path: Path, _: int, pixels: int) -> Sizes:
    # Photos carry further pictures behind the first (depth, a video's frame): the first is the page.
    with Image.open(path, formats=["JPEG"]) as image:
        size = _check(image.size, pixels)
        # Reads all of the data and unfolds an eighth of it: a picture that was cut off is found, and cheaply.
        image.draft(image.mode, (size[0] // 8 + 1, size[1] // 8 + 1))
        image.load()
    return (size,)


def _png(path: Path, _: int, pixels: int) -> Sizes:
    with Image.open(path, formats=["PNG"]) as image:
        size = _check(image.size, pixels)
        image.verify()  # every chunk and its sum to the end, nothing unfolded
    return (size,)


def _webp(path: Path, _: int, pixels: int) -> Sizes:
    # By hand: the library makes room for the whole picture when it opens it.
    with path.open("rb") as file:
        head = file.read(30)
    if int.from_bytes(head[4:8], "little") + 8 > path.stat().st_size:
        raise Unusable("damaged")
    size = _check(_webp_size(head), pixels)
    with Image.open(path, formats=["WEBP"]) as image:
        if image.size != size:
            raise Unusable("damaged")
        image.load()
    return (size,)


def _webp_size(head: bytes) -> tuple[int, int]:
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        packed = int.from_bytes(head[21:25], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _heic(path: Path, _: int, pixels: int) -> Sizes:
    _check_boxes(path)
    opened: Any = pillow_heif.open_heif(path, convert_hdr_to_8bit=False)
    return (_check(opened[opened.primary_index].size, pixels),)


def _check_boxes(path: Path) -> None:
    """The boxes of the file must fill it: one that reaches beyond the end was cut off."""
    end, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at < end:
            file.seek(at)
            head = file.read(16)
            length = _box(head)
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            elif length == 0:
                return  # to the end of the file
            if length < 8 or at + length > end:
                raise Unusable("damaged")
            at += length


def _tiff(path: Path, pages: int, pixels: int) -> Sizes:
    end, sizes = path.stat().st_size, list[tuple[int, int]]()
    with Image.open(path, formats=["TIFF"]) as image:
        for number in range(pages + 1):
            try:
                image.seek(number)
            except EOFError:
                return tuple(sizes)
            sizes.append(_check(image.size, pixels))
            _check_strips(image, end)
    raise Unusable("too_many_pages")


def _check_strips(image: Any, end: int) -> None:
    for offsets, counts in (_STRIPS, _TILES):
        starts, lengths = image.tag_v2.get(offsets), image.tag_v2.get(counts)
        if starts and lengths:
            if any(start + length > end for start, length in zip(starts, lengths, strict=True)):
                raise Unusable("damaged")
            return
    raise Unusable("damaged")


_READERS: dict[str, Callable[[Path, int, int], Sizes]] = {
    "jpeg": _jpeg, "png": _png, "webp": _webp, "heic": _heic, "tiff": _tiff, "pdf": pdf_content.sizes,
}  # fmt: skip
