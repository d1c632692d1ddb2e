"""The list of assigned work as .xlsx to sort, filter and count in. Without a formula; dates are dates."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from server.assignments.annex import Entry
from server.assignments.annex_layout import printable
from server.assignments.rules import STATES
from server.members.sheet_values import safe_cell

COLUMNS = (
    ("STT", 6), ("Họ và tên", 28), ("Chi bộ", 30), ("Nội dung công việc", 60), ("Lĩnh vực", 24), ("Ngày giao", 12),
    ("Thời hạn", 12), ("Cách kiểm tra", 28), ("Tình trạng", 16), ("Kết quả", 26), ("Việc số", 9),
)  # fmt: skip


def write(entries: Sequence[Entry]) -> bytes:
    """One sheet, its heading frozen and filtered by; an empty deadline is work without one."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Phân công")
    sheet.freeze_panes = "C2"
    for n, (_, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    head = [WriteOnlyCell(sheet, words) for words, _ in COLUMNS]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for n, one in enumerate(entries, start=1):
        sheet.append([_cell(sheet, value) for value in _values(n, one)])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{len(entries) + 1}"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _values(n: int, one: Entry) -> tuple[int | str | date | None, ...]:
    return (
        n, one.name, one.cell_name, one.text, one.area, one.given_on, one.due, one.check_by, str(STATES[one.state]),
        one.result, one.no,
    )  # fmt: skip


def _cell(sheet: Any, value: int | str | date | None) -> Any:
    if value is None or isinstance(value, int):
        return value
    cell: Any = WriteOnlyCell(sheet, None)
    if isinstance(value, str):
        cell.value, cell.data_type = safe_cell(printable(value)), "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    else:
        cell.value, cell.number_format = value, "dd/mm/yyyy"
    return cell
