"""Tesseract with its Vietnamese: whether it is to be had, and words with their places out of a picture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.paper.shapes import Box, Word, Words
from server.paper.spelling import parts

Grey = NDArray[np.uint8]

LANGUAGE = "vie"
PLACES = (
    "usr/share/tesseract-ocr/*/tessdata",
    "usr/share/tessdata",
    "usr/share/tesseract/tessdata",
    "usr/local/share/tessdata",
    "opt/*/share/tessdata",
)
WHOLE_PAGE, ONE_LINE = 3, 7  # Tesseract's page segmentation modes
BESIDE, ABOVE = 8, 6  # px by which a cut-out is larger than its box, on each side: accents reach out of it
AROUND = 14  # px of white around a cut-out: without it letters at the edge are lost
WORD_LEVEL = "5"  # of Tesseract's table


def why_not_reading() -> str | None:
    """Why nothing can be read on this machine (``no_tesseract`` | ``no_tesseract_language``), None if it can."""
    if find_spec("tesserocr") is None:
        return "no_tesseract"
    return None if language_folder() else "no_tesseract_language"


def language_folder() -> Path | None:
    """Where Tesseract's Vietnamese lies: in ``TESSDATA_PREFIX`` if that is set, else where Unix systems put it."""
    prefix = os.environ.get("TESSDATA_PREFIX")
    if prefix:
        folders = [Path(prefix), Path(prefix, "tessdata")]
    else:
        folders = [found for place in PLACES for found in sorted(Path("/").glob(place), reverse=True)]
    return next((folder for folder in folders if (folder / f"{LANGUAGE}.traineddata").is_file()), None)


@contextmanager
def reader() -> Iterator[Any]:
    """Tesseract, ready to read; one serves many pictures one after another. Raises RuntimeError without a language."""
    os.environ.setdefault(
        "OMP_THREAD_LIMIT", "1"
    )  # more threads take longer over a page, and others need the cores
    with import_module("tesserocr").PyTessBaseAPI(path=f"{language_folder()}/", lang=LANGUAGE) as tesseract:
        yield tesseract


def lines_in(tesseract: Any, picture: Grey, dpi: int, mode: int) -> list[Words]:
    """The lines of words Tesseract finds in a grey picture, in the order of its own."""
    height, width = picture.shape
    tesseract.SetPageSegMode(mode)
    tesseract.SetImageBytes(picture.tobytes(), width, height, 1, width)
    tesseract.SetSourceResolution(dpi)
    lines: dict[tuple[str, ...], list[Word]] = {}
    for row in tesseract.GetTSVText(0).splitlines():
        level, _, block, paragraph, line, _, x, y, wide, high, sure, text = row.split("\t")
        if level == WORD_LEVEL and text.strip():
            box = Box(int(x), int(y), int(wide), int(high))
            lines.setdefault((block, paragraph, line), []).extend(_words(text, box, round(float(sure))))
    return [tuple(words) for words in lines.values()]


def line_within(tesseract: Any, page: Grey, box: Box, dpi: int) -> Words:
    """The words of the one line in a box of the page."""
    x, y = max(box.x - BESIDE, 0), max(box.y - ABOVE, 0)
    framed = np.pad(page[y : box.bottom + ABOVE, x : box.right + BESIDE], AROUND, constant_values=255)
    left, top = x - AROUND, y - AROUND
    found = lines_in(tesseract, framed, dpi, ONE_LINE)
    return tuple(
        word._replace(box=word.box._replace(x=max(word.box.x + left, 0), y=max(word.box.y + top, 0)))
        for line in found
        for word in line
    )


def _words(text: str, box: Box, sure: int) -> Iterator[Word]:
    """What was read as one word, as the words it is; each has the share of the box that its letters take."""
    found = parts(text.strip())
    letters, before = sum(map(len, found)), 0
    for part in found:
        start = box.width * before // letters
        before += len(part)
        yield Word(part, box._replace(x=box.x + start, width=box.width * before // letters - start), sure)
