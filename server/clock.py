"""What day it is where the committees are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date in Vietnam."""
    return now().astimezone(VIETNAM).date()


def local(day: date, at: time) -> datetime:
    """A wall-clock time in Vietnam as a moment."""
    return datetime.combine(day, at, tzinfo=VIETNAM)


def month_of(day: date) -> date:
    """The first day of a date's month: how a month is written everywhere."""
    return day.replace(day=1)


def month_after(month: date, steps: int = 1) -> date:
    """The month ``steps`` later (earlier when negative), as its first day."""
    index = month.year * 12 + month.month - 1 + steps
    return date(index // 12, index % 12 + 1, 1)
