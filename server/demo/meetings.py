"""When a cell met: a fixed day a month, a few times not, Tết in between; this month as it stands today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from server import clock
from server.demo.chance import dice, new_id
from server.demo.figures import figure
from server.demo.places import CellPlan

# First days of the lunar year. In the weeks around them many are with their families elsewhere.
TET = (
    date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13),
    date(2030, 2, 3), date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19), date(2035, 2, 8),
)  # fmt: skip
_STORMS = (8, 9, 10)
WHY_NOT = {
    "tet": ("Nghỉ Tết Nguyên đán, dồn nội dung sang tháng sau",),
    "storm": ("Mưa bão, đường bị chia cắt", "Chi bộ tham gia khắc phục mưa lũ"),
    "other": ("Trùng lịch tiếp xúc cử tri", "Bí thư đi học, phó bí thư ốm", "Trùng lịch hội nghị cấp trên"),
}
# Until when a meeting's roll has surely been closed and put right.
_LENGTH = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A regular meeting; ``dip`` lowers everybody's chance to come.

    ``roll`` is ``closed``, ``open`` (some called) or "" (never opened).
    """

    id: UUID
    held_on: date
    starts_at: datetime
    state: str
    why_not: str = ""
    roll: str = ""
    dip: float = 0.0


def calendar(plan: CellPlan, *, seed: int, now: datetime, months: int, missable: int) -> list[Meeting]:
    """The regular meetings of a cell in ``months`` whole months, at most ``missable`` of them missed, and this one.

    A home cell missed none, meets today, and has next month's meeting planned.
    """
    chance = dice(seed, plan.id, "meetings")
    today = now.astimezone(clock.VIETNAM).date()
    month = clock.month_of(today)
    past = [clock.month_after(month, -n) for n in range(months, 0, -1)]
    day, at = _custom(plan, chance)
    missed = set() if plan.home else _missed(past, missable, chance)
    meetings = [
        _missing(_day(m, day), at, m == past[-1], chance) if m in missed else _held(_day(m, day), at, chance)
        for m in past
    ]
    if plan.home:
        next_month = clock.month_after(month)
        return meetings + [_planned(d, at, chance) for d in (today, _day(next_month, day))]
    return [*meetings, *_this_month(_day(month, day), at, now, chance)]


def _custom(plan: CellPlan, chance: Random) -> tuple[int, time]:
    """The cell's day and time: residential cells meet on the 3rd, office cells when their work allows it; the model
    office cell on the 3rd too.
    """
    if plan.home and not plan.residential:
        return figure("meeting_day"), time(14)
    if plan.residential:
        return figure("meeting_day"), chance.choice((time(19), time(19, 30), time(19, 30), time(8)))
    return chance.randint(4, 26), chance.choice((time(7, 30), time(14), time(16)))


def _day(month: date, day: int) -> date:
    held_on = month.replace(day=day)
    # Office cells (they choose their day) don't meet at weekends; nobody meets at Tết.
    if day != figure("meeting_day") and held_on.weekday() > 4:
        held_on += timedelta(days=7 - held_on.weekday())
    at_tet = any(-2 <= (held_on - tet).days <= 6 for tet in TET)
    return held_on + timedelta(days=9) if at_tet and held_on.day < 20 else held_on


def _missed(months: list[date], missable: int, chance: Random) -> set[date]:
    """Which months a cell missed: most none; rather at Tết and in the months of storms."""
    wanted = sum(chance.random() < 0.2 for _ in range(missable))
    weights = [6 if _tet_in(m) else 2 if m.month in _STORMS else 1 for m in months]
    return set(chance.choices(months, weights, k=wanted)) if months else set()


def _tet_in(month: date) -> bool:
    return any(clock.month_of(tet) == month for tet in TET)


def _held(day: date, at: time, chance: Random) -> Meeting:
    near_tet = _tet_in(clock.month_of(day))
    dip = chance.uniform(0.03, 0.1) if near_tet else chance.uniform(-0.01, 0.03)
    harvest = 0.015 if day.month in (11, 12) else 0.0
    return Meeting(new_id(chance), day, clock.local(day, at), "held", roll="closed", dip=dip + harvest)


def _planned(day: date, at: time, chance: Random, roll: str = "") -> Meeting:
    return Meeting(new_id(chance), day, clock.local(day, at), "planned", roll=roll)


def _missing(day: date, at: time, last: bool, chance: Random) -> Meeting:
    """A month without a meeting: called off with a reason, or never reported."""
    if chance.random() < (0.6 if last else 0.25):
        return _planned(day, at, chance)
    reasons = (
        WHY_NOT["tet"]
        if _tet_in(clock.month_of(day))
        else WHY_NOT["storm" if day.month in _STORMS else "other"]
    )
    return Meeting(new_id(chance), day, clock.local(day, at), "not_held", chance.choice(reasons))


def _this_month(day: date, at: time, now: datetime, chance: Random) -> Iterator[Meeting]:
    if clock.local(day, at) + _LENGTH > now:
        yield _planned(day, at, chance)
        return
    draw = chance.random()
    today = now.astimezone(clock.VIETNAM).date()
    later = today + timedelta(days=chance.randint(1, 9))
    if draw < 0.86:
        yield _held(day, at, chance)
    elif draw < 0.94:
        yield _planned(day, at, chance, roll="open" if draw < 0.88 else "")
    elif later.month == day.month:
        yield _planned(later, at, chance)
    else:
        yield Meeting(new_id(chance), day, clock.local(day, at), "not_held", chance.choice(WHY_NOT["other"]))
