"""When work that comes again and again falls due: months, quarters, years, and what is another way this time. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, takewhile

from server import clock
from server.words import Say, say

# Months of a period, by how often work comes; "" is a template, which nobody is given by itself.
MONTHS = {"month": 1, "quarter": 3, "year": 12}
EVERY = {
    "": say("Việc mẫu: không tự giao"),
    "month": say("Hằng tháng"),
    "quarter": say("Hằng quý"),
    "year": say("Hằng năm"),
}
# After days without the job everything is made up for; what is older than this many months is left to people.
MONTHS_BACK = 3
_ROMAN = ("I", "II", "III", "IV")
_ORDINAL = (say("thứ nhất"), say("thứ hai"), say("thứ ba"))
_LONGEST_MONTH, _SHORTEST_MONTH = 31, 28


@dataclass(frozen=True, slots=True)
class Rule:
    """How work comes again: ``due_day`` of the month ``due_month`` of the period (1: its first), from a day on.

    ``exceptions``: {first day of a period: another due date, or None for none that time}.
    """

    every: str
    due_day: int
    due_month: int
    from_on: date
    to_on: date | None = None
    exceptions: Mapping[date, date | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One period's work: ``period`` its first day, ``due_on`` None where there is none this time.

    ``usual_due``: when it would be due without an exception.
    """

    period: date
    given_on: date
    due_on: date | None
    usual_due: date


def period_of(every: str, day: date) -> date:
    """The first day of the month, quarter or year of a day."""
    months = MONTHS[every]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def due_in(rule: Rule, period: date) -> date:
    """The usual due date of a period; a month that is too short ends it on its last day."""
    month = clock.month_after(period, rule.due_month - 1)
    return month.replace(day=min(rule.due_day, monthrange(month.year, month.month)[1]))


def occurrences(rule: Rule) -> Iterator[Occurrence]:
    """All occurrences of a rule, the oldest first, those that are left out this time among them.

    Work is given on the first day of its period, in the period in which the rule begins on the day it does. A period
    whose due date has passed by then has none.
    """
    period = period_of(rule.every, rule.from_on)
    while rule.to_on is None or period <= rule.to_on:
        given, usual = max(period, rule.from_on), due_in(rule, period)
        due = rule.exceptions.get(period, usual)
        if (due or usual) >= given and (rule.to_on is None or given <= rule.to_on):
            yield Occurrence(period, given, due, usual)
        period = clock.month_after(period, MONTHS[rule.every])


def occurrences_until(rule: Rule, day: date) -> list[Occurrence]:
    """Those that have been given by a day."""
    return list(takewhile(lambda one: one.given_on <= day, occurrences(rule)))


def begun(rule: Rule, day: date) -> list[Occurrence]:
    """The occurrences that have been given by a day, at most three months ago, but for those left out."""
    oldest = clock.month_after(clock.month_of(day), -MONTHS_BACK)
    return [one for one in occurrences_until(rule, day) if one.given_on >= oldest and one.due_on is not None]


def coming(rule: Rule, day: date, count: int) -> list[Occurrence]:
    """The next occurrences that will be given after a day, those left out among them."""
    return list(islice((one for one in occurrences(rule) if one.given_on > day), count))


def key_of(every: str, period: date) -> str:
    """A period as text: ``2026-11``, ``2026-Q4``, ``2026``; a year and its first month are not the same."""
    if every == "year":
        return f"{period.year}"
    return f"{period.year}-Q{period.month // 3 + 1}" if every == "quarter" else f"{period:%Y-%m}"


def period_word(every: str, period: date) -> Say:
    """What people call a period: tháng 11/2026, quý IV/2026, năm 2026."""
    if every == "year":
        return say("năm {year}", year=period.year)
    if every == "quarter":
        return say("quý {quarter}/{year}", quarter=_ROMAN[period.month // 3], year=period.year)
    return say("tháng {month}", month=f"{period.month}/{period.year}")


def due_word(rule: Rule) -> Say:
    """When work of a rule is due: hằng tháng, đến hạn ngày cuối tháng."""
    day = _day_word(rule.due_day)
    if rule.every == "year":
        return say("hằng năm, đến hạn {day} tháng {month}", day=day, month=rule.due_month)
    if rule.every == "quarter":
        return say(
            "hằng quý, đến hạn {day} của tháng {which} trong quý", day=day, which=_ORDINAL[rule.due_month - 1]
        )
    return say("hằng tháng, đến hạn {day}", day=day)


def _day_word(day: int) -> Say:
    if day == _LONGEST_MONTH:
        return say("ngày cuối tháng")
    if day > _SHORTEST_MONTH:
        return say("ngày {day} (tháng ngắn hơn thì ngày cuối tháng)", day=day)
    return say("ngày {day}", day=day)
