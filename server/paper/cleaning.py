"""From a photograph to a clean page: the sheet found, pulled flat, its light evened, its faults told."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from server.paper.flattening import DRAFT_WIDTH, follow, pull
from server.paper.light import background, even_colour, even_grey, without_stamps
from server.paper.outline import Pixels
from server.paper.quality import faults, sharpness
from server.paper.sheet import Sheet, find_sheet, pointed_sheet

A4 = 297 / 210  # a sheet's height for its width
LIKE_A4 = (1.15, 1.75)  # a photographed sheet whose sides look like this is A4 seen at an angle
PAGE_WIDTH = 1654  # px of the shorter side: 200 dpi of A4
LONGEST = 3 * PAGE_WIDTH  # px of a page of any shape
MOST_ENLARGED = 3.0  # times: a tiny picture does not get clearer
POINTED_AT = 0.03  # of the picture: corners of a person this near to found ones mean the sheet that was found

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean page: ``page`` (H, W) grey on white, without red stamps, ``colour`` (H, W, 3) the same in natural colour
    and with them, ``corners`` of the sheet in the picture (shares of its sides, from the upper left clockwise) or None
    where it fills the picture, ``faults`` among blurred, dark, glare, cut_edge; ``sharpness`` from 0 to about 1.
    """

    page: Pixels
    colour: Pixels
    corners: Corners | None
    faults: tuple[str, ...]
    sharpness: float


def clean(picture: Pixels, *, corners: Corners | None = None) -> Cleaned:
    """The page in an upright RGB picture (H, W, 3), 200 dpi if it is A4; ``corners`` where a person has pointed them
    out, in shares of the picture's sides.
    """
    small = _shrunk(picture)
    sheet = _sheet(small, corners)
    width, height = _extent(picture, sheet)
    warp = follow(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False), sheet, height / width)
    if warp.turned % 2:
        width, height = height, width
    size = _page_size(width, height)
    colour = pull(picture, warp, size, cv2.INTER_CUBIC if size[0] > width else cv2.INTER_LINEAR)
    grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    paper = background(grey)
    page = even_grey(grey, paper)
    sharp = sharpness(page)
    found = faults(grey, paper, page, sharp, whole=sheet is not None and not sheet.framed)
    natural = even_colour(colour, paper)
    return Cleaned(without_stamps(page, natural), natural, _told(sheet), found, sharp)


def _shrunk(picture: Pixels) -> Pixels:
    """A copy no larger than finding the sheet and following the writing need."""
    shrink = min(2 * DRAFT_WIDTH / max(picture.shape[:2]), 1.0)
    size = [max(round(side * shrink), 1) for side in picture.shape[1::-1]]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _sheet(picture: Pixels, corners: Corners | None) -> Sheet | None:
    found = find_sheet(picture)
    if corners is None:
        return found
    pointed = pointed_sheet(np.array(corners, np.float32))
    if found is not None and np.abs(found.corners - pointed.corners).max() < POINTED_AT:
        return found
    return pointed


def _extent(picture: Pixels, sheet: Sheet | None) -> tuple[float, float]:
    """The sheet's width and height in px of the picture, in the shape of A4 where it can be that."""
    height, width = picture.shape[:2]
    if sheet is None:
        return width, height
    points = sheet.corners * np.array([width, height], np.float32)
    top, right, bottom, left = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    across, down = max(float(top + bottom) / 2, 1.0), max(float(left + right) / 2, 1.0)
    if LIKE_A4[0] < down / across < LIKE_A4[1]:
        return across, across * A4
    if LIKE_A4[0] < across / down < LIKE_A4[1]:
        return down * A4, down
    return across, down


def _page_size(width: float, height: float) -> tuple[int, int]:
    """The page's width and height in px."""
    scale = min(PAGE_WIDTH / min(width, height), LONGEST / max(width, height), MOST_ENLARGED)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def _told(sheet: Sheet | None) -> Corners | None:
    return None if sheet is None else tuple((float(x), float(y)) for x, y in sheet.corners)
