"""The province's record as a file to keep: every cell a text, and none that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from server.assignments.annex_layout import printable
from server.members.sheet import safe_cell

_WIDTHS = (20, 28, 44, 34, 44)


def as_csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Comma-separated, UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([safe_cell(printable(value)) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_workbook(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet, its heading frozen and filtered by."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Nhật ký")
    sheet.freeze_panes = "A2"
    for n, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.append([_cell(sheet, words, bold=True) for words in head])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(rows) + 1}"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _cell(sheet: Any, value: str, *, bold: bool = False) -> Any:
    cell: Any = WriteOnlyCell(sheet, None)
    cell.value, cell.data_type = safe_cell(printable(value)), "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
