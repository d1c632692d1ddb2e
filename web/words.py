"""How pages write dates and names: 03/11/2026, 19 giờ 30, the given name apart."""

from __future__ import annotations

from datetime import date, datetime

from server.clock import VIETNAM, month_after
from server.meetings.rules import KINDS
from server.words import Say, say

_WEEKDAYS = (
    say("Thứ Hai"), say("Thứ Ba"), say("Thứ Tư"), say("Thứ Năm"), say("Thứ Sáu"), say("Thứ Bảy"), say("Chủ nhật"),
)  # fmt: skip


def day(value: date) -> str:
    """03/11/2026."""
    return value.strftime("%d/%m/%Y")


def moment(value: datetime) -> str:
    """19:30, 03/11/2026 in Vietnam."""
    return value.astimezone(VIETNAM).strftime("%H:%M, %d/%m/%Y")


def when(value: datetime) -> Say:
    """19:30 Thứ Ba, 03/11/2026 in Vietnam."""
    local = value.astimezone(VIETNAM)
    return say(
        "{time} {weekday}, {day}", time=f"{local:%H:%M}", weekday=_WEEKDAYS[local.weekday()], day=day(local)
    )


def month_title(month: date) -> Say:
    """tháng 11/2026."""
    return say("tháng {month}", month=f"{month.month}/{month.year}")


def kind_word(kind: str) -> Say:
    """What a kind of meeting is called."""
    return KINDS[kind]


def read_month(text: str | None, *, default: date) -> date:
    """The month of a ``2026-11`` in a query; ``default`` for none and for nonsense."""
    try:
        month = date.fromisoformat(f"{text}-01") if text and len(text) == 7 else default
    except ValueError:
        return default
    # Years at whose edge there is no month before or after.
    return month if 1900 <= month.year < 2200 else default


def month_switch(path: str, month: date, *, last: date) -> dict[str, str | None]:
    """The month switcher's links: title, previous_*, next_* (None behind ``last``)."""
    before, after = month_after(month, -1), month_after(month)
    further = after <= last
    return {
        "title": say("Tháng {month}", month=f"{month.month}/{month.year}"),
        "previous_href": f"{path}?month={before:%Y-%m}",
        "previous_title": f"{before:%m/%Y}",
        "next_href": f"{path}?month={after:%Y-%m}" if further else None,
        "next_title": f"{after:%m/%Y}" if further else None,
    }


def device_word(agent: str) -> str:
    """A browser as people call it, from what it says of itself: Android · Chrome."""
    systems = {
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Android": "Android",
        "Windows": "Windows",
        "Mac OS": "Mac",
        "Linux": "Linux",
    }
    browsers = {
        "Edg": "Edge",
        "coc_coc": "Coc Coc",
        "OPR": "Opera",
        "Firefox": "Firefox",
        "Chrome": "Chrome",
        "CriOS": "Chrome",
        "Safari": "Safari",
    }
    found = [
        next((word for sign, word in signs.items() if sign in agent), None) for signs in (systems, browsers)
    ]
    return " · ".join(word for word in found if word) or "—"
