"""The photographs of the fixtures, cleaned once for all tests, and sheets drawn and photographed by the tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageOps

from server.paper.cleaning import Cleaned, clean
from server.paper.outline import Floats, Pixels

pillow_heif.register_heif_opener()

MINUTES = Path(__file__).parents[1] / "fixtures" / "minutes"
UNREADABLE = "20261003_211517"
TWO_SHOTS = "IMG20260804201633", "IMG20260804201641"
PAGES = {  # stem of a photograph: the page it shows
    "20261003_211502": "a1-to-dan-pho-7/page-1",
    "20261003_211517": "a1-to-dan-pho-7/page-2",
    "20261003_211531": "a1-to-dan-pho-7/page-3",
    "IMG_4127": "a2-lang-kep/page-1",
    "IMG_4128": "a2-lang-kep/page-2",
    "IMG_4129": "a2-lang-kep/page-3",
    "IMG20260804201633": "a4-khu-pho-12/page-1",
    "IMG20260804201641": "a4-khu-pho-12/page-1",
    "IMG20260804201702": "a4-khu-pho-12/page-2",
    "IMG_20260603_211208": "a5-viet-tay/page-1",
    "IMG_20260603_211221": "a5-viet-tay/page-2",
}
RULES = tuple(range(300, 2100, 200))  # px down the drawn page: where its thin level lines lie
LIT = 235, 230, 222  # paper as a camera sees it


def photograph(stem: str) -> Pixels:
    """A photograph of the fixtures, upright."""
    found = next(MINUTES.glob(f"*/{stem}.*"))
    with Image.open(found) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"), np.uint8)


@cache
def cleaned(stem: str) -> Cleaned:
    """The same, cleaned with nobody pointing anything out."""
    return clean(photograph(stem))


def drawn_page(lines: int = 40) -> Pixels:
    """An A4 of 200 dpi in RGB: lines of letters, and between them level rules from margin to margin."""
    page = np.full((2339, 1654, 3), LIT, np.uint8)
    for line in range(lines):
        if any(abs(245 + 45 * line - y) < 62 for y in RULES):
            continue
        words = " ".join(f"{(line * 7919 + word * 104729) % 46649:x}tho" for word in range(7 + line % 3))
        cv2.putText(page, words[:62], (220, 260 + 45 * line), cv2.FONT_HERSHEY_DUPLEX, 1.0, (40, 40, 45), 2)
    for y in RULES:
        page[y : y + 4, 200:1454] = 20
    return page


def bent(page: Pixels, curl: float, corners: Floats, table: tuple[int, int, int] = (120, 80, 45)) -> Pixels:
    """A photograph 1500 x 2000 of a page on a table, its middle bulging by ``curl`` of its height towards the top."""
    wide, high = 1500, 2000
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    back = cv2.getPerspectiveTransform((corners * [wide, high]).astype(np.float32), unit)
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    u, v = np.moveaxis(cv2.perspectiveTransform(np.stack([x, y], axis=-1), back), -1, 0)
    v = v + curl * np.sin(np.pi * np.clip(u, 0, 1)) * (1 - 0.4 * v)
    taken = cv2.remap(page, u * page.shape[1] - 0.5, v * page.shape[0] - 0.5, cv2.INTER_AREA)
    on_table = (u < 0) | (u > 1) | (v < 0) | (v > 1)
    taken[on_table] = table
    noise = np.random.default_rng(7).normal(0, 3, taken.shape)
    return np.clip(cv2.GaussianBlur(taken, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8)


def unevenness(page: Pixels) -> float:
    """By how many px the worst of the drawn rules climbs and falls across a grey page."""
    places = range(260, 1400, 60)
    columns = [cv2.blur(page[:, at - 4 : at + 5], (9, 3)).mean(axis=1) for at in places]
    found = [[int(column[y - 36 : y + 40].argmin()) for column in columns] for y in RULES]
    return float(np.ptp(found, axis=1).max())
