"""Whoever asks for a rule gets the one of the day of the case, with its decree."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rulebook import CONFIDENCES, Rule, UnknownRule, book, lookup

RULES = [rule for line in book().values() for rule in line]
UNITS = {
    "days",
    "months",
    "minutes",
    "percent",
    "points",
    "members",
    "meetings",
    "digits",
    "years",
    "times",
    "share",
    "body",
    "mm",
    "pt",
    "words",
}
# What is written and not counted.
WORDS = ("body", "words")
rules = st.sampled_from(RULES)
lines = st.sampled_from(sorted(book(), key=str))


@pytest.mark.parametrize(
    ("key", "scope", "value"),
    [
        ("attendance_target", None, 90), ("notice_days_before", None, 3), ("papers_days_before", None, 1),
        ("results_days_after", None, 2), ("minimum_minutes", None, 90), ("minimum_minutes", "combined", 120),
        ("minimum_minutes", "thematic", 90), ("probation_months", None, 12), ("cell_official_members", None, 3),
        ("cell_committee_from_official_members", None, 9), ("exemption_renewal_months", "away_work", 6),
        ("exemption_at_most_months", "away_work", 12), ("exemption_decided_by", "age_health", "cell"),
        ("exemption_decided_by", "away_work", "committee"), ("vote_passes", None, Fraction(1, 2)),
        ("vote_passes", "admission_or_expulsion", Fraction(2, 3)), ("card_digits", None, 12),
        ("meeting_band_from", "fair", 70), ("admission_age", "from", 18), ("document_margin", "left", 30),
        ("document_margin", "right", 15), ("document_font_size", None, 14),
        ("document_typeface", None, "Times New Roman"),
    ],
)  # fmt: skip
def test_todays_numbers(key: str, scope: str | None, value: object) -> None:
    assert lookup(key, date(2026, 11, 22), scope).value == value


def test_a_case_is_judged_by_the_decree_of_its_day() -> None:
    def decree(day: date) -> str:
        return lookup("exemption_decided_by", day, "age_health").source

    assert decree(date(2025, 1, 19)).startswith("24-QĐ/TW")
    assert decree(date(2025, 1, 20)).startswith("232-QĐ/TW")
    assert decree(date(2026, 4, 7)).startswith("294-QĐ/TW")
    assert decree(date(2026, 7, 26)).startswith("208-QĐ/TW")
    assert lookup("attendance_target", date(2025, 10, 27)).confidence == "B"
    assert lookup("attendance_target", date(2025, 10, 28)).confidence == "G"


@pytest.mark.parametrize(
    ("key", "day", "scope"),
    [
        ("no_such_rule", date(2026, 1, 1), None),
        ("minimum_minutes", date(2025, 10, 27), None),
        ("exemption_decided_by", date(2026, 1, 1), None),
        ("exemption_decided_by", date(2026, 1, 1), "holiday"),
        ("attendance_target", date.min, None),
    ],
)
def test_what_the_rulebook_does_not_know_is_told_and_never_guessed(
    key: str, day: date, scope: str | None
) -> None:
    with pytest.raises(UnknownRule, match=key):
        lookup(key, day, scope)


@given(lines)
def test_the_entries_of_a_rule_follow_each_other_without_gap_or_overlap_up_to_now(
    name: tuple[str, str | None],
) -> None:
    line = book()[name]

    for earlier, later in pairwise(line):
        assert earlier.to_on is not None
        assert later.from_on == earlier.to_on + timedelta(days=1)
    assert line[-1].to_on is None
    assert all(rule.to_on is None or rule.from_on <= rule.to_on for rule in line)


@given(lines, st.dates(max_value=date(9999, 1, 1)))
def test_from_its_first_day_on_every_date_has_exactly_one_answer(
    name: tuple[str, str | None], day: date
) -> None:
    key, scope = name
    line = book()[name]

    if day < line[0].from_on:
        assert not [rule for rule in line if rule.covers(day)]
    else:
        assert [rule for rule in line if rule.covers(day)] == [lookup(key, day, scope)]


@given(rules)
def test_every_rule_says_where_it_comes_from_and_what_it_measures(rule: Rule) -> None:
    assert len(rule.source) > 8
    assert rule.confidence in CONFIDENCES
    assert rule.unit in UNITS
    assert isinstance(rule.value, {"share": Fraction, **dict.fromkeys(WORDS, str)}.get(rule.unit, int))
    assert rule.value not in (0, "")


@given(rules)
def test_only_whole_numbers_are_numbers(rule: Rule) -> None:
    if rule.unit in ("share", *WORDS):
        with pytest.raises(TypeError, match=rule.key):
            _ = rule.number
    else:
        assert rule.number == rule.value
