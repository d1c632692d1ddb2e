"""When work that comes again falls due: whatever the rule and the day, each period once, and in time."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import clock
from server.assignments.periods import (
    MONTHS,
    Rule,
    begun,
    coming,
    due_in,
    due_word,
    key_of,
    occurrences,
    period_of,
    period_word,
)

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    every = draw(st.sampled_from(sorted(MONTHS)))
    return Rule(every, draw(st.integers(1, 31)), draw(st.integers(1, MONTHS[every])), draw(DAYS))


@pytest.mark.parametrize(
    ("every", "day", "month", "period", "due"),
    [
        ("month", 31, 1, date(2026, 2, 1), date(2026, 2, 28)),
        ("month", 30, 1, date(2028, 2, 1), date(2028, 2, 29)),
        ("month", 31, 1, date(2026, 4, 1), date(2026, 4, 30)),
        ("month", 25, 1, date(2026, 12, 1), date(2026, 12, 25)),
        ("quarter", 31, 3, date(2026, 4, 1), date(2026, 6, 30)),
        ("quarter", 15, 2, date(2026, 10, 1), date(2026, 11, 15)),
        ("year", 31, 2, date(2028, 1, 1), date(2028, 2, 29)),
        ("year", 20, 11, date(2026, 1, 1), date(2026, 11, 20)),
    ],
)
def test_short_months_end_on_their_last_day(
    every: str, day: int, month: int, period: date, due: date
) -> None:
    assert due_in(Rule(every, day, month, period), period) == due


@given(rules())
def test_periods_follow_each_other_without_a_gap_and_work_is_due_inside_its_own(rule: Rule) -> None:
    found = list(islice(occurrences(rule), 12))
    for before, after in pairwise(found):
        assert after.period == clock.month_after(before.period, MONTHS[rule.every])
    for one in found:
        assert one.period == period_of(rule.every, one.given_on) == period_of(rule.every, one.usual_due)
        assert rule.from_on <= one.given_on <= one.usual_due
    assert len({key_of(rule.every, one.period) for one in found}) == len(found)


@given(rules(), DAYS)
def test_what_has_begun_and_what_is_coming_are_one_line_without_an_overlap(rule: Rule, day: date) -> None:
    past, future = begun(rule, day), coming(rule, day, 3)
    assert all(one.given_on <= day for one in past)
    assert [one.given_on > day for one in future] == [True] * 3
    if past:
        assert clock.month_after(past[-1].period, MONTHS[rule.every]) == future[0].period
        assert past[0].given_on >= clock.month_after(clock.month_of(day), -3)


@given(rules(), DAYS, st.integers(1, 90))
def test_a_job_that_runs_every_day_or_after_an_outage_makes_the_same(
    rule: Rule, day: date, away: int
) -> None:
    daily = {one.period for n in range(away + 1) for one in begun(rule, day + timedelta(days=n))}
    late = {one.period for one in [*begun(rule, day), *begun(rule, day + timedelta(days=away))]}
    assert late == daily


@given(rules(), DAYS)
def test_a_rule_that_has_ended_gives_nothing_later(rule: Rule, end: date) -> None:
    over = Rule(rule.every, rule.due_day, rule.due_month, rule.from_on, end)
    assert all(one.given_on <= end for one in islice(occurrences(over), 500))
    assert coming(over, end, 3) == []


def test_a_rule_that_begins_after_the_due_day_begins_with_the_next_period() -> None:
    first = next(occurrences(Rule("month", 10, 1, date(2026, 11, 22))))
    assert (first.period, first.given_on, first.due_on) == (
        date(2026, 12, 1),
        date(2026, 12, 1),
        date(2026, 12, 10),
    )
    now = next(occurrences(Rule("month", 25, 1, date(2026, 11, 22))))
    assert (now.period, now.given_on, now.due_on) == (
        date(2026, 11, 1),
        date(2026, 11, 22),
        date(2026, 11, 25),
    )


def test_one_period_may_be_left_out_or_due_on_another_day() -> None:
    exceptions = {date(2026, 2, 1): None, date(2026, 3, 1): date(2026, 3, 5)}
    rule = Rule("month", 25, 1, date(2026, 1, 1), exceptions=exceptions)
    assert [one.due_on for one in islice(occurrences(rule), 4)] == [
        date(2026, 1, 25), None, date(2026, 3, 5), date(2026, 4, 25),
    ]  # fmt: skip
    assert date(2026, 2, 1) not in {one.period for one in begun(rule, date(2026, 4, 2))}


def test_periods_and_due_days_are_told_as_people_say_them() -> None:
    start = date(2026, 1, 1)
    assert period_word("month", date(2026, 11, 1)) == "tháng 11/2026"
    assert period_word("quarter", date(2026, 10, 1)) == "quý IV/2026"
    assert period_word("year", start) == "năm 2026"
    assert due_word(Rule("month", 31, 1, start)) == "hằng tháng, đến hạn ngày cuối tháng"
    assert due_word(Rule("month", 30, 1, start)).endswith("ngày 30 (tháng ngắn hơn thì ngày cuối tháng)")
    assert due_word(Rule("quarter", 20, 2, start)) == "hằng quý, đến hạn ngày 20 của tháng thứ hai trong quý"
    assert due_word(Rule("year", 15, 11, start)) == "hằng năm, đến hạn ngày 15 tháng 11"
