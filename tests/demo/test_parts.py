"""The parts that need no database: names, sizes, the calendar of a cell."""

from __future__ import annotations

from datetime import date, time

import pytest

from server import clock
from server.demo.chance import dice, share
from server.demo.figures import figure, table
from server.demo.meetings import calendar
from server.demo.names import Namer, never
from server.demo.people import populate
from server.demo.places import cells_of
from server.names import fold


def meetings_at(day: date, at: time, slug: str = "cao-loc") -> list:
    now = clock.local(day, at)
    cells = [cell for cell in cells_of(slug, seed=1) if not cell.home]
    return [m for cell in cells for m in calendar(cell, seed=1, now=now, months=12, missable=1)]


@pytest.mark.parametrize("mix", table("names")["mixes"])
def test_an_invented_name_is_never_a_real_persons(mix):
    real = [
        "Lê Đình Thông", "Nguyễn Văn Kỳ", "Nguyễn Hữu Chất", "Trần Xuân Quang", "Nguyễn Thị Nga", "Nguyễn Văn Bách",
        "Kiềng Chí Ái", "Liễu Văn Chiến", "Đoàn Thị Bích Hà", "Phạm Quang Sơn", "Anh Huy", "Phương Dung",
    ]  # fmt: skip
    assert {fold(name) for name in real} <= never()
    namer = Namer(mix, dice("names", mix))
    names = [namer.person()[0] for _ in range(400)]
    assert not {fold(name) for name in names} & never()
    assert len({fold(name) for name in names}) == 400


def test_a_name_that_comes_out_as_a_real_persons_is_thrown_again(monkeypatch):
    drawn = iter(["Nguyễn Thị Nga", "Nguyen Thi Nga", "Nguyễn Thị Ngân"])
    monkeypatch.setattr(Namer, "_name", lambda self, sex: next(drawn))
    assert Namer("town", dice(1)).person()[0] == "Nguyễn Thị Ngân"


@pytest.mark.parametrize("slug", ["pleiku", "ayun-pa"])
def test_the_cells_of_a_committee_add_up_and_have_names_of_their_own(slug):
    cells = cells_of(slug, seed=3)
    assert sum(cell.members for cell in cells) == figure(f"{slug}.members")
    assert sum(cell.ill for cell in cells) == figure(f"{slug}.ill")
    assert sum(cell.away for cell in cells) == figure(f"{slug}.away")
    assert len({cell.name for cell in cells}) == len(cells)
    assert all(cell.members - cell.ill - cell.away >= 3 for cell in cells)
    assert not [cell for cell in cells if cell.ill + cell.away and not cell.residential]


def test_shares_add_up_within_their_bounds():
    assert share(10, [1, 1, 8], least=1, most=[9, 9, 5]) == [3, 2, 5]
    assert share(0, [1, 1], least=0, most=[5, 5]) == [0, 0]
    with pytest.raises(ValueError):
        share(20, [1, 1], least=0, most=[5, 5])


def test_who_leads_or_is_exempt_is_who_it_should_be():
    today = date(2026, 11, 14)
    for plan in cells_of("pleiku", seed=2)[:60]:
        cell = populate(plan, seed=2, today=today)
        leading = [member for _, member, _ in cell.seats]
        assert not [
            m for m in leading if m.exempt or m.official_on is None or m.joined > today.replace(year=2025)
        ]
        assert len({id(m) for role, m, _ in cell.seats if role == "group_leader"}) == plan.groups
        assert all(bool(m.group) == bool(plan.groups) for m in cell.members)
        assert all(
            m.born.year + 18 <= m.admitted.year and m.admitted <= m.joined <= today for m in cell.members
        )


def test_on_the_first_of_a_month_everybody_still_has_to_meet():
    this_month = [m for m in meetings_at(date(2027, 3, 1), time(9)) if m.held_on >= date(2027, 3, 1)]
    assert len(this_month) == 142
    assert {(m.held_on, m.state, m.roll) for m in this_month} == {(date(2027, 3, 3), "planned", "")}


def test_nobody_meets_at_tet_and_no_past_meeting_lies_ahead():
    held = [
        m for m in meetings_at(date(2030, 3, 20), time(9)) if date(2030, 2, 1) <= m.held_on < date(2030, 3, 1)
    ]
    assert {m.held_on for m in held} == {date(2030, 2, 12)}
    now = clock.local(date(2026, 11, 22), time(12))
    assert not [
        m for m in meetings_at(date(2026, 11, 22), time(12), "pleiku") if m.roll and m.starts_at > now
    ]
