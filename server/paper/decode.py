"""From a file of any kind to the pixels of one of its pages, upright, and no larger than is of use."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageOps

from server.paper.found import Unusable

Pixels = NDArray[np.uint8]

LONGEST_SIDE = 4600  # px: a sheet that fills half of a picture's width still has 200 dpi
POINTS_PER_INCH, LEAST_DPI, MOST_DPI = 72, 150, 300
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
# What the decoders say of a file that begins well and goes on badly.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    pypdfium2.PdfiumError,
)

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # pixels were counted when the file came in, by the deployment's own limit


def picture(path: Path, kind: str, number: int, *, turned: int = 0) -> Pixels:
    """Page ``number`` (from 0) of a file as (height, width, 3) RGB: as the camera was held, then ``turned`` clockwise.

    Raises Unusable("damaged").
    """
    try:
        page = _of_pdf(path, number) if kind == "pdf" else _of_picture(path, number)
    except _DAMAGE:
        raise Unusable("damaged") from None
    return page if turned == 0 else np.asarray(cv2.rotate(page, _TURNS[turned]), np.uint8)


def grey_picture(path: Path) -> Pixels:
    """A grey picture that we wrote ourselves, as (height, width)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"), np.uint8)


def _of_picture(path: Path, number: int) -> Pixels:
    with Image.open(path) as image:
        if number:
            image.seek(number)
        image.draft("RGB", _reduced(image.size))  # JPEG: an eighth of the memory of what would be thrown away
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return np.asarray(_on_white(_fitting(image)), np.uint8)


def _reduced(size: tuple[int, int]) -> tuple[int, int]:
    share = min(1.0, LONGEST_SIDE / max(size))
    return math.ceil(size[0] * share), math.ceil(size[1] * share)


def _fitting(image: Image.Image) -> Image.Image:
    if max(image.size) <= LONGEST_SIDE:
        return image
    # A copy of the whole is made only where its kind of pixels can't be made smaller.
    plain = image if image.mode in ("L", "RGB", "RGBA", "CMYK") else _on_white(image)
    return plain.resize(_reduced(plain.size), Image.Resampling.BOX, reducing_gap=2.0)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 bits a pixel: the upper eight are the picture
        values = np.asarray(image, np.float32)
        return Image.fromarray((values / max(float(values.max()), 1.0) * 255).astype(np.uint8)).convert("RGB")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def _of_pdf(path: Path, number: int) -> Pixels:
    with pypdfium2.PdfDocument(path) as pdf:
        page = pdf[number]
        longest = max(page.get_size()) / POINTS_PER_INCH
        dpi = min(max(_scanned_at(page), LEAST_DPI), MOST_DPI, LONGEST_SIDE / longest)
        shown = page.render(scale=dpi / POINTS_PER_INCH, may_draw_forms=False, rev_byteorder=True)
        pixels = shown.to_numpy()
        return np.ascontiguousarray(
            cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else pixels[:, :, :3]
        )


def _scanned_at(page: Any) -> float:
    """The resolution of the largest picture on a page: a scan gains nothing by being drawn larger than it is."""
    found = [
        image.get_metadata()
        for image in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    ]
    largest = max(found, key=lambda image: image.width * image.height, default=None)
    if largest is None:
        return MOST_DPI
    return max(float(largest.horizontal_dpi), float(largest.vertical_dpi))
