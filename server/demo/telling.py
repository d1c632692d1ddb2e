"""A cell of the demonstration that gives work and speaks of it, as its phones would have: one change after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from server import clock
from server.assignments.fold import Change
from server.assignments.keeping import Born, Fresh
from server.demo.attendance import Phone
from server.demo.chance import new_id
from server.demo.figures import table
from server.demo.meetings import Meeting
from server.demo.people import Cell, Member

_SOON_AFTER = timedelta(minutes=3)


@dataclass(slots=True)
class Work:
    """One assignment on its way into rows; ``due`` and ``member`` as they stand, ``fresh`` all that was said of it."""

    born: Born
    member: Member
    due: date | None
    fresh: list[Fresh] = field(default_factory=list)
    resolution: UUID | None = None

    @property
    def said(self) -> list[Change]:
        """All changes, the first first."""
        return [one.change for one in self.fresh]

    @property
    def open(self) -> bool:
        """Whether it is being done and nobody has said yet that it is not any more."""
        return bool(next(c.sets["state"] for c in reversed(self.said) if "state" in c.sets) == "open")


class Telling:
    """A cell that gives work and speaks of it, nothing after ``now``; ``first`` is given something each month."""

    def __init__(
        self, cell: Cell, meetings: Sequence[Meeting], phones: Sequence[Phone], own: Mapping[UUID, Phone],
        now: datetime, chance: Random, *, first: Member | None = None,
    ) -> None:  # fmt: skip
        self.cell, self.phones, self.own, self.now, self.chance = cell, phones, own, now, chance
        self.first = first
        self.held = [m for m in meetings if m.state == "held"]
        self.home = cell.plan.home
        self.today = now.astimezone(clock.VIETNAM).date()
        self.works: list[Work] = []
        words = table("work")
        self.words: dict[str, list[str]] = words["words"]
        self.tasks: dict[str, list[str]] = words["tasks"][
            "residential" if cell.plan.residential else "office"
        ]
        self.areas: dict[str, int] = words["areas"]

    def able(self, day: date) -> list[Member]:
        """Who may be given work on a day."""
        return [
            m for m in self.cell.members
            if m.joined <= day and not any(x.start <= day and (x.end is None or x.end >= day) for x in m.exempt)
        ]  # fmt: skip

    def give(
        self, id_: UUID, member: Member, what: tuple[str, str], due: date | None, *, at: datetime, task: UUID,
        meeting: Meeting | None = None, usual: tuple[UUID, date] | None = None,
    ) -> Work:  # fmt: skip
        """Give ``what`` (area and text) to one member."""
        day = meeting.held_on if meeting else at.astimezone(clock.VIETNAM).date()
        work_id, period = usual or (None, None)
        born = Born(id_, task, self.cell.plan.id, day, meeting.id if meeting else None, work_id, period)
        work = Work(born, member, due)
        area, text = what
        sets = {
            "who": str(member.id), "due": due and due.isoformat(), "state": "open", "asked": None,
            "what": {"text": text, "area": area, "check_by": self.one("check_by")},
        }  # fmt: skip
        self._append(work, "given", sets, at, self.phones[0], "", meeting, behalf=False)
        self.works.append(work)
        return work

    def say(
        self, work: Work, kind: str, sets: dict[str, Any], day: date, *, note: str = "",
        meeting: Meeting | None = None, own: bool = False, unseen: int = 0,
    ) -> bool:  # fmt: skip
        """Say something of a work on a day, at a meeting of that day or between; False, and nothing is said, where that
        is still to come. ``own``: the assignee's to say, with a phone or by the secretary's. ``unseen``: how many of
        the newest changes the sayer had not seen, and then it is the deputy who speaks.
        """
        at = self._moment(day, meeting)
        if work.fresh:
            at = max(at, work.fresh[-1].device_at + _SOON_AFTER)
        if at > self.now:
            return False
        phone = self.own.get(work.member.id) if own else None
        speaker = phone or self.phones[-1 if unseen else 0]
        self._append(
            work, kind, sets, at, speaker, note, meeting, behalf=own and phone is None, unseen=unseen
        )
        if "due" in sets:
            work.due = date.fromisoformat(sets["due"]) if sets["due"] else None
        return True

    def _append(
        self, work: Work, kind: str, sets: dict[str, Any], at: datetime, phone: Phone, note: str,
        meeting: Meeting | None, *, behalf: bool, unseen: int = 0,
    ) -> None:  # fmt: skip
        day = meeting.held_on if meeting else at.astimezone(clock.VIETNAM).date()
        said = len(work.fresh)
        change = Change(new_id(self.chance), said + 1, kind, sets, day, said - unseen, note=note, by=phone.by)
        work.fresh.append(
            Fresh(
                work.born.id, change, phone.device, at, phone.account, meeting.id if meeting else None, behalf
            )
        )

    def _moment(self, day: date, meeting: Meeting | None) -> datetime:
        if meeting is not None:
            return meeting.starts_at + timedelta(minutes=40, seconds=self.chance.randrange(2400))
        return clock.local(day, time(self.chance.randint(7, 20), self.chance.randrange(60)))

    def one(self, name: str) -> str:
        """One of the sentences that people say about it."""
        return self.chance.choice(self.words[name])

    def something(self, month: int) -> tuple[str, str]:
        """An area and a text."""
        area = self.chance.choices(list(self.areas), list(self.areas.values()))[0]
        return area, self.chance.choice(self.tasks[area]).format(month=month)
