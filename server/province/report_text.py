"""How a report writes its figures, on paper and on the screen."""

from __future__ import annotations

from datetime import datetime

from server import clock
from server.province.hiding import FEW, Figure
from server.province.reports import Correction, Report
from server.words import Say, say


def said(figure: Figure) -> Say | str:
    """9.623, or 118/123 = 95,9 %, or why neither is told."""
    if figure.hidden:
        return say("dưới 5") if figure.hidden == FEW else say("ẩn")
    if figure.part is None or figure.base == 0:
        return say("chưa có số liệu")
    if figure.base is None:
        return dotted(figure.part)
    tenths = (2000 * figure.part + figure.base) // (2 * figure.base)
    # No line ends between a number and its sign.
    return f"{dotted(figure.part)}/{dotted(figure.base)} = {tenths // 10},{tenths % 10}\N{NO-BREAK SPACE}%"


def dotted(number: int) -> str:
    """9623 → 9.623."""
    return f"{number:,}".replace(",", ".")


def moment(value: datetime) -> str:
    """19:30, 03/11/2026 in Vietnam."""
    return value.astimezone(clock.VIETNAM).strftime("%H:%M, %d/%m/%Y")


def month_words(report: Report) -> str:
    """11/2026."""
    return f"{report.month.month}/{report.month.year}"


def standing(report: Report) -> Say:
    """Whether the figures can still change."""
    if report.closed_at is not None:
        return say("Số liệu đã chốt lúc {when}.", when=moment(report.closed_at))
    if report.as_of is None:
        return say("Tháng chưa chốt, chưa có số liệu.")
    return say("Tháng chưa chốt; số liệu tính đến {when}, còn có thể thay đổi.", when=moment(report.as_of))


def changed_words(correction: Correction) -> list[Say | str]:
    """Each changed figure: its name with both numbers, or its name alone."""
    return [
        words
        if before is None and after is None
        else say(
            "{figure}: từ {before} thành {after}", figure=words, before=_number(before), after=_number(after)
        )
        for words, before, after in correction.changed
    ]


def _number(value: int | None) -> str:
    return dotted(value) if value is not None else say("chưa có")
