"""Due dates to choose with one tap, counted from the day of a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from server.clock import month_after, month_of
from server.words import Refused, Say, say
from web.asking import date_in
from web.words import day

WEEK = timedelta(days=7)
Choice = tuple[str, Say]


def for_giving(held_on: date, following: date | None) -> list[Choice]:
    """(value, words): the next meeting first, then a week, a month, the end of the quarter, another day, no date."""
    quarter_end = month_after(month_of(held_on), 3 - (held_on.month - 1) % 3) - timedelta(days=1)
    dated = [
        _next(held_on, following), (held_on + WEEK, say("Một tuần, {day}", day=day(held_on + WEEK))),
        (a_month_later(held_on), say("Một tháng, {day}", day=day(a_month_later(held_on)))),
        (quarter_end, say("Cuối quý, {day}", day=day(quarter_end))),
    ]  # fmt: skip
    return [*_once(dated, held_on), ("other", say("Ngày khác…")), ("", say("Thường xuyên, không đặt hạn"))]


def for_carrying(held_on: date, following: date | None) -> list[Choice]:
    """(value, words) of dates to carry unfinished work over to; another day is typed."""
    month_end = month_after(month_of(held_on)) - timedelta(days=1)
    dated = [
        _next(held_on, following), (held_on + WEEK, say("Một tuần, {day}", day=day(held_on + WEEK))),
        (month_end, say("Cuối tháng, {day}", day=day(month_end))),
    ]  # fmt: skip
    return _once(dated, held_on)


def chosen(typed: Mapping[str, str]) -> date | None:
    """The chosen date, or the typed one (``due`` = other, ``due_other``); None for work without an end.

    Raises Refused at the field for what is no date.
    """
    field = "due_other" if typed["due"] == "other" else "due"
    found = date_in(typed[field])
    if found is None and typed["due"]:
        raise Refused(**{field: say("Ngày không đúng, xin ghi như 03/11/2026.")})
    return found


def a_month_later(held_on: date) -> date:
    """The same day of the next month, or its last."""
    month = month_after(month_of(held_on))
    return min(month + timedelta(days=held_on.day - 1), month_after(month) - timedelta(days=1))


def _next(held_on: date, following: date | None) -> tuple[date, Say]:
    if following is None:
        due = a_month_later(held_on)
        return due, say("Kỳ họp sau, khoảng {day}", day=day(due))
    return following, say("Kỳ họp sau, {day}", day=day(following))


def _once(dated: list[tuple[date, Say]], held_on: date) -> list[Choice]:
    """Each date once, and none that is not ahead."""
    found: dict[str, Say] = {}
    for due, words in dated:
        if due > held_on:
            found.setdefault(due.isoformat(), words)
    return list(found.items())
