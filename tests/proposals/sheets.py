"""Readings for tests: out of plain text, out of cells, and as stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from server.paper.shapes import Box, Line, Reading, Word

READINGS = Path(__file__).parents[1] / "fixtures" / "readings"
SIZE = (1654, 2339)


def line(text: str, y: int = 0, sure: int = 96, role: str = "body", row: int = -1, column: int = -1) -> Line:
    """A line of words 14 pixels a letter, one blank apart."""
    words, x = [], 100
    for word in text.split():
        words.append(Word(word, Box(x, y, len(word) * 14, 30), sure))
        x += len(word) * 14 + 10
    return Line(tuple(words), Box(100, y, x - 110, 30), 0, role, row, column)


def page(text: str, sure: int = 96) -> Reading:
    """A page with a line for each line of a text."""
    texts = [part for part in text.splitlines() if part.strip()]
    return reading([line(part, 40 * (at + 1), sure) for at, part in enumerate(texts)])


def reading(lines: Sequence[Line], *, readable: bool = True) -> Reading:
    """A page of these lines."""
    return Reading(tuple(lines), readable, 96, *SIZE)


def table(rows: Sequence[Sequence[str]], top: int = 0) -> list[Line]:
    """The lines of a table's cells; a cell's lines are parted by line ends."""
    return [
        line(text, top + 200 * row + 40 * at, role="cell", row=row, column=column)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        for at, text in enumerate(cell.splitlines())
    ]


def stored(name: str) -> Reading:
    """A page as Tesseract read it: ``[role, row, column, [[text, x, y, width, height, sure], …]]`` a line."""
    lines = json.loads((READINGS / f"{name}.json").read_text(encoding="utf-8"))
    return reading([_line(role, row, column, words) for role, row, column, words in lines])


def _line(role: str, row: int, column: int, words: list[list[int]]) -> Line:
    read = tuple(Word(str(text), Box(*place), sure) for text, *place, sure in words)
    return Line(read, read[0].box, 0, role, row, column)
