"""JPEG, PNG and WebP without what is not picture: their own pieces, copied or left out. Nothing is unfolded.

What follows the end of the picture (a web page, a second photo with a place in it) is left out too.
"""

from __future__ import annotations

import struct
from zlib import crc32

_EOI, _SOS = 0xD9, 0xDA
_JPEG_BARE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length
_PNG = frozenset(
    (
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"sBIT",
        b"pHYs",
        b"bKGD",
    )
)
_WEBP = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF"))
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def jpeg(data: bytes, orientation: bytes = b"") -> bytes:
    """The picture alone; ``orientation``: the Exif data that may stay, with its head. Raises ValueError."""
    made = bytearray(b"\xff\xd8")
    if orientation:
        made += b"\xff\xe1" + struct.pack(">H", len(orientation) + 2) + orientation
    at = 2
    while True:
        if data[at : at + 1] != b"\xff":
            raise ValueError("not a marker")
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == _EOI:
            return bytes(made + b"\xff\xd9")
        end = at + 2 if marker in _JPEG_BARE else at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SOS:
            end = _end_of_scan(data, end)
        made += _kept(marker, data[at:end])
        at = end


def _kept(marker: int, segment: bytes) -> bytes:
    body = segment[4:]
    if marker == 0xE0:  # its resolution, without the small picture that may follow
        known = body.startswith(b"JFIF\0") and len(body) >= 14
        return b"\xff\xe0\x00\x10" + body[:12] + b"\0\0" if known else b""
    if marker == 0xE2:
        return segment if body.startswith(b"ICC_PROFILE\0") else b""
    if marker == 0xEE:
        return segment if body.startswith(b"Adobe") else b""
    return b"" if 0xE0 <= marker <= 0xEF or marker == 0xFE else segment


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands: in a scan's data 0xFF is followed by 0, by more of itself or by a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise ValueError("no end")
        if data[at + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def png(data: bytes, orientation: bytes = b"") -> bytes:
    """The picture alone; ``orientation``: the Exif data that may stay, without its head. Raises ValueError."""
    made, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if kind == b"IDAT" and orientation:
            made += _chunk(b"eXIf", orientation)
            orientation = b""
        if kind in _PNG:
            made += data[at:end]
        if kind == b"IEND":
            return bytes(made)
        at = end
    raise ValueError("no end")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc32(kind + body))


def webp(data: bytes, orientation: bytes = b"") -> bytes:
    """The picture alone; ``orientation``: the Exif data that may stay, without its head. Raises ValueError."""
    most = 8 + int.from_bytes(data[4:8], "little")
    made, at, extended = bytearray(), 12, False
    while at + 8 <= min(most, len(data)):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        piece = bytearray(data[at:end])
        if kind == b"VP8X":
            extended = True
            piece[8] = piece[8] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if orientation else 0)
        if kind in _WEBP:
            made += piece
        at = end
    if not made:
        raise ValueError("no picture")
    if orientation and extended:
        made += b"EXIF" + struct.pack("<I", len(orientation)) + orientation + b"\0" * (len(orientation) % 2)
    return b"RIFF" + struct.pack("<I", len(made) + 4) + b"WEBP" + bytes(made)
