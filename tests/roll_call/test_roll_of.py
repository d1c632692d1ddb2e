"""Who is expected is decided by the rules of the meeting's own day, not of today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from server.roll_call.rules import Person, roll_of, summarise, why_not_close, why_not_mark

AN = Person(
    no=1, member=UUID(int=1), name="Nguyễn Văn An", sort_key="an", group_number=1, group_name="Tổ 1",
    official_on=date(2020, 6, 1), stays=[("permanent", date(2019, 6, 1), None)], exemptions=[],
)  # fmt: skip
MARCH = date(2026, 3, 3)


def test_who_joined_later_or_left_before_is_not_on_the_roll() -> None:
    later = replace(AN, stays=[("permanent", date(2026, 3, 4), None)])
    gone = replace(AN, stays=[("permanent", date(2019, 1, 1), date(2026, 3, 2))])
    last_day = replace(AN, stays=[("permanent", date(2019, 1, 1), MARCH)])

    assert roll_of(MARCH, [later, gone]) == []
    assert len(roll_of(MARCH, [last_day])) == 1


def test_who_is_transferred_out_for_a_time_is_not_on_the_list_and_who_is_here_for_a_time_is() -> None:
    away = replace(AN, stays=[*AN.stays, ("temporary_out", date(2026, 1, 1), date(2026, 6, 30))])
    guest = replace(AN, stays=[("temporary_in", date(2026, 1, 1), date(2026, 6, 30))])

    assert roll_of(MARCH, [away]) == []
    assert len(roll_of(date(2026, 7, 1), [away])) == 1
    assert [e.base for e in roll_of(MARCH, [guest])] == ["expected"]
    assert roll_of(date(2026, 7, 1), [guest]) == []


def test_the_exempt_are_on_the_roll_but_not_expected_while_the_exemption_lasts() -> None:
    ill = replace(AN, exemptions=[("age_health", date(2026, 3, 3), date(2026, 3, 3))])

    assert [(e.base, e.exempt_kind) for e in roll_of(MARCH, [ill])] == [("exempt", "age_health")]
    assert [e.base for e in roll_of(date(2026, 3, 4), [ill])] == ["expected"]
    assert [e.base for e in roll_of(date(2026, 3, 2), [ill])] == ["expected"]


def test_probation_is_judged_on_the_day() -> None:
    assert roll_of(date(2020, 5, 31), [AN])[0].probationary
    assert not roll_of(date(2020, 6, 1), [AN])[0].probationary


def test_groups_first_then_the_vietnamese_order_of_names() -> None:
    people = [replace(AN, no=2, sort_key="b"), replace(AN, no=3, group_number=0), AN]

    assert [e.person.no for e in roll_of(MARCH, people)] == [3, 1, 2]


def test_an_exempt_member_who_comes_counts_as_present_and_in_the_base() -> None:
    summary = summarise([("present", "expected", 117), ("late", "expected", 1), ("absent_excused", "expected", 5),
                         ("exempt", "exempt", 27), ("present", "exempt", 1)])  # fmt: skip

    assert (summary["attending"], summary["base"], summary["exempt_attending"]) == (119, 124, 1)
    assert summary["exempt"] == 27


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"may": "look"}, "không được giao"),
        ({"may": "group", "own_group": False}, "tổ của mình"),
        ({"state": "asleep"}, "không hợp lệ"),
        ({"state": "exempt"}, "không thuộc diện miễn"),
        ({"state": "not_called", "base": "exempt"}, "được miễn sinh hoạt"),
        ({"closed": True, "may_change_late": False}, "đã khóa"),
        ({"closed": True, "late_reason": "  "}, "phải ghi lý do"),
    ],
)
def test_a_mark_that_cannot_be_taken_says_why(given: dict[str, object], word: str) -> None:
    usual: dict[str, object] = {
        "state": "present", "base": "expected", "closed": False, "late_reason": "", "may": "mark", "own_group": True,
        "may_change_late": True,
    }  # fmt: skip
    assert why_not_mark(**usual) is None  # type: ignore[arg-type]

    reason = why_not_mark(**{**usual, **given})  # type: ignore[arg-type]

    assert reason is not None
    assert word in reason


def test_a_roll_closes_only_when_everybody_is_decided() -> None:
    decided = {"not_called": 0}
    open_ = {"not_called": 3}

    assert why_not_close(decided, conflicts=0, rest_absent=False) is None
    assert "3 đồng chí chưa gọi" in str(why_not_close(open_, conflicts=0, rest_absent=False))
    assert why_not_close(open_, conflicts=0, rest_absent=True) is None
    assert "2 đồng chí ghi khác nhau" in str(why_not_close(open_, conflicts=2, rest_absent=True))
