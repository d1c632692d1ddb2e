"""The list of assigned work as a paper: the annex of a meeting's minutes, of a resolution, or a list on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from server.assignments.annex_layout import Layout, printable

PARTY = "ĐẢNG CỘNG SẢN VIỆT NAM"
# A column's heading and its share of the width. Seven columns in letters of 14 points want the long side of the sheet.
COLUMNS = (
    ("TT", 5), ("Họ và tên", 18), ("Nội dung công việc", 29), ("Lĩnh vực", 12), ("Thời hạn", 11),
    ("Cách kiểm tra", 13), ("Kết quả", 12),
)  # fmt: skip
# What a work without a deadline says in its place.
ALWAYS = "Thường xuyên"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: work given to one member. ``due`` None: no deadline; ``result`` is empty while it is not known."""

    no: int
    name: str
    cell_name: str
    text: str
    area: str
    given_on: date
    due: date | None
    check_by: str
    state: str
    result: str


@dataclass(frozen=True, slots=True)
class Annex:
    """A paper with its table. ``left``: who issues it, below whom; ``signed``: (left, right), each the lines of a
    signature or none; ``with_cells``: the rows are of several cells, so each says which.
    """

    left: tuple[str, ...]
    place_and_day: str
    title: tuple[str, ...]
    entries: Sequence[Entry]
    signed: tuple[tuple[str, ...], tuple[str, ...]]
    layout: Layout
    with_cells: bool = False
    note: str = ""

    def rows(self) -> list[tuple[str, ...]]:
        """The table's rows in the order of COLUMNS, as they are printed."""
        return [self._row(n, one) for n, one in enumerate(self.entries, start=1)]

    def _row(self, n: int, one: Entry) -> tuple[str, ...]:
        name = f"{one.name} ({one.cell_name})" if self.with_cells else one.name
        due = f"{one.due:%d/%m/%Y}" if one.due else ALWAYS
        return (
            str(n), printable(name), printable(one.text), one.area, due, printable(one.check_by), one.result,
        )  # fmt: skip
