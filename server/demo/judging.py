"""What cells say of themselves: the points of a meeting, and the classification of the year before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from server.demo.chance import dice
from server.demo.meetings import Meeting
from server.demo.people import Cell

# How many of the meetings with a closed roll have been given points, and how these lie.
_SCORED, _MEAN, _SPREAD = 0.85, 84, 9
# Of those who are rated; at most a fifth of the good ones may be excellent, and most committees use all of it.
_EXCELLENT, _COMPLETED, _FAILED = 0.15, 0.12, 0.01
_WHY_NOT_RATED = "Miễn sinh hoạt, không đủ thời gian công tác để xếp loại"


def quality_of(
    cell: Cell, meeting: Meeting, *, seed: int, now: datetime
) -> tuple[int | None, str, datetime | None]:
    """The columns quality, quality_by, quality_at of a meeting."""
    chance = dice(seed, meeting.id, "quality")
    if meeting.roll != "closed" or chance.random() > _SCORED:
        return None, "", None
    points = min(100, max(35, round(chance.gauss(_MEAN, _SPREAD))))
    return points, cell.holder("secretary").name, min(meeting.starts_at + timedelta(hours=3), now)


def classification_of(cell: Cell, *, seed: int, today: date) -> tuple[Any, ...] | None:
    """The row of the year before ``today``'s; None where nobody belonged to the cell then."""
    year = today.year - 1
    last = date(year, 12, 31)
    there = [member for member in cell.members if member.joined <= last]
    if not there:
        return None
    chance = dice(seed, cell.plan.id, "classification")
    not_rated = sum(
        any(x.kind == "away_work" and x.start <= last and (x.end is None or x.end >= last) for x in m.exempt)
        for m in there
    )
    rated = len(there) - not_rated
    failed = sum(chance.random() < _FAILED for _ in range(rated))
    completed = min(rated - failed, round(rated * _COMPLETED * chance.uniform(0.4, 1.6)))
    excellent = int((rated - failed - completed) * _EXCELLENT)
    grade = chance.choices(("excellent", "good", "completed", "failed"), (20, 66, 13, 1))[0]
    return (
        cell.plan.id, year, grade, len(there), excellent, rated - failed - completed - excellent, completed, failed,
        not_rated, _WHY_NOT_RATED if not_rated else "", cell.holder("secretary").name,
    )  # fmt: skip
