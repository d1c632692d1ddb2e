"""Workbooks about founding many: the list to fill in, and the invitations' links to hand out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from server.committees.founding_list import HEADINGS, Row
from server.members.sheet import safe_cell
from tenants.current import KINDS

_AGENCY = "Đảng ủy cơ quan"
_WIDTHS = (24, 34, 22, 22, 30, 90)


def template(rows: Sequence[Row]) -> bytes:
    """The list to fill in as .xlsx, with a row for each unit that has no committee yet."""
    return _book(
        HEADINGS, ((_kind(row.kind), row.name, row.unit_code, row.slug, row.administrator) for row in rows)
    )


def links(rows: Iterable[tuple[str, str, str, str]]) -> bytes:
    """(committee, path, administrator, link) as .xlsx."""
    return _book(("Cấp ủy", "Địa chỉ", "Người quản trị", "Đường dẫn lời mời"), rows)


def _kind(kind: str) -> str:
    return _AGENCY if kind == "agency_committee" else KINDS[kind]


def _book(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Danh sách")
    sheet.freeze_panes = "A2"
    for index, width in enumerate(_WIDTHS[: len(headings)]):
        sheet.column_dimensions["ABCDEF"[index]].width = width
    head = [WriteOnlyCell(sheet, text) for text in headings]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([_text(sheet, value) for value in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _text(sheet: Any, value: str) -> Any:
    cell = WriteOnlyCell(sheet, safe_cell(value))
    # As text, so that a code keeps its zeros.
    cell.data_type, cell.number_format = "s", "@"
    return cell
