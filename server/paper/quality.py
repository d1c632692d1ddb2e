"""What is wrong with a photograph of a page: told at once, while the paper still lies on the table."""

from __future__ import annotations

import cv2
import numpy as np

from server.paper.outline import Pixels

FAULTS = ("blurred", "dark", "glare", "cut_edge")
SHARP_ENOUGH = 0.8  # sharpness below which more than every tenth word is lost
NEAR, FAR = 5, 31  # px at half size, about 100 dpi: over a stroke's edge, over a line of writing
BARE = 20  # grey levels: less contrast than this is a page without writing
DARK = 60  # grey level of the paper
BLOWN = 253  # grey level from which nothing is left to see
GLARE_SHARE = 0.015  # of the page in one blown-out patch, while the rest of the paper is greyer
PAPER_WHITE = 240  # grey level of paper from which it is a scan, where white is no glare
RIM = 0.008  # of the page's width: writing this near to an edge goes on beyond it
RIM_INK = 205  # mean grey level across the rim where a letter of an evened page is cut
LETTER = (5, 45)  # px: a cut letter's height; shorter is dirt
LONGER = 90  # px: no letter; the table is seen at this edge
RUNS = 4  # lines of writing that reach an edge
MOST_INK = 0.45  # share of the rim; more is no writing


def faults(grey: Pixels, paper: Pixels, page: Pixels, sharp: float, *, whole: bool) -> tuple[str, ...]:
    """What a person should be told, of FAULTS: from the flat page before (``grey``) and after (``page``) its light
    was evened, the brightness of its ``paper``, and its sharpness. ``whole``: all its edges are seen in the picture.
    """
    brightness = float(np.median(paper[::8, ::8]))
    blurred = sharp < SHARP_ENOUGH
    glare = brightness < PAPER_WHITE and _blown(grey) > GLARE_SHARE
    found = (blurred, brightness < DARK, glare, not whole and not blurred and _runs_off(page))
    return tuple(name for name, true in zip(FAULTS, found, strict=True) if true)


def sharpness(page: Pixels) -> float:
    """How much of the contrast over a line of writing is already there over a stroke's edge: about 0..1.

    ``page`` is evened, about 200 dpi. A bare one counts as sharp: nothing on it is blurred.
    """
    height, width = page.shape
    inner = page[height // 20 : height - height // 20, width // 20 : width - width // 20]
    size = [max(round(side / 2), 1) for side in inner.shape[::-1]]
    half = cv2.resize(inner, size, interpolation=cv2.INTER_AREA)
    near, far = (_range(half, size)[::3, ::3] for size in (NEAR, FAR))
    strongest = float(np.percentile(far, 99.5))
    if strongest < BARE:
        return 1.0
    written = far > strongest / 2
    return round(float(np.percentile(near[written], 95)) / float(np.median(far[written])), 3)


def _range(page: cv2.typing.MatLike, size: int) -> cv2.typing.MatLike:
    return cv2.morphologyEx(page, cv2.MORPH_GRADIENT, np.ones((size, size), np.uint8))


def _blown(grey: Pixels) -> float:
    """Share of the page in the largest patch without any detail."""
    patches = (grey[::4, ::4] >= BLOWN).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(patches)
    return float(stats[1:, cv2.CC_STAT_AREA].max()) / patches.size if count > 1 else 0.0


def _runs_off(page: Pixels) -> bool:
    """Whether several lines of writing reach one edge of the page."""
    rim = max(round(RIM * page.shape[1]), 2)
    sides = (page[:, :rim], page[:, -rim:], page[:rim].T, page[-rim:].T)
    return any(_cuts_letters(side) for side in sides)


def _cuts_letters(side: Pixels) -> bool:
    cut = (side.mean(axis=1) < RIM_INK).astype(np.int8)
    starts, ends = (np.flatnonzero(np.diff(cut, prepend=0, append=0) == way) for way in (1, -1))
    lengths = ends - starts
    letters = (lengths >= LETTER[0]) & (lengths <= LETTER[1])
    return bool(letters.sum() >= RUNS and lengths.max() <= LONGER and cut.mean() < MOST_INK)
