"""Reads a cleaned page: words, where they stand, how sure they are, in the order a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.paper.engine import WHOLE_PAGE, lines_in, reader, why_not_reading
from server.paper.layout import arrange
from server.paper.rereading import doubtful_again, lost, numerals
from server.paper.shapes import Box, Line, Reading, Word, Words, around
from server.paper.spelling import likely, put_right
from server.paper.tables import Table, ink_of, ruling, tables_of, without_rules
from server.paper.trust import blank, sureness, trusted
from server.paper.unruled import unruled
from server.paper.upright import how_turned, turn

__all__ = ["read", "why_not_reading"]

Grey = NDArray[np.uint8]

SPECK_SURE = 50  # a sign less sure than this at the end of a line is a speck of dust
LINE_SURE = 30  # a line less sure than this is a stain or an edge of the paper
FOOT_SURE = 60  # or, where people sign, ink of a signature
SIGNS_SURE = 80  # a line mostly of signs has to be as sure as this
RULED_SURE = 50  # a word that a line of the table runs through is no surer than this
RULED_SHARE = 0.9  # of its height
BULLETS = ("-", "+", "*", "•")
STAR_INCHES = 0.2  # the printed asterisk under the cell's name is no larger; it is read as any small sign


@dataclass(frozen=True, slots=True)
class Seen:
    """A page (height, width) without its ruling lines; its ink, its standing lines, its tables; and the lines of words
    as Tesseract found them.
    """

    page: Grey
    ink: Grey
    standing: Grey
    tables: tuple[Table, ...]
    found: list[Words]

    @property
    def words(self) -> list[Word]:
        """All words in the order they were found in."""
        return [word for line in self.found for word in line]


def read(page: Grey, *, dpi: int = 200) -> Reading:
    """What stands on a cleaned grey page (height, width), 0 black to 255 white. A page that lies on its side or on its
    head is turned first: ``turned`` says how far, and all places are those on the turned page. A blank page is
    readable and has no lines: the back of a sheet is no failure. Raises RuntimeError where ``why_not_reading`` gives
    a reason.
    """
    with reader() as tesseract:
        seen = _seen(tesseract, page, dpi)
        turned = how_turned(tesseract, page, seen.words, dpi)
        if turned:
            seen = _seen(tesseract, turn(page, turned), dpi)
        lines = _lines(tesseract, seen, dpi)
    height, width = seen.page.shape
    readable = trusted(seen.words) if lines else blank(page, dpi)
    sure = sureness(word for line in lines for word in line.words)
    return Reading(tuple(lines), readable, sure, width, height, turned)


def _seen(tesseract: Any, page: Grey, dpi: int) -> Seen:
    ink = ink_of(page)
    lying, standing = ruling(ink, dpi)
    tables = tables_of(lying | standing, dpi)
    bare = without_rules(page, ink, lying, standing, tables, dpi)
    return Seen(bare, ink, standing, tables, lines_in(tesseract, bare, dpi, WHOLE_PAGE))


def _lines(tesseract: Any, seen: Seen, dpi: int) -> list[Line]:
    """The lines in reading order, doubts cleared up and noise left out."""
    found = seen.found + lost(tesseract, seen.page, seen.ink, seen.found, dpi)
    height, width = seen.page.shape
    tables = sorted((*seen.tables, *unruled(found, seen.tables)), key=lambda table: table.box.y)
    lines = arrange(found, tables, (width, height))
    again = doubtful_again(tesseract, seen.page, lines, dpi)
    told = (replace(line, words=_ruled_through(seen, numerals(seen.ink, line.words))) for line in again)
    kept = (_without_noise(_star(line, dpi)) for line in told)
    return _spelled([line for line in kept if line])


def _ruled_through(seen: Seen, words: Words) -> Words:
    """Words in a table with those that a line runs through said to be doubtful: a 6 or an 8 there look alike."""
    return tuple(
        word._replace(sure=min(word.sure, RULED_SURE)) if _crossed(seen.standing, word.box) else word
        for word in words
    )


def _crossed(standing: Grey, box: Box) -> bool:
    part = standing[box.y : box.bottom, box.x : box.right] > 0
    return bool(part.size and (part.mean(axis=0) > RULED_SHARE).any())


def _star(line: Line, dpi: int) -> Line:
    """The asterisk of the form in the left half of its head: any lone small sign."""
    small = max(line.box.width, line.box.height) < STAR_INCHES * dpi
    if line.role != "head_left" or not small or any(map(str.isdigit, line.text)):
        return line
    return replace(line, words=(Word("*", line.box, line.words[0].sure),))


def _without_noise(line: Line) -> Line | None:
    """The line without specks read as signs at its ends; None where nothing in it looks like words."""
    words = list(line.words)
    while words and _speck(words[-1]):
        words.pop()
    while words and _speck(words[0]):
        words.pop(0)
    if not words or _noise(words, line.role):
        return None
    return replace(line, words=tuple(words), box=around(word.box for word in words))


def _speck(word: Word) -> bool:
    return word.sure < SPECK_SURE and word.text not in BULLETS and not any(map(str.isalnum, word.text))


def _noise(words: Sequence[Word], role: str) -> bool:
    letters = sum(len(word.text) for word in words)
    sound = sum(len(word.text) for word in words if _sound(word.text))
    sure = sureness(words)
    if role == "head_left" and words[0].text == "*":
        return False
    least = FOOT_SURE if role.startswith("foot") else LINE_SURE
    return sure < least or (sound * 2 < letters and sure < SIGNS_SURE)


def _sound(text: str) -> bool:
    return likely(text) or text in BULLETS or sum(map(str.isdigit, text)) > 1


def _spelled(lines: Sequence[Line]) -> list[Line]:
    texts = iter(put_right([word.text for line in lines for word in line.words]))
    return [
        replace(line, words=tuple(word._replace(text=next(texts)) for word in line.words)) for line in lines
    ]
