"""Assignments of the demonstration as rows: folded as the product folds what phones send, written in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

from server.assignments.fold import Life, life, rivals_of
from server.demo.attendance import Phone
from server.demo.chance import dice, new_id
from server.demo.meetings import Meeting
from server.demo.people import Cell, Member
from server.demo.telling import Work
from server.demo.work import Year
from server.demo.work_home import HomeRows, furnish
from server.names import fold as folded

Row = tuple[Any, ...]
# In the order in which they are written: what is pointed at comes first.
COLUMNS = {
    "usual_work": ("id", "cell", "text", "area", "check_by", "every", "due_day", "due_month", "members", "from_on",
                   "created_at", "created_by"),
    "resolution": ("id", "cell", "year", "number", "adopted_on", "abstract", "created_at", "created_by"),
    "assignment": ("id", "task", "cell", "meeting", "given_on", "usual_work", "period", "resolution", "version",
                   "member", "text", "area", "check_by", "due_on", "state", "result", "asked_due", "rivals",
                   "reported_on", "ended_on", "folded"),
    "assignment_change": ("id", "assignment", "ordinal", "kind", "sets", "note", "seen", "after", "meeting", "said_on",
                          "device", "device_at", "received_at", "account", "by_name", "behalf"),
    "assignment_span": ("assignment", "n", "cell", "member", "due_on", "from_on", "to_on", "ended", "result"),
    "reminder": ("member", "on_day", "assignments", "soon", "today", "overdue", "planned_at", "told_at", "told_by"),
    "contact": ("id", "member", "held_on", "channel", "summary", "created_at", "account", "by_name"),
}  # fmt: skip
# How many of the members speak for themselves, where the cell is one that visitors look at.
_WITH_PHONE = 0.5


def work_of(
    cell: Cell, meetings: Sequence[Meeting], phones: Sequence[Phone], accounts: Mapping[tuple[UUID, str], UUID],
    *, seed: int, now: datetime,
) -> dict[str, list[Row]]:  # fmt: skip
    """All rows about the work of one cell, by table."""
    chance = dice(seed, cell.plan.id, "work")
    linked = cell.shown_member() if cell.plan.home else None
    own = _own_phones(cell, linked, accounts, chance) if cell.plan.home else {}
    year = Year(cell, meetings, phones, own, now, chance, first=linked)
    year.fill()
    home = furnish(year) if cell.plan.home else HomeRows()
    rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    rows |= {
        "usual_work": home.usual,
        "resolution": home.resolutions,
        "reminder": home.reminders,
        "contact": home.contacts,
    }
    for work in sorted(year.works, key=lambda w: (w.fresh[0].device_at, w.born.id)):
        _kept(work, rows)
    return rows


def _own_phones(
    cell: Cell, linked: Member | None, accounts: Mapping[tuple[UUID, str], UUID], chance: Random
) -> dict[UUID, Phone]:
    """By member, those who have one; the account is the demonstration's own where a visitor can log in with it."""
    return {
        member.id: Phone(
            new_id(chance), (accounts.get((cell.plan.id, "member")) if member is linked else None) or new_id(chance),
            member.name,
        )
        for member in cell.members if member is linked or chance.random() < _WITH_PHONE
    }  # fmt: skip


def _kept(work: Work, rows: Mapping[str, list[Row]]) -> None:
    said, born = work.said, work.born
    lived: Life = life(said)
    now = lived.standing
    rivals = rivals_of(now)
    rows["assignment"].append((
        born.id, born.task, born.cell, born.meeting, born.given_on, born.usual_work, born.period, work.resolution,
        len(said), now.member, now.text, now.area, now.check_by, now.due, now.state, now.result, now.asked,
        json.dumps(rivals) if rivals else None, lived.reported_on, lived.ended_on,
        _folded(f"{now.text} {now.check_by}"),
    ))  # fmt: skip
    rows["assignment_change"].extend(_said(work))
    rows["assignment_span"].extend(
        (born.id, n, born.cell, s.member, s.due_on, s.from_on, s.to_on, s.ended, s.result)
        for n, s in enumerate(lived.spans, start=1)
    )


@lru_cache(maxsize=4096)
def _folded(words: str) -> str:
    # The same words are given again and again.
    return folded(words)


def _said(work: Work) -> Iterable[Row]:
    for one in work.fresh:
        c = one.change
        yield (
            c.id, work.born.id, c.ordinal, c.kind, json.dumps(c.sets, ensure_ascii=False), c.note, c.seen, [],
            one.meeting, c.said_on, one.device, one.device_at, one.device_at, one.account, c.by, one.behalf,
        )  # fmt: skip
