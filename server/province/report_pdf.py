"""The monthly report as a PDF/A to print and keep: the same pages each time that a closed month's is taken, as long as
nothing was corrected; corrections stand behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from server import clock
from server.assignments.annex_layout import layout_on
from server.assignments.annex_pdf import Pen
from server.province import report_text as text
from server.province.hiding import Figure
from server.province.reports import PARTS, Report, indicators_of
from server.rollups.indicators import INDICATORS, Indicator
from server.words import say

# Tables of many numbers are written smaller than a letter: points, and points from line to line.
SIZE, LINE = 11, 14
# Shares of the width in percent.
_WHOLE = ((say("Chỉ tiêu"), 28), (say("Toàn tỉnh"), 22), (say("Cách tính"), 50))
_NAME = 25
_CHANGED = (
    (say("Cấp ủy"), 26), (say("Số"), 6), (say("Lúc"), 16), (say("Lý do"), 22), (say("Số liệu thay đổi"), 30),
)  # fmt: skip


def write(report: Report) -> bytes:
    """A4, its long side across: the province's figures, each committee's in four tables, corrections, the proof."""
    layout = layout_on(clock.month_after(report.month))
    pen = Pen(
        replace(layout, size=SIZE, line=LINE), say("Báo cáo tháng {month}", month=text.month_words(report))
    )
    pen.centred(
        say("BÁO CÁO SỐ LIỆU SINH HOẠT CHI BỘ THÁNG {month}", month=text.month_words(report)), bold=True
    )
    pen.centred(report.province, bold=True)
    pen.gap()
    for line in _head(report):
        pen.lines(line)
    pen.gap()
    pen.table(
        _WHOLE, [(one.title, text.said(_total(report, one)), one.how) for one in INDICATORS], centred=(1,)
    )
    for part in PARTS:
        _part(pen, report, part[0], indicators_of(part))
    _corrections(pen, report)
    return _dated(pen, report.as_of)


# In the description of a PDF/A, which stands in the file as plain text, and the number by which a file is known.
_CHANGED_AT = re.compile(rb'(?<=xmp:ModifyDate=")[^"]{25}(?=")|(?<=xmp:MetadataDate=")[^"]{25}(?=")')
_ID = re.compile(rb"/ID \[<[0-9A-F]{32}><[0-9A-F]{32}>\]")


def _dated(pen: Pen, at: datetime | None) -> bytes:
    """The file as if it had been made when its figures were: whoever takes it a second time gets the same bytes."""
    if at is None:
        return bytes(pen.pdf.output())
    pen.pdf.set_creation_date(at)
    # The library writes the present moment into both; what stands there instead is as long, so nothing moves.
    made = _CHANGED_AT.sub(at.astimezone(UTC).isoformat(timespec="seconds").encode(), bytes(pen.pdf.output()))
    number = sha256(_ID.sub(b"", made)).hexdigest()[:32].upper().encode()
    return _ID.sub(b"/ID [<" + number + b"><" + number + b">]", made)


def _head(report: Report) -> list[str]:
    found: list[str] = [
        text.standing(report),
        say("{n}/{all} cấp ủy có số liệu; nơi chưa báo cáo không tính là 0.", n=report.reported, all=len(report.lines)),
        say("Số người từ 1 đến 4 ghi là “dưới 5”; ghi “ẩn” là số mà nếu nêu ra thì tính ngược được một số nhỏ."),
    ]  # fmt: skip
    if report.sha256 is not None:
        found.append(say("SHA-256 của số liệu đã chốt: {sha256}", sha256=report.sha256))
    return found


def _total(report: Report, one: Indicator) -> Figure:
    return report.totals.get(one.key, Figure(None))


def _part(pen: Pen, report: Report, title: str, indicators: Sequence[Indicator]) -> None:
    share = (100 - _NAME) // len(indicators)
    columns = ((say("Cấp ủy"), 100 - share * len(indicators)), *((one.title, share) for one in indicators))
    rows = [
        (line.title, *(text.said(line.figures[one.key]) if line.figures else "…" for one in indicators))
        for line in report.lines
    ]
    rows.append((say("Toàn tỉnh"), *(text.said(_total(report, one)) for one in indicators)))
    pen.gap()
    pen.table(columns, rows, centred=range(1, len(columns)), title=title)


def _corrections(pen: Pen, report: Report) -> None:
    if report.closed_at is None:
        return
    pen.gap()
    title = say("Đính chính sau khi chốt")
    if not report.corrections:
        pen.lines(title, bold=True)
        pen.lines(say("Chưa có đính chính nào."))
        return
    rows = [
        (
            each.title, str(each.number), text.moment(each.at), ", ".join(each.causes),
            "; ".join(text.changed_words(each)),
        )
        for each in report.corrections
    ]  # fmt: skip
    pen.table(_CHANGED, rows, centred=(1, 2), title=title)
