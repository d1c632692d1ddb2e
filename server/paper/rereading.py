"""What the first reading of a page left in doubt, or left out, read again in small cut-outs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from server.paper.engine import line_within
from server.paper.shapes import Box, Line, Word, Words, around
from server.paper.spelling import likely
from server.paper.trust import sureness

Grey = NDArray[np.uint8]

DOUBTFUL = 80  # a line less sure than this is read again by itself
AGAIN_SHARE = 0.2  # of the page's letters may be read again, so that a poor page doesn't take twice its time
BESIDE, ABOVE = 12, 6  # px about a word that was found: what stands there is part of it
MOST_LOST = 12  # pieces of ink that are looked at a second time
LOST_SURE = 80  # how sure their second reading must be
LOST_INCHES = (0.07, 0.3)  # how tall they may be: from the smallest figure to the largest heading
MOST_STROKES = 3  # of a numeral: I, II, III
STROKE_DARK = 0.8  # of the rows in the middle of a stroke
STROKE_GAP = 0.8  # of their height: strokes of one numeral stand closer than this
STROKES = re.compile(r"([IHl1|]{1,4})([.,]?)")


def doubtful_again(tesseract: Any, page: Grey, lines: Sequence[Line], dpi: int) -> list[Line]:
    """The lines, the doubtful ones read again by themselves as long as that is little beside the page."""
    budget = AGAIN_SHARE * sum(len(line.text) for line in lines)
    result = []
    for line in lines:
        sure = sureness(line.words)
        if sure < DOUBTFUL and len(line.text) <= budget:
            budget -= len(line.text)
            words = line_within(tesseract, page, line.box, dpi)
            if sureness(words) > sure:
                result.append(replace(line, words=words, box=around(word.box for word in words)))
                continue
        result.append(line)
    return result


def lost(tesseract: Any, page: Grey, ink: Grey, found: Iterable[Words], dpi: int) -> list[Words]:
    """Words that stand alone and were left out, as page numbers and single figures in a table often are."""
    rest = np.where(page == 255, np.uint8(0), ink)
    for word in (word for line in found for word in line):
        box = word.box
        rest[max(box.y - ABOVE, 0) : box.bottom + ABOVE, max(box.x - BESIDE, 0) : box.right + BESIDE] = 0
    again = (line_within(tesseract, page, box, dpi) for box in _pieces(rest, dpi)[:MOST_LOST])
    return [words for words in again if words and all(_sound(word) for word in words)]


def _sound(word: Word) -> bool:
    return word.sure >= LOST_SURE and likely(word.text) and (len(word.text) > 1 or word.text.isdigit())


def _pieces(rest: Grey, dpi: int) -> list[Box]:
    """Where ink stands that has a letter's height, from the top down."""
    low, high = (int(inches * dpi) for inches in LOST_INCHES)
    joined = cv2.dilate(rest, np.ones((3, dpi // 12), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    boxes = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label][:4])
        if not (low <= height <= high and width <= dpi * 2):
            continue
        own = np.where(labels[y : y + height, x : x + width] == label, rest[y : y + height, x : x + width], 0)
        box = Box(*(int(value) for value in cv2.boundingRect(own.astype(np.uint8))))
        if box.height >= low and box.width >= low / 3:
            boxes.append(box._replace(x=x + box.x, y=y + box.y))
    return boxes


def numerals(ink: Grey, words: Words) -> Words:
    """Words with Roman numerals told by the strokes that stand in the picture: II, III and HI are easily mixed up."""
    return tuple(
        _numeral(ink, word, following) for word, following in zip(words, [*words[1:], None], strict=True)
    )


def _numeral(ink: Grey, word: Word, following: Word | None) -> Word:
    match = STROKES.fullmatch(word.text)
    heading = match and match[2] and following is not None and following.text.isupper()
    if not match or not (heading or set(match[1]) <= {"I", "H"}) or match[1] in {"1", "H"}:
        return word
    strokes = _strokes(ink, word.box)
    return word._replace(text="I" * strokes + match[2]) if 1 <= strokes <= MOST_STROKES else word


def _strokes(ink: Grey, box: Box) -> int:
    """How many upright strokes stand side by side from the left of a box: columns that are dark over the whole middle
    of its height. A wider gap ends the numeral: another letter's stem comes after a full stop.
    """
    band = ink[box.y + box.height * 2 // 5 : box.y + box.height * 3 // 5, box.x : box.right] > 0
    dark = np.pad(band.mean(axis=0) > STROKE_DARK, 1).astype(np.int8)
    starts = np.flatnonzero(np.diff(dark) > 0)
    wide = np.flatnonzero(np.diff(starts) > STROKE_GAP * box.height)
    return int(wide[0]) + 1 if len(wide) else len(starts)
