"""Tables without ruling lines: rows that begin with their numbers, and blanks that run down between their columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from server.names import fold
from server.paper.columns import in_pieces, rows
from server.paper.shapes import Box, Word, Words, around
from server.paper.tables import Cell, Table

Gap = tuple[int, int]

LEAST_COLUMNS = 3
LEAST_ROWS = 2  # that begin with a number
HEADING_GAP = 1.2  # heights of a word between two words of a heading: wider than any blank
GAP = 0.6  # heights of a word that stay free between two columns all the way down
FAR = 2.0  # heights of a word between two lines: the table has ended
NUMBER = re.compile(r"\d{1,2}[.)]?")
NUMBERED = re.compile(r"(?:[IVX]{1,4}|\d{1,2})[.)]")
HEADING = re.compile(r"s?tt|so tt")


@dataclass(frozen=True, slots=True)
class Found:
    """The lines of a table from the top down, and the blanks (from, to) between its columns in pixels."""

    lines: list[Words]
    gaps: list[Gap]


def unruled(found: Iterable[Words], tables: Sequence[Table]) -> tuple[Table, ...]:
    """The tables among lines of words that stand in none of the ``tables`` with rules, from the top down."""
    lines = rows(line for line in found if line and not _within(line, tables))
    if not lines:
        return ()
    height = median(word.box.height for line in lines for word in line)
    result, at = [], 0
    while at < len(lines):
        table = _from(lines[at:], height)
        if table is not None and _numbered(table):
            result.append(_table(table, height))
            at += len(table.lines)
        else:
            at += 1
    return tuple(result)


def _within(line: Words, tables: Sequence[Table]) -> bool:
    box = around(word.box for word in line)
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return any(table.box.x <= x < table.box.right and table.box.y <= y < table.box.bottom for table in tables)


def _from(lines: Sequence[Words], height: float) -> Found | None:
    """The table whose heading is the first of these lines: as far as its columns stay apart."""
    pieces = in_pieces(lines[0], HEADING_GAP * height)
    if len(pieces) < LEAST_COLUMNS:
        return None
    gaps = [(one[-1].box.right, two[0].box.x) for one, two in pairwise(pieces)]
    past = 1
    for before, line in pairwise(lines):
        narrower = [_free(gap, line) for gap in gaps]
        far = _top(line) - max(word.box.bottom for word in before) > FAR * height
        if far or min(high - low for low, high in narrower) < GAP * height:
            break
        if _next_heading(line, narrower):
            break
        gaps, past = narrower, past + 1
    return Found([*lines[:past]], gaps)


def _next_heading(line: Words, gaps: Sequence[Gap]) -> bool:
    """Whether a line stands below the table by chance: alone in the first column, or numbered in another."""
    columns = _columns(line, gaps)
    return columns == {0} or (0 not in columns and bool(NUMBERED.fullmatch(line[0].text)))


def _free(gap: Gap, line: Words) -> Gap:
    """The widest part of a gap that a line leaves free; an empty one if there is none."""
    edges = [
        (min(word.box.x, gap[1]), min(word.box.right, gap[1])) for word in line if word.box.right > gap[0]
    ]
    low, widest = gap[0], (gap[0], gap[0])
    for start, stop in [*sorted(edges), (gap[1], gap[1])]:
        widest = max(widest, (low, max(start, low)), key=lambda part: part[1] - part[0])
        low = max(low, stop)
    return widest


def _columns(line: Words, gaps: Sequence[Gap]) -> set[int]:
    return {_column(word, gaps) for word in line}


def _column(word: Word, gaps: Sequence[Gap]) -> int:
    return sum(word.box.x + word.box.width / 2 > (low + high) / 2 for low, high in gaps)


def _starts(table: Found) -> list[int]:
    """Which lines begin a row: those with something in the first column; the heading at least."""
    return [at for at, line in enumerate(table.lines) if at == 0 or 0 in _columns(line, table.gaps)]


def _numbered(table: Found) -> bool:
    """Whether the rows begin with their numbers, so that these are not columns of something else."""
    firsts = [fold(table.lines[at][0].text) for at in _starts(table)]
    numbers = sum(bool(NUMBER.fullmatch(first)) for first in firsts)
    others = sum(not NUMBER.fullmatch(first) and not HEADING.fullmatch(first) for first in firsts[1:])
    return numbers >= LEAST_ROWS and numbers > others


def _table(table: Found, height: float) -> Table:
    """Cells that leave nothing between them: a row reaches to the next, a column to the middle of the blank."""
    box = around(word.box for line in table.lines for word in line)
    margin = round(height / 3)
    across = [box.x - margin, *(round(sum(gap) / 2) for gap in table.gaps), box.right + margin]
    starts = _starts(table)
    down = [box.y - margin, *(_between(table.lines, at) for at in starts[1:]), box.bottom + margin]
    cells = [
        Cell(Box(left, top, right - left, bottom - top), row, column)
        for row, (top, bottom) in enumerate(pairwise(down))
        for column, (left, right) in enumerate(pairwise(across))
    ]
    return Table(Box(across[0], down[0], across[-1] - across[0], down[-1] - down[0]), tuple(cells))


def _between(lines: Sequence[Words], at: int) -> int:
    return (max(word.box.bottom for word in lines[at - 1]) + _top(lines[at])) // 2


def _top(line: Words) -> int:
    return min(word.box.y for word in line)
