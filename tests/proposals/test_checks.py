"""A paper against itself and against the roll call."""

from __future__ import annotations

from datetime import date

import pytest

from server.proposals.checks import Roll, contradictions, differences
from server.proposals.fields import Proposal
from server.proposals.propose import propose
from tests.proposals.sheets import page

ROLL = Roll(
    members_total=42, expected=36, present=32, absent_excused=3, absent_unexcused=1, held_on=date(2026, 10, 4)
)


def values(**named: str | int) -> list[Proposal]:
    """Proposals by name; two underscores are the point between a kind and its part."""
    return [
        Proposal(name.replace("__", "."), value, str(value), 0, None, 90) for name, value in named.items()
    ]


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"members_total": 42, "official": 40, "probationary": 1},
         "Chính thức và dự bị 40 + 1 cộng lại là 41, nhưng tổng số ghi 42."),
        ({"members_total": 42, "exempt": 6, "expected": 35},
         "Miễn và phải có mặt 6 + 35 cộng lại là 41, nhưng tổng số ghi 42."),
        ({"present": 33, "expected": 36, "attendance_rate": "90.00"},
         "Tỷ lệ ghi 90,00 %, nhưng 33/36 là 91,67 %."),
        ({"started_at": "19:00", "ended_at": "09:05"},
         "Kết thúc lúc 09:05, không sau giờ bắt đầu 19:00."),
        ({"vote__in_favour": 34, "vote__out_of": 35, "vote__against": 2},
         "Biểu quyết: 36 ý kiến, nhiều hơn 35 người được tính."),
        ({"vote__in_favour": 34, "vote__out_of": 35, "present": 33},
         "Biểu quyết: 34 ý kiến, nhiều hơn 33 người có mặt."),
        ({"vote__in_favour": 30, "vote__out_of": 42, "official": 41},
         "Biểu quyết tính trên 42, nhiều hơn 41 đảng viên chính thức."),
        ({"meeting_date": "2026-10-03", "assignment__due": "2026-10-01"},
         "Thời hạn 2026-10-01 là trước ngày họp."),
    ],
)  # fmt: skip
def test_values_that_cannot_all_be_right_are_pointed_out(named: dict[str, str | int], says: str) -> None:
    (only,) = contradictions(values(**named))

    assert only.says == says
    assert set(only.names) <= {name.replace("__", ".") for name in named}


@pytest.mark.parametrize(
    "named",
    [
        {"members_total": 42, "official": 41, "probationary": 1, "exempt": 6, "expected": 36},
        {"present": 33, "expected": 36, "attendance_rate": "91.7"},
        {"started_at": "19:00", "ended_at": "21:05"},
        {"vote__in_favour": 32, "vote__out_of": 35, "vote__against": 0, "present": 33, "official": 41},
        {"meeting_date": "2026-10-03", "assignment__due": ""},
        {"present": 33, "expected": 36, "absent_excused": 3},  # how many had no reason is not told
        {"attendance_rate": "0", "present": 0, "expected": 0},
    ],
)
def test_values_that_agree_or_say_too_little_are_let_be(named: dict[str, str | int]) -> None:
    assert contradictions(values(**named)) == ()


def test_more_named_than_counted_is_pointed_out_with_the_names() -> None:
    proposals = propose(
        [page("BIÊN BẢN\nVắng có lý do: 01 đồng chí, gồm Phan Thị Mận (ốm), Đinh Quang Tiệp (trực ca).")]
    )
    (only,) = contradictions(proposals)

    assert only.says == "Ghi 1 người vắng có lý do, nhưng nêu tên 2 người."
    assert only.says.msgid == "Ghi {count} người vắng có lý do, nhưng nêu tên {named} người."
    assert [p.value for p in only.proposals] == [1, "Phan Thị Mận", "Đinh Quang Tiệp"]


def test_paper_and_roll_stand_side_by_side_where_they_differ() -> None:
    paper = values(
        meeting_date="2026-10-03", members_total=42, expected=36, present=33, absent_excused=3, exempt=6
    )
    found = differences(paper, ROLL)

    assert [(d.name, d.paper, d.roll) for d in found] == [
        ("meeting_date", "2026-10-03", "2026-10-04"),
        ("present", 33, 32),
    ]
    assert found[1].proposal is paper[3]
    assert differences(paper, None) == ()
