"""The roll of a meeting as phones would have made it: marks, and for each person what their marks come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from server.demo.chance import new_id
from server.demo.meetings import Meeting
from server.demo.people import Member
from server.roll_call import rules

REASONS = ("Ốm", "Ốm", "Ốm", "Đi công tác", "Đi công tác", "Việc gia đình", "Việc gia đình", "Chăm người nhà ốm",
           "Đi khám bệnh", "Trực cơ quan", "Đi học", "Về quê")  # fmt: skip
TET_REASONS = ("Về quê ăn Tết", "Về quê ăn Tết", "Ốm", "Việc gia đình")
LATE_REASON = "Đối chiếu lại với sổ biên bản"
# A tap: the state, its reason, and why it was changed after the roll had been closed.
Tap = tuple[str, str, str]


@dataclass(slots=True)
class Phone:
    """A phone that marks; ``seq`` counts its marks over all meetings."""

    device: UUID
    account: UUID
    by: str
    seq: int = 0


@dataclass(slots=True)
class Rows:
    """Rows to write, each in the order of its table's columns (see ``write``); ``work`` by table (``work_rows``)."""

    meetings: list[tuple[Any, ...]] = field(default_factory=list)
    rolls: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    marks: list[tuple[Any, ...]] = field(default_factory=list)
    work: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))


class Roll:
    """One roll on its way into rows."""

    def __init__(self, meeting: Meeting, phones: Sequence[Phone], chance: Random, rows: Rows) -> None:
        self.meeting, self.phones, self.chance, self.rows = meeting, phones, chance, rows
        self.start = meeting.starts_at.astimezone(UTC)
        # Where there is no signal everything arrives in one batch, on the way home.
        self.delay = (
            timedelta(minutes=chance.randint(20, 60)) if chance.random() < 0.12 else timedelta(seconds=1)
        )

    def call(self, expected: Sequence[rules.Expected], of: Mapping[UUID, Member]) -> None:
        """Call everybody on the roll; an open one breaks off half-way."""
        stop = len(expected) if self.meeting.roll == "closed" else len(expected) // 2
        closing = 3 + max((e.person.group_number for e in expected), default=0)
        newest = closing
        for n, e in enumerate(expected):
            taps = self._taps(e, of[e.person.member]) if n < stop else []
            corrected = bool(taps and taps[-1][2])
            version = closing + 1 if corrected else 2 + e.person.group_number
            newest = max(newest, version)
            self._enter(e, self._mark(e, taps, n), version if taps else 1)
        closed = self.meeting.roll == "closed"
        self.rows.rolls.append((
            self.meeting.id, newest, self.start - timedelta(minutes=10) + self.delay, self.phones[0].by,
            self.start + timedelta(minutes=35) + self.delay if closed else None, self.phones[0].by if closed else None,
        ))  # fmt: skip

    def _taps(self, e: rules.Expected, member: Member) -> list[Tap]:
        draw, slip = self.chance.random(), self.chance.random()
        if e.base == "exempt":
            return [("present", "", "")] if draw < 0.012 else []
        if draw < member.habit - self.meeting.dip:
            return self._came(slip)
        return self._stayed_away(slip, member)

    @staticmethod
    def _came(slip: float) -> list[Tap]:
        if slip < 0.02:  # noted as absent first, then the door opened
            return [("absent_unexcused", "", ""), ("late", "", "")]
        if slip < 0.03:  # a slip of the thumb
            return [("absent_excused", "", ""), ("present", "", "")]
        return [("late" if slip < 0.045 else "present", "", "")]

    def _stayed_away(self, slip: float, member: Member) -> list[Tap]:
        if slip < 0.86:
            return [("absent_excused", self._reason(member), "")]
        if slip < 0.88 and self.meeting.roll == "closed":
            return [("absent_unexcused", "", ""), ("absent_excused", self._reason(member), LATE_REASON)]
        return [("absent_unexcused", "", "")]

    def _reason(self, member: Member) -> str:
        if member.excuse and self.chance.random() < 0.8:
            return member.excuse
        return self.chance.choice(TET_REASONS if self.meeting.dip > 0.045 else REASONS)

    def _mark(self, e: rules.Expected, taps: Sequence[Tap], n: int) -> rules.Standing:
        """Write the marks of one person down; what they come to."""
        phone = self.phones[e.person.group_number % len(self.phones)]
        marks: list[rules.Mark] = []
        for state, reason, late_reason in taps:
            phone.seq += 1
            seen = (marks[-1].id,) if marks else ()
            mark = rules.Mark(new_id(self.chance), state, reason, phone.device, phone.seq, seen, phone.by)
            at = self.start + timedelta(seconds=3 * n + 40 * len(marks), hours=2 if late_reason else 0)
            self._append(mark, e.person.no, phone, at, late_reason)
            marks.append(mark)
        if len(marks) == 1 and self.chance.random() < 0.01 and len(self.phones) > 1:
            marks.append(self._agree(marks[0], e.person.no, n))
        if len(marks) == 1:  # one mark stands as it is; only several need the rule
            return rules.Standing(marks[0].state, marks[0].reason, (marks[0].id,), ())
        return rules.fold(marks, base=e.base)

    def _agree(self, mark: rules.Mark, no: int, n: int) -> rules.Mark:
        """The other phone marks the same person the same, neither having seen the other."""
        phone = next(p for p in self.phones if p.device != mark.device)
        phone.seq += 1
        same = rules.Mark(new_id(self.chance), mark.state, mark.reason, phone.device, phone.seq, (), phone.by)
        self._append(same, no, phone, self.start + timedelta(seconds=3 * n + 1), "")
        return same

    def _append(self, mark: rules.Mark, no: int, phone: Phone, at: datetime, late_reason: str) -> None:
        self.rows.marks.append((
            mark.id, self.meeting.id, no, mark.state, mark.reason, mark.device, mark.seq, mark.seen, at,
            at + self.delay, phone.account, phone.by, late_reason,
        ))  # fmt: skip

    def _enter(self, e: rules.Expected, standing: rules.Standing, version: int) -> None:
        p = e.person
        self.rows.entries.append((
            self.meeting.id, p.no, p.member, p.name, p.sort_key, p.group_number, p.group_name, e.base, e.exempt_kind,
            e.probationary, standing.state, standing.reason, standing.heads, version,
        ))  # fmt: skip
