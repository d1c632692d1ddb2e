"""Finds the sheet of paper in a photograph: its four corners, and how its sides bend away from straight lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from server.paper.outline import (
    SIDE_SAMPLES,
    Floats,
    Pixels,
    bends_of,
    clockwise,
    corners_of,
    disc,
    filled,
    inside_frame,
    outline_of,
    square,
)

SEARCH_SIDE = 800  # px of the long side of the copy in which the sheet is looked for
TEXT_GAP = 15  # px of that copy: dark strokes narrower than this are writing, not the table
LEAST_AREA = 0.12  # of the picture: anything smaller is not the page that was meant
LEAST_FIT = 0.86  # of the outline's quadrilateral that the sheet fills, and the other way round
LEAST_SEEN = 0.25  # of the outline that lies inside the picture; else the sheet fills it
LEAST_STEP = 6  # grey levels from the table up to the paper, over STEP px
STEP, SLOPE = 5, 25  # px: an edge of paper rises at once, a shadow's slowly
LEAST_ABRUPT = 0.45  # share of the rise over SLOPE that an edge of paper has over STEP
CLEAR_EDGE = 0.97  # nothing better need be looked for
LEAST_EDGE = 0.85  # share of the outline inside the picture that shows such a step


class Sheet(NamedTuple):
    """A sheet: ``corners`` (4, 2) from the upper left clockwise, in shares of the picture's width and height;
    ``bends`` (4, SIDE_SAMPLES) of the sides top, right, bottom, left: how far each runs below (right of) the straight
    line between its corners, in shares of the flat sheet; ``framed``: a side runs along the picture's frame.
    """

    corners: Floats
    bends: Floats
    framed: bool


def find_sheet(picture: Pixels) -> Sheet | None:
    """The sheet in an RGB picture; None where it fills the picture or no outline stands out."""
    paper = _paperness(picture)
    best, found = 0.0, None
    for mask in _masks(paper):
        edge, area, sheet = _judge(mask, paper)
        if edge * area > best:
            best, found = edge * area, sheet
        if edge >= CLEAR_EDGE:
            break
    return found


def pointed_sheet(corners: Floats) -> Sheet:
    """A sheet whose corners somebody has pointed out, with straight sides."""
    return Sheet(clockwise(corners.astype(np.float32)), np.zeros((4, SIDE_SAMPLES), np.float32), False)


def _paperness(picture: Pixels) -> Pixels:
    """A small copy without writing: paper is bright in its weakest colour too, tables seldom are."""
    scale = SEARCH_SIDE / max(picture.shape[:2])
    size = [max(round(side * scale), 8) for side in picture.shape[1::-1]]
    small: Pixels = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    bare = cv2.morphologyEx(small.min(axis=2), cv2.MORPH_CLOSE, disc(TEXT_GAP))
    return cv2.medianBlur(bare, 5).astype(np.uint8)


def _masks(paper: Pixels) -> Iterator[Pixels]:
    """What could be the sheet: the bright part; the basin around that up to its sharpest rim, which holds where a soft
    shadow makes part of the sheet as dark as the table; and the basin around the picture's middle, for a table as
    bright as the sheet.
    """
    bright = cv2.threshold(paper, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1].astype(np.uint8)
    yield bright
    core = cv2.erode(_largest(bright), square(4 * TEXT_GAP), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    frame = np.ones(paper.shape, bool)
    frame[3:-3, 3:-3] = False
    rim = cv2.morphologyEx(paper, cv2.MORPH_GRADIENT, disc(3)).astype(np.uint8)
    yield _basin(rim, core > 0, frame & (bright == 0))
    middle, (height, width) = np.zeros(paper.shape, bool), paper.shape
    middle[height // 3 : -height // 3, width // 3 : -width // 3] = True
    yield _basin(rim, middle, frame)


def _basin(rim: Pixels, within: NDArray[np.bool_], without: NDArray[np.bool_]) -> Pixels:
    markers = np.where(within, 1, np.where(without, 2, 0)).astype(np.int32)
    cv2.watershed(cv2.merge([rim, rim, rim]), markers)
    return np.where(markers == 1, 255, 0).astype(np.uint8)


def _largest(mask: Pixels) -> Pixels:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count == 1:
        return mask
    return np.where(labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax(), 255, 0).astype(np.uint8)


def _judge(mask: Pixels, paper: Pixels) -> tuple[float, int, Sheet | None]:
    """The sheet a mask shows, the share of its outline that is an edge of paper, and its area in px²."""
    nothing = 0.0, 0, None
    outline = outline_of(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc(TEXT_GAP)).astype(np.uint8))
    if outline is None:
        return nothing
    corners, inside = corners_of(outline), inside_frame(outline, mask.shape)
    quad, sheet = filled(corners, mask.shape), filled(outline, mask.shape)
    area = cv2.countNonZero(sheet)
    fit = cv2.countNonZero(cv2.bitwise_and(quad, sheet)) / max(cv2.countNonZero(quad), area)
    if area < LEAST_AREA * mask.size or fit < LEAST_FIT or inside.mean() < LEAST_SEEN:
        return nothing
    edge = _edge(outline[inside], sheet, paper)
    if edge < LEAST_EDGE:
        return nothing
    bends, framed = bends_of(outline, inside, corners)
    shares: Floats = np.asarray((corners + 0.5) / np.array(mask.shape[::-1]), np.float32)
    return edge, area, Sheet(shares, bends, framed)


def _edge(outline: Floats, sheet: Pixels, paper: Pixels) -> float:
    """Share of the outline across which the picture rises to the paper, as abruptly as at an edge."""
    x, y = outline.astype(np.intp).T
    within = np.where(sheet > 0, paper, 0).astype(np.uint8)
    step, slope = (
        (cv2.dilate(within, square(width)).astype(np.int16) - cv2.erode(paper, square(width)))[y, x]
        for width in (STEP, SLOPE)
    )
    return float(((step >= LEAST_STEP) & (step >= LEAST_ABRUPT * slope)).mean())
