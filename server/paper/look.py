"""What a page looks like, in 256 bits: to notice that the same page was photographed twice."""

from __future__ import annotations

import cv2
import numpy as np

from server.paper.outline import Floats, Pixels

ALIKE_BITS = 60  # two looks that differ in fewer bits show the same page
DRAFT = (414, 585)  # px, an A4 at 50 dpi
RIM = 6  # px of the draft that are not looked at: a sheet's edge is never cut twice in the same place
INK = 200  # grey level on an evened page
# Share of the ink outside the type area, on each side. A page of few lines has so little ink that at 0.003 a speck or
# a piece of a rule told where the area ends, and 36 of 271 pairs of shots of one page (the phone's cut, corners 0.6 to
# 2 % off, softer) were not alike; at 0.02 it is 1, and no two other pages differ in fewer than 84 bits.
STRAY = 0.02
WAVES = 16  # across and down
BARE = (WAVES * WAVES // 4) * "0"  # the look of a page without writing


def look(page: Pixels) -> str:
    """The look of an evened page, 64 hex digits: how its ink is spread over its type area, in coarse waves.

    Only the type area counts, so it does not matter how much margin a photograph has kept.
    """
    dark = cv2.resize(page, DRAFT, interpolation=cv2.INTER_AREA) < INK
    ink = _writing(np.asarray(dark, np.uint8)).astype(np.float32)
    (top, bottom), (left, right) = _extent(ink.sum(axis=1)), _extent(ink.sum(axis=0))
    typed = cv2.resize(ink[top:bottom, left:right], (4 * WAVES, 4 * WAVES), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(typed)[: WAVES + 1, :WAVES].ravel()[1 : WAVES * WAVES + 1]
    return np.packbits(waves > np.median(waves)).tobytes().hex()


def unlike(one: str, other: str) -> int:
    """In how many bits two looks differ: 0..256."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def alike(one: str, other: str) -> bool:
    """Whether two looks are of the same page; pages without writing are like no other."""
    return BARE not in (one, other) and unlike(one, other) < ALIKE_BITS


def _writing(dark: Pixels) -> Pixels:
    """What of the dark is writing, within the rim; what runs out over it is table that came along, no writing."""
    _, parts = cv2.connectedComponents(dark)
    inner = parts[RIM:-RIM, RIM:-RIM].copy()
    parts[RIM:-RIM, RIM:-RIM] = 0
    return ((inner > 0) & ~np.isin(inner, np.unique(parts))).astype(np.uint8)


def _extent(ink: Floats) -> tuple[int, int]:
    """From where to where there is ink, but for stray specks."""
    share = np.cumsum(ink) / max(float(ink.sum()), 1.0)
    first, last = np.searchsorted(share, (STRAY, 1 - STRAY))
    return int(min(first, len(ink) - 1)), int(min(last, len(ink) - 1)) + 1
