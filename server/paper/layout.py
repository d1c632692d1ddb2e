"""The order in which a page of minutes is read: its head in two columns, the body, tables cell by cell, signatures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.paper.columns import Columns, middle, rows, two_columns
from server.paper.shapes import Box, Line, Word, Words, around
from server.paper.tables import Table


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together, from the top down."""

    role: str
    lines: tuple[Words, ...]
    row: int = -1
    column: int = -1


def arrange(
    found: Iterable[Sequence[Word]], tables: Sequence[Table], size: tuple[int, int]
) -> tuple[Line, ...]:
    """Lines in reading order, from lines of words found in any order on a page of ``size`` (width, height) in pixels.
    A word within a table belongs to the cell it stands in, wherever the line that held it runs. No word is lost.
    """
    loose, celled = _sorted_out(found, tables)
    head, foot, body = two_columns(loose, size)
    start = min(middle(line) for column in (*head.left, *head.right) for line in column) if head else 0
    parts = [Part("body", tuple(line for line in body if middle(line) < start))]
    if head:
        parts += _sides("head", head)
    parts += _with_tables([line for line in body if middle(line) >= start], tables, celled)
    if foot:
        parts += _sides("foot", foot)
    return tuple(_numbered([part for part in parts if part.lines]))


def _sides(role: str, columns: Columns) -> list[Part]:
    sides = (("left", columns.left), ("right", columns.right))
    return [Part(f"{role}_{side}", lines) for side, stacks in sides for lines in stacks]


def _numbered(parts: Sequence[Part]) -> Iterable[Line]:
    for block, part in enumerate(parts):
        for words in part.lines:
            yield Line(words, around(word.box for word in words), block, part.role, part.row, part.column)


def _sorted_out(
    found: Iterable[Sequence[Word]], tables: Sequence[Table]
) -> tuple[list[Words], dict[tuple[int, int], list[Words]]]:
    """The lines outside every table, and those of each cell by the table's and the cell's number."""
    loose: list[Words] = []
    celled: dict[tuple[int, int], list[Words]] = {}
    for line in found:
        places: dict[tuple[int, int] | None, list[Word]] = {}
        for word in line:
            places.setdefault(_place(word.box, tables), []).append(word)
        for place, words in places.items():
            (loose if place is None else celled.setdefault(place, [])).append(tuple(words))
    return loose, celled


def _place(box: Box, tables: Sequence[Table]) -> tuple[int, int] | None:
    """Which table and which of its cells a word stands in: the one that holds its middle, else the nearest."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    for number, table in enumerate(tables):
        if table.box.x <= x < table.box.right and table.box.y <= y < table.box.bottom:
            return number, min(range(len(table.cells)), key=lambda cell: _away(x, y, table.cells[cell].box))
    return None


def _away(x: float, y: float, box: Box) -> float:
    return max(box.x - x, x - box.right, 0) + max(box.y - y, y - box.bottom, 0)


def _with_tables(
    body: Sequence[Words], tables: Sequence[Table], celled: dict[tuple[int, int], list[Words]]
) -> list[Part]:
    """The body's lines with each table where it stands among them."""
    parts, done = [], 0
    for number, table in enumerate(tables):
        past = sum(middle(line) < table.box.y + table.box.height / 2 for line in body)
        parts.append(Part("body", tuple(body[done:past])))
        done = max(done, past)
        for place, cell in enumerate(table.cells):
            lines = rows(celled.get((number, place), []))
            parts.append(Part("cell", tuple(lines), cell.row, cell.column))
    return [*parts, Part("body", tuple(body[done:]))]
