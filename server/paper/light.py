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
RED = 28  # grey levels by which red light outshines green and blue where the ink is red
RED_INK = 190  # how bright red ink is in red light
PATCHES = (8, 12)  # across and down, into which a page is cut to see where it is red
RED_SHARE = 0.004  # of a patch
MOST_RED = 0.4  # of the patches: more is no stamp, it is the writing
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


def without_stamps(page: Pixels, natural: Pixels) -> Pixels:
    """The evened grey ``page`` without what is red on it in ``natural`` colour: a stamp lies over the signature's name,
    and black ink below it is as dark in red light as before. A page written in red is left as it is.
    """
    tints = np.maximum(np.median(natural[::8, ::8].reshape(-1, 3), axis=0), 1)
    scaled = [
        cv2.multiply(channel, np.ones_like(channel), scale=float(NATURAL / tint))
        for channel, tint in zip(cv2.split(natural), tints, strict=True)
    ]
    red = cv2.subtract(scaled[0], cv2.max(scaled[1], scaled[2])) > RED
    spread = cv2.resize(red.astype(np.float32), PATCHES, interpolation=cv2.INTER_AREA) > RED_SHARE
    if spread.mean() > MOST_RED:
        return page
    broad = cv2.dilate(red.astype(np.uint8), np.ones((3, 3), np.uint8))
    lit = cv2.multiply(scaled[0], np.ones_like(page), scale=WHITE / RED_INK)
    lifted = cv2.max(page, cv2.min(lit, np.full_like(page, WHITE)))
    return np.where(broad > 0, lifted, page).astype(np.uint8, copy=False)
