"""The roll as a table: its cells as running text, every number behind the words that say what it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from server.names import fold
from server.paper.shapes import Line

from .flow import Lines

_COUNTED = re.compile(r"\b(?:tong so|chinh thuc|du bi|co mat|vang|trieu tap|mien|phai du|tham du)\b")
LEAST = 3  # counts that a table names before it is taken for the roll

Numbered = tuple[int, Line]


def running(lines: Lines) -> list[Numbered]:
    """(page, line) of a document without its tables, but with those that tell the roll, cell by cell."""
    found: list[Numbered] = []
    for _, group in groupby(_tabled(lines), key=lambda told: told[0]):
        part = [line for _, line in group]
        found += part if part[0][1].role != "cell" else _roll(part)
    return found


def _tabled(lines: Lines) -> Iterator[tuple[int, Numbered]]:
    """Every line with the number of the table, or of the stretch between tables, that it stands in."""
    stretch, last = 0, (-1, 0)
    for page, line in lines:
        place = (page, line.row)
        new_page = page != last[0] and (line.row >= 0 or last[1] >= 0)
        if (line.row < 0) != (last[1] < 0) or line.row < last[1] or new_page:
            stretch += 1
        last = place
        yield stretch, (page, line)


def _roll(cells: list[Numbered]) -> list[Numbered]:
    """The cells of a table that tells the roll, beside its words or below them; nothing of another table."""
    order = {line.column: [cell for cell in cells if cell[1].column == line.column] for _, line in cells}
    order = {column: order[column] for column in sorted(order) if not _only_numbers(order[column])}
    if not order:
        return []
    down = _names_counts(next(iter(order.values())))
    across = _names_counts([cell for cell in cells if cell[1].row == 0])
    if max(down, across) < LEAST:
        return []
    if across > down:
        return [cell for column in order.values() for cell in column]
    return [cell for cell in cells if cell[1].column in order]


def _only_numbers(column: list[Numbered]) -> bool:
    """Whether a column only numbers the rows."""
    texts = [line.text.strip(" .)") for _, line in column if line.row > 0]
    return column[0][1].column == 0 and texts == [str(at) for at in range(1, len(texts) + 1)]


def _names_counts(cells: list[Numbered]) -> int:
    return sum(bool(_COUNTED.search(fold(line.text))) for _, line in cells)
