"""Whether what was read is to be trusted: how sure the reader is, and whether it looks like Vietnamese at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from server.paper.shapes import Word
from server.paper.spelling import likely

Grey = NDArray[np.uint8]

# Measured on pages blurred step by step: at these figures one letter in four is wrong.
LEAST_SURE = 65
LEAST_LIKELY = 0.75  # of the letters stand in words that can be Vietnamese or a figure
BLANK_DARKNESS = 0.01  # of a blank page is darker than its surroundings: dust, a stain
COARSE_DPI = 50  # where the grain of a photograph is gone
MARGIN = 20  # a page's edge, where shadows lie, is one part in so many
GRAIN, DARKER = 31, 10  # px at COARSE_DPI, grey levels: so much darker than its surroundings of this size


def sureness(words: Iterable[Word]) -> int:
    """The mean sureness of words from 0 to 100, weighted by their length; 0 without any."""
    held = list(words)
    letters = sum(len(word.text) for word in held)
    return round(sum(word.sure * len(word.text) for word in held) / letters) if letters else 0


def trusted(words: Sequence[Word]) -> bool:
    """Whether words are sure and likely enough to be shown as what stands on the page; False without any."""
    letters = sum(len(word.text) for word in words)
    sound = sum(len(word.text) for word in words if likely(word.text))
    return letters > 0 and sureness(words) >= LEAST_SURE and sound >= LEAST_LIKELY * letters


def blank(page: Grey, dpi: int) -> bool:
    """Whether nothing stands on a grey page: no text, however blurred, and no pattern of a wall or a table top."""
    scale = COARSE_DPI / dpi
    size = [max(round(side * scale), 1) for side in page.shape[::-1]]
    coarse = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    dark = cv2.adaptiveThreshold(coarse, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, GRAIN, DARKER)
    height, width = dark.shape
    inner = dark[height // MARGIN : height - height // MARGIN, width // MARGIN : width - width // MARGIN]
    return float(inner.mean()) < BLANK_DARKNESS
