"""Draws minutes as sheets of A4, then as a phone sees them on a table: pixels for the real reader to read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from server.demo.papers import Paper

# A4 at 200 dots an inch, and what a sheet keeps free around its text.
WIDTH, HEIGHT, MARGIN = 1654, 2339, 190
_TEXT = WIDTH - 2 * MARGIN
_SIZE, _STEP = 38, 54
_COLUMNS = (90, 330, 600, _TEXT - 1020)
Pixels = NDArray[np.uint8]
_INK, _SHEET = (34, 32, 40), (250, 249, 244)


def sheets(paper: Paper) -> list[Image.Image]:
    """The sheets of a document, as many as its text needs."""
    pen = _Pen()
    pen.columns(*paper.head, size=32)
    pen.gap(40)
    pen.line(paper.title[0], size=48, bold=True, centred=True)
    pen.line(paper.title[1], bold=True, centred=True)
    pen.gap(24)
    for paragraph in paper.before:
        pen.paragraph(paragraph)
    pen.table(paper.table)
    for paragraph in paper.after:
        pen.paragraph(paragraph)
    pen.gap(40)
    pen.columns(paper.foot[0][:1], paper.foot[1][:1], size=34)
    pen.gap(150)
    pen.columns(paper.foot[0][1:], paper.foot[1][1:], size=36)
    return pen.sheets


class _Pen:
    """Writes down a sheet and takes the next when it is full."""

    def __init__(self) -> None:
        self.sheets: list[Image.Image] = []
        self._new_sheet()

    def gap(self, height: int) -> None:
        self._y += height

    def line(self, text: str, *, size: int = _SIZE, bold: bool = False, centred: bool = False) -> None:
        self._room(_STEP)
        font = _font(size, bold=bold)
        x = (WIDTH - font.getlength(text)) / 2 if centred else MARGIN
        self._draw.text((x, self._y), text, _INK, font)
        self._y += _STEP + max(0, size - _SIZE)

    def paragraph(self, text: str) -> None:
        heading = text[:3] in ("I. ", "II.") or text.startswith("III.")
        for row in _wrapped(text, _TEXT, _font(_SIZE, bold=heading)):
            self.line(row, bold=heading)
        self._y += 10

    def columns(self, left: tuple[str, ...], right: tuple[str, ...], *, size: int) -> None:
        half = _TEXT // 2 - 20
        font = _font(size, bold=False)
        sides = [[row for text in side for row in _wrapped(text, half, font)] for side in (left, right)]
        self._room(_STEP * max(map(len, sides)))
        for side, centre in zip(sides, (MARGIN + half / 2, WIDTH - MARGIN - half / 2), strict=True):
            for n, row in enumerate(side):
                self._draw.text((centre - font.getlength(row) / 2, self._y + n * 48), row, _INK, font)
        self._y += 48 * max(map(len, sides))

    def table(self, rows: list[tuple[str, ...]]) -> None:
        self._y += 12
        self._room(200)  # the head of a table never stands alone at the foot of a sheet
        for row in rows:
            cells = [_wrapped(t, w - 24, _font(34, bold=False)) for t, w in zip(row, _COLUMNS, strict=True)]
            height = 46 * max(map(len, cells)) + 22
            self._room(height)
            x = MARGIN
            for cell, width in zip(cells, _COLUMNS, strict=True):
                self._draw.rectangle((x, self._y, x + width, self._y + height), outline=_INK, width=2)
                for n, text in enumerate(cell):
                    self._draw.text((x + 12, self._y + 8 + 46 * n), text, _INK, _font(34, bold=False))
                x += width
            self._y += height
        self._y += 24

    def _room(self, height: int) -> None:
        if self._y + height > HEIGHT - MARGIN:
            self._new_sheet()
            self.line(str(len(self.sheets)), centred=True, size=32)

    def _new_sheet(self) -> None:
        self.sheets.append(Image.new("RGB", (WIDTH, HEIGHT), _SHEET))
        self._draw = ImageDraw.Draw(self.sheets[-1])
        self._y = MARGIN - 40


def _wrapped(text: str, width: int, font: ImageFont.FreeTypeFont) -> list[str]:
    rows: list[str] = []
    for word in text.split():
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and font.getlength(longer) <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


@lru_cache(maxsize=16)
def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    path = files("fontpkg_noto_serif") / "files" / "NotoSerif[wdth,wght].ttf"
    font = ImageFont.truetype(io.BytesIO(path.read_bytes()), size)
    # Weight and width: as narrow as the typefaces that offices write in.
    font.set_variation_by_axes([700 if bold else 430, 85])
    return font


def photographs(paper: Paper, chance: Random) -> Iterator[bytes]:
    """Each sheet as a JPEG of some 300 to 600 KB: on a table, a little turned, lit from one side."""
    for sheet in sheets(paper):
        buffer = io.BytesIO()
        Image.fromarray(_photograph(np.asarray(sheet), chance)).save(buffer, "JPEG", quality=80)
        yield buffer.getvalue()


def _photograph(sheet: Pixels, chance: Random) -> Pixels:
    height, width = int(HEIGHT * 1.08), int(WIDTH * 1.1)
    edge = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    put = [
        (x + WIDTH * 0.05 + chance.uniform(-26, 26), y + HEIGHT * 0.04 + chance.uniform(-26, 26))
        for x, y in edge
    ]
    warp = cv2.getPerspectiveTransform(np.array(edge, np.float32), np.array(put, np.float32))
    noise = np.random.default_rng(chance.getrandbits(32))
    table = np.full((height, width, 3), (96, 74, 58), np.uint8) + noise.integers(
        0, 12, (height, 1, 1), np.uint8
    )
    seen = cv2.warpPerspective(sheet, warp, (width, height), dst=table, borderMode=cv2.BORDER_TRANSPARENT)
    light = np.linspace(1.0, chance.uniform(0.72, 0.85), width).reshape(1, width, 1)
    lit: Pixels = np.clip(seen * light + noise.normal(0, 3, (height, width, 1)), 0, 255).astype(np.uint8)
    return lit
