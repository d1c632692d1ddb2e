"""Count what the province sees of assignments again, from what people said and where they belonged, in Python."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from server import clock
from server.assignments.fold import Change, Life, Span, life, rivals_of
from server.assignments.ground import as_change

_CHANGES = (
    "SELECT id, assignment, ordinal, kind, sets, note, seen, after, said_on, by_name FROM assignment_change"
)
_KEPT = """SELECT id, cell, given_on, version, member, text, area, check_by, due_on, state, result, asked_due, rivals,
    reported_on, ended_on FROM assignment"""
_SPANS = """SELECT assignment, member, due_on, from_on, to_on, ended, result FROM assignment_span
ORDER BY assignment, n"""


class Work:
    """All assignments of one committee, folded anew."""

    def __init__(self, changes: list[Record], kept: list[Record], spans: list[Record]) -> None:
        said: dict[UUID, list[Change]] = defaultdict(list)
        for row in changes:
            said[row["assignment"]].append(as_change(row))
        self.kept = kept
        self.cell = {row["id"]: row["cell"] for row in kept}
        self.lives = {assignment: life(some) for assignment, some in said.items()}
        self.versions = {assignment: max(c.ordinal for c in some) for assignment, some in said.items()}
        self.kept_spans: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
        for row in spans:
            self.kept_spans[row["assignment"]].append(tuple(row)[1:])

    @classmethod
    async def read(cls) -> Work:
        """Those of the current committee; needs its transaction."""
        return cls(await sql(_CHANGES), await sql(_KEPT), await sql(_SPANS))

    def months(self) -> set[tuple[date, UUID | None]]:
        """Months that should have figures, each with the cell: in which work began, and those that are over in which it
        was due.
        """
        now = clock.month_of(clock.today())
        began = {(clock.month_of(span.from_on), self.cell.get(a)) for a, span in self._spans()}
        due = {(clock.month_of(span.due_on), self.cell.get(a)) for a, span in self._spans() if span.due_on}
        return {one for one in began if one[0] <= now} | {one for one in due if one[0] < now}

    def kept_wrong(self) -> Counter[date]:
        """How many assignments stand in their row or their stretches otherwise than their changes say, by the month in
        which they were given.
        """
        return Counter(clock.month_of(row["given_on"]) for row in self.kept if not self._right(row))

    def _right(self, row: Record) -> bool:
        true = self.lives.get(row["id"])
        if true is None:
            return False
        spans = [(s.member, s.due_on, s.from_on, s.to_on, s.ended, s.result) for s in true.spans]
        return _standing(true, self.versions[row["id"]]) == _kept(row) and spans == self.kept_spans[row["id"]]

    def count(self, month: date, assignable: set[UUID], here: set[UUID]) -> dict[str, int]:
        """The figures of a month; ``assignable``: who may be given work on its last day; ``here``: the cells that count
        here then.
        """
        last = date.fromordinal(clock.month_after(month).toordinal() - 1)
        mine = [(a, s) for a, s in self._spans() if self.cell.get(a) in here]
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

    def _spans(self) -> Iterator[tuple[UUID, Span]]:
        return ((assignment, span) for assignment, one in self.lives.items() for span in one.spans)


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
