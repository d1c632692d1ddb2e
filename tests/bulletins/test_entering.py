"""What is typed for a rule becomes that rule, or is refused at its own field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from server.bulletins.entering import MOST_RULES, NAMES, SPAN, Typed, read_rules
from server.bulletins.titles import TITLES, UNITS
from server.rulebook import book
from server.rulebook.entries import WORDS, entry_of, read_entry
from server.words import Refused

TODAY = date(2026, 11, 22)
GOOD = Typed("attendance_target", "95", date(2026, 12, 1), None, False, "15-HD/BTCTU, 20-10-2026", "C")


def faults(*rows: Typed) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        read_rules(list(rows), today=TODAY)
    return {field: str(why) for field, why in refused.value.reasons.items()}


def value_of(rule: str, value: str) -> object:
    return read_rules([replace(GOOD, rule=rule, value=value)], today=TODAY)[0].value


def test_a_row_becomes_a_rule_of_the_books_unit_and_survives_being_kept() -> None:
    (rule,) = read_rules(
        [replace(GOOD, until=date(2027, 3, 31), ends=True, note=" Cho vùng sâu ")], today=TODAY
    )

    assert (rule.key, rule.scope, rule.value, rule.unit) == ("attendance_target", None, 95, "percent")
    assert (rule.from_on, rule.to_on, rule.note) == (date(2026, 12, 1), date(2027, 3, 31), "Cho vùng sâu")
    assert read_entry(entry_of(rule)) == rule


@pytest.mark.parametrize(
    ("rule", "typed", "value"),
    [
        ("attendance_target", "0", 0), ("attendance_target", "100", 100), ("notice_days_before", "0", 0),
        ("vote_passes", "2/3", Fraction(2, 3)), ("vote_passes", "1 / 1", Fraction(1)),
        ("exemption_decided_by.away_work", "Chi bộ", "cell"),
        ("exemption_decided_by.away_work", "committee", "committee"),
        ("document_typeface", "Times  New Roman", "Times New Roman"), ("document_margin.left", "30", 30),
    ],
)  # fmt: skip
def test_a_value_is_read_by_its_unit(rule: str, typed: str, value: object) -> None:
    assert value_of(rule, typed) == value


@pytest.mark.parametrize(
    ("rule", "typed"),
    [
        ("attendance_target", "101"), ("attendance_target", "-1"), ("attendance_target", "9,5"),
        ("attendance_target", ""),
        ("attendance_target", "١٢"), ("notice_days_before", "-1"), ("notice_days_before", "400"),
        ("minimum_minutes", "0"),
        ("vote_passes", "0/3"), ("vote_passes", "4/3"), ("vote_passes", "1/0"), ("vote_passes", "66"),
        ("exemption_decided_by.away_work", "tỉnh"), ("document_typeface", ""), ("document_line", "0"),
        ("document_margin.left", "500"), ("meeting_band_from.good", "101"),
    ],
)  # fmt: skip
def test_a_value_that_its_unit_can_not_have_is_refused_at_its_field(rule: str, typed: str) -> None:
    assert list(faults(replace(GOOD, rule=rule, value=typed))) == ["value-1"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (replace(GOOD, rule="no_such_rule"), "rule-2"), (replace(GOOD, rule="month_closes_after_days"), "rule-2"),
        (replace(GOOD, since=None), "from-2"), (replace(GOOD, since=date(2025, 10, 31)), "from-2"),
        (replace(GOOD, since=date(2030, 1, 1)), "from-2"), (replace(GOOD, until=date(2026, 11, 30), ends=True), "to-2"),
        (replace(GOOD, ends=True), "to-2"), (replace(GOOD, source="  42 "), "source-2"),
        (replace(GOOD, confidence=""), "confidence-2"), (replace(GOOD, confidence="A"), "confidence-2"),
        (replace(GOOD, note="x" * 301), "note-2"), (GOOD, "from-2"),
    ],
)  # fmt: skip
def test_each_fault_stands_at_its_own_field_of_its_own_row(row: Typed, field: str) -> None:
    assert list(faults(GOOD, row)) == [field]


def test_all_faults_are_told_at_once() -> None:
    found = faults(replace(GOOD, value="", source=""), replace(GOOD, confidence=""))

    assert list(found) == ["value-1", "source-1", "confidence-2"]


def test_the_same_rule_twice_is_two_rules_where_their_days_do_not_meet() -> None:
    first = replace(GOOD, until=date(2026, 12, 31), ends=True)
    second = replace(GOOD, value="96", since=date(2027, 1, 1))

    assert len(read_rules([first, second], today=TODAY)) == 2


def test_a_set_has_a_rule_and_not_too_many() -> None:
    for rows in ([], [GOOD] * (MOST_RULES + 1)):
        assert list(faults(*rows)) == ["rules"]


def test_every_rule_of_the_book_has_a_title_and_a_unit_to_type_it_in() -> None:
    assert set(TITLES) == set(book()) - {("month_closes_after_days", None)}
    units = {book()[name][-1].unit for name in NAMES.values()}
    assert units - set(SPAN) - {"share", *WORDS} == set()
    assert units - set(UNITS) == set(WORDS)
