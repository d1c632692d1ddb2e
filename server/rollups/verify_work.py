"""Count what the province sees of assignments again, from what people said and where they belonged, in Python."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record
from server import clock
from server.assignments.fold import Change, Life, Span, life, rivals_of
from server.assignments.ground import as_change
from server.rollups.side_by_side import Beside, each

# Side by side in the order of the assignments: each is folded, compared and forgotten but for its stretches.
_CHANGES = """SELECT id, assignment, ordinal, kind, sets, note, seen, after, said_on, by_name FROM assignment_change
ORDER BY assignment, ordinal"""
_KEPT = """SELECT id, cell, given_on, version, member, text, area, check_by, due_on, state, result, asked_due, rivals,
    reported_on, ended_on FROM assignment ORDER BY id"""
_SPANS = """SELECT assignment, member, due_on, from_on, to_on, ended, result FROM assignment_span
ORDER BY assignment, n"""


class Work:
    """All assignments of one committee, folded anew: their stretches; and of how many the row or the kept stretches say
    something else than their changes, by the month in which they were given.
    """

    def __init__(self) -> None:
        self.cell: dict[UUID, UUID] = {}
        self.spans: list[tuple[UUID, Span]] = []
        self.wrong: Counter[date] = Counter()

    @classmethod
    async def read(cls) -> Work:
        """Those of the current committee; needs its transaction."""
        work, said, stretches = cls(), Beside(_CHANGES, "assignment"), Beside(_SPANS, "assignment")
        async for kept in each(_KEPT):
            changes = [as_change(row) for row in await said.of(kept["id"])]
            work._count(kept, changes, await stretches.of(kept["id"]))
        return work

    def _count(self, kept: Record, changes: list[Change], stretches: list[Record]) -> None:
        self.cell[kept["id"]] = kept["cell"]
        true = life(changes) if changes else None
        if true is not None:
            self.spans += ((kept["id"], span) for span in true.spans)
        if true is None or not _right(true, kept, changes, stretches):
            self.wrong[clock.month_of(kept["given_on"])] += 1

    def months(self) -> set[tuple[date, UUID | None]]:
        """Months that should have figures, each with the cell: in which work began, and those that are over in which it
        was due.
        """
        now = clock.month_of(clock.today())
        began = {(clock.month_of(span.from_on), self.cell.get(a)) for a, span in self.spans}
        due = {(clock.month_of(span.due_on), self.cell.get(a)) for a, span in self.spans if span.due_on}
        return {one for one in began if one[0] <= now} | {one for one in due if one[0] < now}

    def count(self, month: date, assignable: set[UUID], here: set[UUID]) -> dict[str, int]:
        """The figures of a month; ``assignable``: who may be given work on its last day; ``here``: the cells that count
        here then.
        """
        last = date.fromordinal(clock.month_after(month).toordinal() - 1)
        mine = [(a, s) for a, s in self.spans if self.cell.get(a) in here]
        live = [(a, s) for a, s in mine if s.from_on <= last and (s.to_on is None or s.to_on >= month)]
        # The last stretch with a date is the one in which it ended; what was moved before it came was no deadline.
        deadlines = {
            (a, s.due_on): f"{s.ended}:{s.result}" if s.ended == "done" else s.ended
            for a, s in mine
            if s.due_on and month <= s.due_on <= last and not _moved_in_time(s)
        }
        ended = Counter(deadlines.values())
        return {
            "assignments_live": len({a for a, _ in live}), "assignments_due": len(deadlines) - ended["cancelled"],
            "assignments_better": ended["done:better"], "assignments_on_time": ended["done:on_time"],
            "assignments_late": ended["done:late"], "assignments_not_done": ended["not_done"],
            "assignments_moved": ended["changed"], "assignments_undecided": ended[""],
            "assignments_cancelled": ended["cancelled"],
            "members_assigned": len(assignable & {s.member for _, s in live}), "members_assignable": len(assignable),
        }  # fmt: skip


def _right(true: Life, kept: Record, changes: list[Change], stretches: list[Record]) -> bool:
    spans = [(s.member, s.due_on, s.from_on, s.to_on, s.ended, s.result) for s in true.spans]
    version = max(change.ordinal for change in changes)
    return _standing(true, version) == _kept(kept) and spans == [tuple(row)[1:] for row in stretches]


def _moved_in_time(span: Span) -> bool:
    return (
        span.ended == "changed"
        and span.to_on is not None
        and span.due_on is not None
        and span.to_on < span.due_on
    )


def _standing(true: Life, version: int) -> tuple[Any, ...]:
    now = true.standing
    return (
        version, now.member, now.text, now.area, now.check_by, now.due, now.state, now.result, now.asked,
        rivals_of(now), true.reported_on, true.ended_on,
    )  # fmt: skip


def _kept(row: Record) -> tuple[Any, ...]:
    plain = ("version", "member", "text", "area", "check_by", "due_on", "state", "result", "asked_due")
    rivals = json.loads(row["rivals"] or "{}")
    return (*(row[name] for name in plain), rivals, row["reported_on"], row["ended_on"])
