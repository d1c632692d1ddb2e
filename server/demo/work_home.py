"""What a demonstration's home cell has besides: usual work, a resolution, reminders, contacts, one of everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from server import clock
from server.assignments import periods
from server.assignments.usual import assignment_id, task_id
from server.demo.chance import new_id
from server.demo.figures import table
from server.demo.people import Member
from server.demo.telling import Work
from server.demo.work import Year

Row = tuple[Any, ...]
# How long the usual work has been set up, and how many days of reminders there are; a reminder goes out so many days
# before the due date.
_USUAL_MONTHS, _REMINDED_DAYS, _DAYS_BEFORE = 6, 3, 3
_CHANNELS = ("zalo", "zalo", "call", "call", "sms", "family_visit")


@dataclass
class HomeRows:
    """Rows besides the assignments themselves, in the order of their tables' columns (see ``work_rows``)."""

    usual: list[Row] = field(default_factory=list)
    resolutions: list[Row] = field(default_factory=list)
    reminders: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)


def furnish(year: Year) -> HomeRows:
    """Add to the year of a home cell what makes it worth a look. Needs three meetings that were held, else nothing."""
    rows = HomeRows()
    if len(year.held) < 3:
        return rows
    _usual_work(year, rows)
    _resolution(year, rows)
    if year.first is not None:
        _of_the_first(year, year.first)
    _one_of_everything(year)
    _open_ended(year)
    _reminders(year, rows)
    _contacts(year, rows)
    return rows


def _usual_work(year: Year, rows: HomeRows) -> None:
    start = clock.month_after(clock.month_of(year.today), -_USUAL_MONTHS)
    able = year.able(start)
    for n, wanted in enumerate(table("work")["usual"]):
        id_, members = new_id(year.chance), able[n * 3 : n * 3 + wanted["people"]]
        rows.usual.append((
            id_, year.cell.plan.id, wanted["text"], wanted["area"], "", wanted["every"], wanted.get("due_day"),
            wanted.get("due_month"), [m.id for m in members], start, clock.local(start, time(8)), year.phones[0].by,
        ))  # fmt: skip
        if wanted["every"]:
            rule = periods.Rule(wanted["every"], wanted["due_day"], wanted.get("due_month", 1), start)
            _occur(year, id_, rule, (wanted["area"], wanted["text"]), members)


def _occur(year: Year, id_: UUID, rule: periods.Rule, what: tuple[str, str], members: list[Member]) -> None:
    for one in periods.occurrences_until(rule, year.today):
        index = sum(m.held_on <= one.given_on for m in year.held) - 1
        able = year.able(one.given_on)
        for member in (m for m in members if m in able):
            work = year.give(
                assignment_id(id_, rule.every, one.period, member.id), member, what, one.due_on,
                at=clock.local(one.given_on, time(0, 20)), task=task_id(id_, rule.every, one.period),
                usual=(id_, one.period),
            )  # fmt: skip
            year.follow(work, index)


def _resolution(year: Year, rows: HomeRows) -> None:
    """This year's, with what the first meeting of the year gave; nothing before that meeting."""
    first = next((m for m in year.held if m.held_on.year == year.today.year), None)
    if first is None:
        return
    words, id_ = table("work")["resolution"], new_id(year.chance)
    rows.resolutions.append((
        id_, year.cell.plan.id, first.held_on.year, words["number"], first.held_on,
        words["abstract"].format(year=first.held_on.year), first.starts_at, year.phones[0].by,
    ))  # fmt: skip
    for work in year.works:
        if work.born.meeting == first.id:
            work.resolution = id_


def _give(
    year: Year, index: int, member: Member, due: date | None, what: tuple[str, str] | None = None
) -> Work:
    meeting = year.held[index]
    return year.give(
        new_id(year.chance), member, what or year.something(meeting.held_on.month),
        due and max(due, meeting.held_on), at=meeting.starts_at + timedelta(minutes=75), task=new_id(year.chance),
        meeting=meeting,
    )  # fmt: skip


def _in(year: Year, days: int) -> date:
    return year.today + timedelta(days=days)


