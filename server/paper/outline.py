"""The outline of a sheet: its corners and the course of its sides."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]

SIDE_SAMPLES = 41  # places along a side where its bend is told
BEND_TERMS = 5  # of the polynomial a side follows
BEND_SLACK = 0.003  # of the sheet: points farther than this from a side's smooth course count little
MOST_BEND = 0.08  # of the sheet: a curl bends its sides less than this
FRAME = 4  # px: an outline this near to the picture's frame is not the sheet's own
LEAST_OWN = 0.8  # share of a side that must lie inside the frame for its bend to be believed
MOST_POINTS = 18  # of the outline, among which the corners are chosen


def outline_of(mask: Pixels) -> Floats | None:
    """Every pixel (N, 2) of the outline of a mask's largest part."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    largest = max(outlines, key=cv2.contourArea)
    return largest[:, 0, :].astype(np.float32) if len(largest) > 8 else None


def corners_of(outline: Floats) -> Floats:
    """The four points of the outline that span the largest area: the corners, be the sides bent or not."""
    hull = cv2.convexHull(outline.astype(np.float32))
    slack = 0.002 * cv2.arcLength(hull, True)
    while len(points := cv2.approxPolyDP(hull, slack, True)[:, 0, :]) > MOST_POINTS:
        slack *= 1.3
    if len(points) < 4:
        points = cv2.boxPoints(cv2.minAreaRect(outline.astype(np.float32)))
    fours = points[np.array(list(combinations(range(len(points)), 4)))]
    x, y = fours[..., 0], fours[..., 1]
    areas = np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(axis=1))
    return clockwise(fours[areas.argmax()].astype(np.float32))


def clockwise(corners: Floats) -> Floats:
    """Corners from the upper left one clockwise."""
    across, down = (corners - corners.mean(axis=0)).T
    turned = corners[np.argsort(np.arctan2(down, across))]
    return np.roll(turned, -int(turned.sum(axis=1).argmin()), axis=0)


def square_to(corners: Floats) -> Floats:
    """The homography (3, 3) from the unit square to four corners."""
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(unit, corners.astype(np.float32)), np.float64)


def inside_frame(outline: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which points of an outline are not the picture's own frame."""
    x, y = outline.T
    inside: NDArray[np.bool_] = (x >= FRAME) & (y >= FRAME) & (x < shape[1] - FRAME) & (y < shape[0] - FRAME)
    return inside


def filled(outline: Floats, shape: tuple[int, ...]) -> Pixels:
    """A mask of what an outline encloses."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255)
    return mask


def bends_of(outline: Floats, inside: NDArray[np.bool_], corners: Floats) -> tuple[Floats, bool]:
    """How the four sides bend (4, SIDE_SAMPLES), and whether one runs along the picture's frame.

    With a side that is not the sheet's own, the corners are not either: then all sides are taken as straight.
    """
    flat = cv2.perspectiveTransform(outline[None], np.linalg.inv(square_to(corners)))[0]
    x, y = flat.T.astype(np.float64)
    nearest = np.abs(np.stack([y, 1 - x, 1 - y, x])).argmin(axis=0)
    bends = np.zeros((4, SIDE_SAMPLES), np.float32)
    for side, (along, across) in enumerate([(x, y), (y, x - 1), (x, y - 1), (y, x)]):
        mine = (nearest == side) & (along > 0) & (along < 1)
        if not mine.any() or inside[mine].mean() < LEAST_OWN:
            return np.zeros_like(bends), True
        bends[side] = _bend(along[mine & inside], across[mine & inside])
    return bends, False


def _bend(along: Floats, across: Floats) -> Floats:
    """The smooth course of one side: a polynomial that is 0 at both corners, deaf to dents (a thumb, a clip)."""
    columns, weights = _basis(along), np.ones_like(along)
    stiff = 1e-6 * len(along) * np.eye(BEND_TERMS)
    for _ in range(6):
        solved = np.linalg.solve((columns.T * weights) @ columns + stiff, (columns.T * weights) @ across)
        weights = 1 / (1 + ((across - columns @ solved) / BEND_SLACK) ** 2)
    return np.clip(_basis(np.linspace(0, 1, SIDE_SAMPLES)) @ solved, -MOST_BEND, MOST_BEND)


def _basis(at: Floats) -> Floats:
    return np.stack([at * (1 - at) * (2 * at - 1) ** power for power in range(BEND_TERMS)], axis=-1)


def disc(size: int) -> Pixels:
    """A round brush of so many px."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size | 1, size | 1)).astype(np.uint8)


def square(size: int) -> Pixels:
    """A square brush of so many px: for large ones, many times faster than a round one."""
    return np.ones((size | 1, size | 1), np.uint8)
