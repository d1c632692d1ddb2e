"""Evens the light on a page: paper becomes white wherever it lies, writing keeps its strength."""

from __future__ import annotations

import cv2
import numpy as np

from server.paper.outline import Pixels

SHRINK = 8  # the background is estimated on a copy this many times smaller
STROKES = 7  # px of that copy: writing narrower than this is not background
SOFTNESS = 21  # px of that copy: shadows' edges are at least about this soft
WHITE = 248  # what paper becomes in the grey page
NATURAL = 236  # what paper becomes in the colour page
DARKEST = 24  # the darkest background that is still lifted to white


def background(grey: Pixels) -> Pixels:
    """How bright the bare paper is at each pixel of a grey page."""
    size = [max(side // SHRINK, 1) for side in grey.shape[::-1]]
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    stroke = cv2.getStructuringElement(cv2.MORPH_RECT, (STROKES, STROKES))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, stroke)
    calm = cv2.GaussianBlur(cv2.medianBlur(closed, SOFTNESS), (0, 0), 2)
    lifted = cv2.max(calm, np.full_like(calm, DARKEST))
    return cv2.resize(lifted, grey.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def even_grey(grey: Pixels, paper: Pixels) -> Pixels:
    """The grey page with its paper brought to white."""
    return cv2.divide(grey, paper, scale=WHITE).astype(np.uint8, copy=False)


def even_colour(colour: Pixels, paper: Pixels) -> Pixels:
    """The colour page with its shadows lifted; the paper keeps its tint, a stamp its red."""
    return cv2.divide(colour, cv2.merge([paper, paper, paper]), scale=NATURAL).astype(np.uint8, copy=False)
