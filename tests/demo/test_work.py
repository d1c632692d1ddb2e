"""The work of the demonstration, without a database: everything that is said could have been said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from server import clock
from server.assignments import periods
from server.assignments.fold import Change, fold, life
from server.assignments.rules import AREAS, MOVES, RESULTS, why_not_move
from server.demo.attendance import Phone
from server.demo.chance import dice, new_id
from server.demo.figures import table
from server.demo.meetings import calendar
from server.demo.people import Cell, populate
from server.demo.places import cells_of
from server.demo.work import Year
from server.demo.work_home import HomeRows, furnish

SLUGS = ("pleiku", "ayun-pa", "cao-loc", "nghe-an")
NOW = clock.local(date(2026, 11, 14), time(23, 59))


def year_of(cell: Cell, now: datetime = NOW) -> tuple[Year, HomeRows]:
    chance = dice(1, cell.plan.id)
    phones = [Phone(new_id(chance), new_id(chance), name) for name in ("Bí thư", "Phó bí thư")]
    meetings = calendar(cell.plan, seed=1, now=now, months=12, missable=1)
    first = cell.shown_member() if cell.plan.home else None
    own = {first.id: Phone(new_id(chance), new_id(chance), first.name)} if first else {}
    year = Year(cell, meetings, phones, own, now, chance, first=first)
    year.fill()
    return year, furnish(year) if cell.plan.home else HomeRows()


def some_years(now: datetime = NOW) -> Iterator[tuple[Year, HomeRows]]:
    """The home cell and some others of every committee."""
    for slug in SLUGS:
        for plan in cells_of(slug, seed=1)[:6]:
            yield year_of(populate(plan, seed=1, today=now.astimezone(clock.VIETNAM).date()), now)


def home_of(slug: str, now: datetime = NOW) -> tuple[Year, HomeRows]:
    plan = next(plan for plan in cells_of(slug, seed=1) if plan.home)
    return year_of(populate(plan, seed=1, today=now.astimezone(clock.VIETNAM).date()), now)


def test_the_texts_are_enough_fit_their_fields_and_name_every_area() -> None:
    words: dict[str, Any] = table("work")
    texts = [t for kind in words["tasks"].values() for some in kind.values() for t in some]
    assert len(texts) >= 40
    assert all(3 <= len(text.format(month=12)) <= 500 for text in texts)
    assert [set(kind) for kind in words["tasks"].values()] == [set(AREAS)] * 2
    assert set(words["areas"]) == set(AREAS)
    assert {work["area"] for work in words["usual"]} <= set(AREAS)
    assert {work["every"] for work in words["usual"]} == {"", "month", "quarter"}


@pytest.mark.parametrize("day", [date(2026, 11, 14), date(2026, 3, 1), date(2027, 1, 31)])
def test_nothing_is_said_that_the_rules_would_refuse_or_that_has_not_happened(day: date) -> None:
    now = clock.local(day, time(12))
    for year, _ in some_years(now):
        held = {m.id: m for m in year.held}
        for work in year.works:
            said = work.said
            assert said[0].kind == "given"
            assert said[0].said_on == work.born.given_on
            for n, (change, fresh) in enumerate(zip(said[1:], work.fresh[1:], strict=True), start=1):
                standing = fold(said[: change.seen])
                assert why_not_move(change.kind, standing) is None, (change, standing)
                assert change.note or not MOVES[change.kind].note
                assert work.fresh[n - 1].device_at < fresh.device_at <= now
                assert fresh.meeting is None or held[fresh.meeting].held_on == change.said_on
                due = change.sets.get("due") or change.sets.get("asked")
                assert due is None or date.fromisoformat(due) >= work.born.given_on
                assert change.sets.get("state", "open").partition(":")[2] in ("", *RESULTS)


def test_work_is_given_to_those_who_belong_and_are_not_exempt() -> None:
    for year, _ in some_years():
        for work in year.works:
            day, who = work.born.given_on, work.said[0].sets["who"]
            assert who in {str(m.id) for m in year.able(day)}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_home_cell_has_something_of_everything(slug: str) -> None:
    year, rows = home_of(slug)
    lives = [life(work.said) for work in year.works]
    states = Counter(lived.standing.result or lived.standing.state for lived in lives)
    assert set(states) >= {"better", "on_time", "late", "not_done", "cancelled", "open", "reported"}
    kinds = [[c.kind for c in work.said] for work in year.works]
    assert any(some.count("carried") >= 2 for some in kinds)
    assert {"progress", "returned", "asked_time", "reassigned"} <= {k for some in kinds for k in some}
    assert any(lived.standing.asked for lived in lives)
    assert any(lived.standing.due is None and lived.standing.live for lived in lives) or slug == "nghe-an"
    overdue = [x for x in lives if x.standing.live and x.standing.due and x.standing.due < year.today]
    assert 0 < len(overdue) < len(lives) / 8
    assert sum(bool(lived.standing.rivals) for lived in lives) == 1
    assert len(rows.usual) == 3
    assert len(rows.resolutions) == 1
    assert sum(work.resolution is not None for work in year.works) >= 5
    assert rows.reminders


@pytest.mark.parametrize("slug", SLUGS)
def test_who_logs_in_as_a_member_has_work_due_soon_and_a_year_behind(slug: str) -> None:
    year, _ = home_of(slug)
    assert year.first is not None
    mine = [work for work in year.works if life(work.said).standing.member == year.first.id]
    live = [work for work in mine if life(work.said).standing.live]
    soon = year.today + timedelta(days=3)
    assert any(work.due and year.today < work.due <= soon and work.open for work in live)
    assert any(life(work.said).standing.state == "reported" for work in live)
    assert len({clock.month_of(work.born.given_on) for work in mine}) >= 10


def test_the_model_office_cell_gives_all_eleven_something_each_month() -> None:
    year, _ = home_of("nghe-an")
    assert {m.held_on.day for m in year.held} <= {3, 12}
    for meeting in year.held:
        given = {work.said[0].sets["who"] for work in year.works if work.born.meeting == meeting.id}
        assert len(given) == 11


def test_usual_work_was_given_as_the_job_would_have_given_it() -> None:
    year, rows = home_of("pleiku")
    for id_, _, _, _, _, every, due_day, due_month, members, start, _, _ in rows.usual:
        given = Counter(work.born.period for work in year.works if work.born.usual_work == id_)
        if not every:
            assert not given
            continue
        rule = periods.Rule(every, due_day, due_month or 1, start)
        expected = [one.period for one in periods.occurrences_until(rule, year.today)]
        assert given == dict.fromkeys(expected, len(members))


def test_most_work_is_done_and_the_newest_is_not_decided_yet() -> None:
    reviewed: Counter[str] = Counter()
    for year, _ in some_years():
        for work in year.works:
            standing = life(work.said).standing
            if year.held and work.born.given_on < clock.month_after(clock.month_of(year.today), -2):
                reviewed[standing.state] += 1
    assert 0.8 < reviewed["done"] / reviewed.total() < 0.97
    assert reviewed["open"] + reviewed["reported"] < reviewed.total() / 20


def changes_of(year: Year) -> list[Change]:
    return [change for work in year.works for change in work.said]


def test_the_same_seed_says_the_same() -> None:
    (first, _), (again, _) = home_of("cao-loc"), home_of("cao-loc")
    assert changes_of(first) == changes_of(again)
