"""The monthly report as .xlsx to count on with: numbers are numbers, and what is hidden says so."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from server import clock
from server.assignments.annex_layout import printable
from server.members.sheet_values import safe_cell
from server.province import report_text as text
from server.province.hiding import Figure
from server.province.reports import Report
from server.rollups.indicators import INDICATORS, Indicator
from server.words import say

_UNTOLD = Figure(None)


def write(report: Report, indicators: Sequence[Indicator] = INDICATORS) -> bytes:
    """Three sheets: the province, each committee, and the corrections of a closed month. Without a formula."""
    book = Workbook(write_only=True)
    if report.as_of is not None:
        book.properties.created = book.properties.modified = report.as_of.astimezone(clock.VIETNAM).replace(
            tzinfo=None
        )
    _whole(book, report, indicators)
    _each(book, report, indicators)
    if report.closed_at is not None:
        _corrections(book, report)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _whole(book: Any, report: Report, indicators: Sequence[Indicator]) -> None:
    sheet = _sheet(book, say("Toàn tỉnh"), (36, 14, 14, 12, 80), frozen="A5")
    _row(sheet, [say("Báo cáo tháng {month}", month=text.month_words(report)), report.province], bold=True)
    _row(sheet, [text.standing(report)])
    _row(sheet, [say("SHA-256 của số liệu đã chốt: {sha256}", sha256=report.sha256) if report.sha256 else ""])
    _row(sheet, [say("Chỉ tiêu"), say("Số"), say("Trên"), say("Tỷ lệ (%)"), say("Cách tính")], bold=True)
    for one in indicators:
        figure = report.totals.get(one.key, _UNTOLD)
        _row(sheet, [one.title, *_values(figure), _rate(figure), one.how])


def _each(book: Any, report: Report, indicators: Sequence[Indicator]) -> None:
    heads: list[str] = [say("Cấp ủy"), say("Có số liệu")]
    for one in indicators:
        heads += [one.title, say("{title}: trên", title=one.title)] if one.base else [one.title]
    sheet = _sheet(book, say("Từng cấp ủy"), (36, 12, *(14,) * (len(heads) - 2)), frozen="B2")
    _row(sheet, heads, bold=True)
    for line in report.lines:
        told = say("chưa có chi bộ") if line.empty else say("có") if line.figures else say("chưa báo cáo")
        row: list[str | int | float | None] = [line.title, told]
        for one in indicators:
            values = _values(line.figures.get(one.key, _UNTOLD) if line.figures else _UNTOLD)
            row += values if one.base else values[:1]
        _row(sheet, row)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(report.lines) + 1}"


def _corrections(book: Any, report: Report) -> None:
    sheet = _sheet(book, say("Đính chính"), (36, 8, 20, 36, 70), frozen="A2")
    _row(sheet, [say("Cấp ủy"), say("Số"), say("Lúc"), say("Lý do"), say("Số liệu thay đổi")], bold=True)
    for each in report.corrections:
        _row(sheet, [each.title, each.number, text.moment(each.at), ", ".join(each.causes),
                     "; ".join(text.changed_words(each))])  # fmt: skip


def _values(figure: Figure) -> list[str | int | float | None]:
    """Part and base; of what is hidden or was never counted the words, and nothing beside them."""
    if figure.hidden or figure.part is None:
        return [text.said(figure), None]
    return [figure.part, figure.base]


def _rate(figure: Figure) -> float | None:
    return None if figure.rate is None else round(100 * figure.rate, 1)


def _sheet(book: Any, title: str, widths: Sequence[int], *, frozen: str) -> Any:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = frozen
    for n, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    return sheet


def _row(sheet: Any, values: Sequence[str | int | float | None], *, bold: bool = False) -> None:
    sheet.append([_cell(sheet, value, bold=bold) for value in values])


def _cell(sheet: Any, value: str | float | None, *, bold: bool) -> Any:
    if value is None or not isinstance(value, str):
        return value
    cell: Any = WriteOnlyCell(sheet, None)
    cell.value, cell.data_type = safe_cell(printable(value)), "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
