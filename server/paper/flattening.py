"""Pulls a bent sheet flat: where each point of the flat page lies in the photograph, and the page from there."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from server.paper.levelling import NEAR, level, quarter_turns, shift_at
from server.paper.outline import SIDE_SAMPLES, Floats, Pixels, square_to
from server.paper.sheet import Sheet

GRID = 16  # px of the page from one point that is computed to the next
DRAFT_WIDTH = 800  # px of the copy in which the writing is followed
HEM = 0.003  # of the sheet: its outermost rim is not trusted to be paper


@dataclass(slots=True)
class Warp:
    """From points of the flat page to points of the picture, both in shares of width and height: first the writing is
    levelled (``surfaces``) and its upright strokes brought back by the same ``lean`` (in widths a height), then the
    page ``turned`` by quarters clockwise, then laid onto the ``sheet``.
    """

    sheet: Sheet | None
    turned: int = 0
    lean: float = 0.0
    surfaces: list[Floats] = field(default_factory=list)

    def at(self, across: Floats, down: Floats) -> tuple[Floats, Floats]:
        """The places in the picture of points of the page."""
        for surface in reversed(self.surfaces):
            down = down + shift_at(surface, across, down)
        across = across - self.lean * (down - 0.5)
        for _ in range(self.turned):
            across, down = down, 1 - across
        return (across, down) if self.sheet is None else _on_sheet(self.sheet, across, down)


def follow(picture: Pixels, sheet: Sheet | None, shape: float) -> Warp:
    """The warp that makes the page flat and its writing level and upright; ``shape`` is the sheet's height for its
    width as it lies in the picture.
    """
    warp = Warp(sheet)
    draft = pull(picture, warp, _draft_size(shape))
    warp.turned = quarter_turns(draft)
    if warp.turned % 2:
        shape = 1 / shape
    if warp.turned:
        draft = pull(picture, warp, _draft_size(shape))
    for nth in range(len(NEAR)):
        surface = level(draft, nth)
        if surface is None:
            break
        warp.surfaces.append(surface)
        if sheet is None or sheet.framed:  # nothing but the writing tells how far the page is turned
            warp.lean += _slope(surface) * shape**2
        if nth + 1 < len(NEAR):
            draft = pull(picture, warp, _draft_size(shape))
    return warp


def _slope(surface: Floats) -> float:
    """How far the writing of a page falls from its left side to its right, in shares of the height."""
    down = np.linspace(0.1, 0.9, 9)
    return float((shift_at(surface, np.ones(9), down) - shift_at(surface, np.zeros(9), down)).mean())


def pull(picture: Pixels, warp: Warp, size: tuple[int, int], between: int = cv2.INTER_LINEAR) -> Pixels:
    """The flat page of ``size`` (width, height) taken from a picture, each pixel interpolated once."""
    width, height = size
    steps = [-(-side // GRID) + 2 for side in size]
    across, down = ((np.arange(count) - 0.5) * GRID / side for count, side in zip(steps, size, strict=True))
    maps = []
    for shares, side in zip(warp.at(*np.meshgrid(across, down)), picture.shape[1::-1], strict=True):
        coarse = (shares * side - 0.5).astype(np.float32)
        fine = cv2.resize(coarse, [count * GRID for count in steps], interpolation=cv2.INTER_LINEAR)
        maps.append(fine[GRID : GRID + height, GRID : GRID + width])
    pulled = cv2.remap(picture, maps[0], maps[1], between, borderMode=cv2.BORDER_REPLICATE)
    return pulled.astype(np.uint8, copy=False)


def _draft_size(shape: float) -> tuple[int, int]:
    return DRAFT_WIDTH, min(max(round(DRAFT_WIDTH * shape), 2 * GRID), 3 * DRAFT_WIDTH)


def _on_sheet(sheet: Sheet, across: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Points of a sheet spanned between its four bent sides (Coons), seen as the camera saw it."""
    knots = np.linspace(0, 1, SIDE_SAMPLES)
    top, right, bottom, left = sheet.bends
    u, v = np.clip(across, HEM, 1 - HEM), np.clip(down, HEM, 1 - HEM)
    x = u + (1 - u) * np.interp(v, knots, left) + u * np.interp(v, knots, right)
    y = v + (1 - v) * np.interp(u, knots, top) + v * np.interp(u, knots, bottom)
    h = square_to(sheet.corners)
    depth = h[2, 0] * x + h[2, 1] * y + h[2, 2]
    return (h[0, 0] * x + h[0, 1] * y + h[0, 2]) / depth, (h[1, 0] * x + h[1, 1] * y + h[1, 2]) / depth
