"""The pictures of a cleaned page: one for people, one for reading, one small. None carries anything but pixels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from server.paper.decode import Pixels

# For people, at twice its size on a screen still sharp: 200 dpi of A4; measured 160 to 250 KB a page.
COLOUR_SIDE, COLOUR_QUALITY, COLOUR_BYTES = 2339, 65, 400_000
LESS_QUALITY = (50, 35, 20)
THUMB_SIDE, THUMB_QUALITY = 320, 60
# Of grey. Measured on five photographed pages: as many letters wrong as with 256 levels (0.25 to 0.44 %, pale writing
# 3.9 for 4.6 %), in 34 to 39 % of the room.
LEVELS = 16
_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def save(page: Pixels, colour: Pixels, shown: Path, grey: Path, thumb: Path) -> None:
    """Write ``page`` (H, W) as PNG to ``grey``, and ``colour`` (H, W, 3) as WebP to ``shown`` and, small, ``thumb``."""
    _save_colour(Image.fromarray(_fitting(colour, COLOUR_SIDE)), shown)
    _save_grey(page, grey)
    small(colour, thumb)


def small(colour: Pixels, thumb: Path) -> None:
    """Write ``colour`` (H, W, 3) as a small WebP to ``thumb``."""
    Image.fromarray(_fitting(colour, THUMB_SIDE)).save(thumb, "WEBP", quality=THUMB_QUALITY, method=4)


def turned(path: Path, degrees: int) -> None:
    """Turn a picture written by save() where it lies, clockwise by 90, 180 or 270."""
    with Image.open(path) as image:
        image.load()
        around = image.transpose(_TURNS[degrees])
    if path.suffix == ".png":
        _save_grey(np.asarray(around.convert("L"), np.uint8), path)
    else:
        around.save(path, "WEBP", quality=COLOUR_QUALITY, method=2)


def _fitting(pixels: Pixels, longest: int) -> Pixels:
    share = longest / max(pixels.shape[:2])
    if share >= 1:
        return pixels
    size = [max(1, round(side * share)) for side in pixels.shape[1::-1]]
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _save_colour(image: Image.Image, path: Path) -> None:
    for quality in (COLOUR_QUALITY, *LESS_QUALITY):
        image.save(path, "WEBP", quality=quality, method=2)
        if path.stat().st_size <= COLOUR_BYTES:
            return


def _save_grey(page: Pixels, path: Path) -> None:
    step = 255 // (LEVELS - 1)
    image = Image.fromarray(((page.astype(np.uint16) + step // 2) // step).astype(np.uint8), "P")
    image.putpalette([level * step for level in range(LEVELS) for _ in range(3)])
    image.save(path, "PNG", bits=4, compress_level=4)  # a third of the time that level 6 takes, and no larger