def _of_the_first(year: Year, member: Member) -> None:
    """What a visitor with a member's log-in finds: due soon, with time, waiting for the secretary."""
    soon = _give(year, -1, member, _in(year, 2))
    year.say(soon, "progress", {}, _in(year, -1), note=year.one("progress"), own=True)
    _give(year, -1, member, _in(year, 11))
    year.report(_give(year, -1, member, _in(year, 1)), _in(year, -1))


def _one_of_everything(year: Year) -> None:
    people = iter(year.able(year.held[-3].held_on)[::-1])
    twice = _give(year, -3, next(people), year.held[-3].held_on + timedelta(days=12))
    for review, due in ((-2, year.held[-2].held_on + timedelta(days=12)), (-1, _in(year, 5))):
        year.carry(twice, year.held[review], due)
    year.send_back(_give(year, -1, next(people), _in(year, 3)), _in(year, 1))
    waiting = {"asked": _in(year, 9).isoformat()}
    slow = _give(year, -1, next(people), _in(year, 2))
    year.say(slow, "asked_time", waiting, _in(year, -1), note=year.one("asked"), own=True)
    year.hand_over(_give(year, -1, next(people), _in(year, 9)), _in(year, -4))
    _give(year, -1, next(people), _in(year, -3))
    off = _give(year, -1, next(people), _in(year, 6))
    year.say(off, "cancelled", {"state": "cancelled"}, _in(year, -5), note=year.one("cancelled"))
    if len(year.phones) > 1:
        _two_dates(year, _give(year, -1, next(people), _in(year, 8)))


def _two_dates(year: Year, work: Work) -> None:
    """Secretary and deputy put it off without knowing of each other."""
    for unseen, days in enumerate((12, 15)):
        sets = {"due": _in(year, days).isoformat()}
        year.say(work, "rescheduled", sets, _in(year, -1), note=year.one("rescheduled"), unseen=unseen)


def _open_ended(year: Year) -> None:
    """Work without a deadline: keepers who stay in touch with those away."""
    text = next(t for t in year.tasks["party_building"] if "liên hệ" in t or "sổ" in t)
    for member in list(dict.fromkeys(keeper.id for keeper, _ in _kept(year)))[:2]:
        keeper = next(m for m in year.cell.members if m.id == member)
        work = _give(year, 0, keeper, None, ("party_building", text))
        for months in (3, 6, 9):
            day = year.held[0].held_on + timedelta(days=30 * months)
            year.say(work, "progress", {}, day, note=year.one("contacts") or year.one("progress"), own=True)


def _kept(year: Year) -> Iterator[tuple[Member, Member]]:
    """(keeper, who is away) of those who work away."""
    of = {m.id: m for m in year.cell.members}
    for member in year.cell.members:
        keeper = next((x.keeper for x in reversed(member.exempt) if x.keeper), None)
        if keeper is not None:
            yield of[keeper], member


def _reminders(year: Year, rows: HomeRows) -> None:
    """Those of the last days, told by the secretary."""
    for back in range(_REMINDED_DAYS, 0, -1):
        day = _in(year, -back)
        due: dict[UUID, list[Work]] = {}
        for work in year.works:
            if (
                work.due in (day, day + timedelta(days=_DAYS_BEFORE))
                and work.open
                and work.born.given_on <= day
            ):
                due.setdefault(work.member.id, []).append(work)
        at = clock.local(day, time(6))
        for member, works in due.items():
            today = sum(work.due == day for work in works)
            told = at + timedelta(hours=year.chance.randint(2, 12)) if year.chance.random() < 0.7 else None
            rows.reminders.append((
                member, day, [w.born.id for w in works], len(works) - today, today, 0, at, told,
                year.phones[0].by if told else "",
            ))  # fmt: skip


def _contacts(year: Year, rows: HomeRows) -> None:
    """Once a month each keeper asks how those away are."""
    chance = year.chance
    for keeper, away in _kept(year):
        for meeting in year.held:
            on = meeting.held_on + timedelta(days=chance.randint(5, 20))
            if on <= year.today and any(
                x.start <= on and (x.end is None or x.end >= on) for x in away.exempt
            ):
                phone = year.own.get(keeper.id, year.phones[0])
                rows.contacts.append((
                    new_id(chance), away.id, on, chance.choice(_CHANNELS), year.one("contacts"),
                    clock.local(on, time(19, 40)), phone.account, keeper.name,
                ))  # fmt: skip
