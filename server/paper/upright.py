"""Which way up a page is, told by what could be read on it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from server.paper.engine import WHOLE_PAGE, lines_in
from server.paper.shapes import Word
from server.paper.trust import trusted

Grey = NDArray[np.uint8]

TRIAL_SCALE = 0.6  # a page is tried the other way up in this size: it only has to be read somehow
TELLING = 3  # letters; shorter words may be taller than wide when they stand upright


def how_turned(tesseract: Any, page: Grey, words: Sequence[Word], dpi: int) -> int:
    """By how many degrees clockwise a page must be turned to stand upright. An upright page that was read well costs
    nothing; a poor one is read once more, smaller.
    """
    if _lying(words):  # Tesseract reads lines that run down the page, but not those that run up it
        return 270 if trusted(words) else _if_better(tesseract, page, 90, dpi)
    return 0 if trusted(words) or not words else _if_better(tesseract, page, 180, dpi)


def turn(page: Grey, degrees: int) -> Grey:
    """The page turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(page, -degrees // 90))


def _lying(words: Sequence[Word]) -> bool:
    slopes = [word.box.width / max(word.box.height, 1) for word in words if len(word.text) >= TELLING]
    return bool(slopes) and median(slopes) < 1


def _if_better(tesseract: Any, page: Grey, degrees: int, dpi: int) -> int:
    small = cv2.resize(
        turn(page, degrees), None, fx=TRIAL_SCALE, fy=TRIAL_SCALE, interpolation=cv2.INTER_AREA
    )
    found = lines_in(tesseract, np.asarray(small, np.uint8), round(dpi * TRIAL_SCALE), WHOLE_PAGE)
    return degrees if trusted([word for line in found for word in line]) else 0
