"""Writing changes down, and what is kept from them: the row of the assignment and its stretches. Only from here are
these tables written. Needs a transaction in the current committee, and the assignments locked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from infra.postgres import sql
from server import clock
from server.assignments.fold import Change, Life, Span, life, rivals_of
from server.names import fold as folded


@dataclass(frozen=True, slots=True)
class Fresh:
    """A change to be written: who said it, where and on which device, besides what the fold takes."""

    assignment: UUID
    change: Change
    device: UUID
    device_at: datetime
    account: UUID | None = None
    meeting: UUID | None = None
    behalf: bool = False


@dataclass(frozen=True, slots=True)
class Born:
    """What never changes of a new assignment: where and when it was given, and from what."""

    id: UUID
    task: UUID
    cell: UUID
    given_on: date
    meeting: UUID | None = None
    usual_work: UUID | None = None
    period: date | None = None
    minutes: UUID | None = None
    page: UUID | None = None
    line: int | None = None


async def keep(
    fresh: Sequence[Fresh], said: Mapping[UUID, Sequence[Change]], born: Collection[Born] = ()
) -> date | None:
    """Append changes and rewrite what is kept of their assignments: the first month (its first day) whose figures they
    change, or None.

    ``said``: everything said of each of these assignments, the fresh changes included.
    """
    lives = {assignment: life(said[assignment]) for assignment in {f.assignment for f in fresh}}
    if born:
        await sql(_BORN, json.dumps([_born(b, lives[b.id], len(said[b.id])) for b in born]))
    await sql(_APPEND, json.dumps([_appended(f) for f in fresh]))
    new = {b.id for b in born}
    rows = [_row(a, lived, said[a][-1].ordinal) for a, lived in lives.items() if a not in new]
    if rows:
        await sql(_REWRITE, json.dumps(rows))
    older = {a: life(of).spans if (of := _before(fresh, a, said[a])) else () for a in lives}
    changed = {a: lived.spans for a, lived in lives.items() if lived.spans != older[a]}
    if changed:
        await _respan(changed)
    days = [day for a in changed for day in _moved(older[a], lives[a].spans)]
    return clock.month_of(min(*days, clock.today())) if days else None


def _before(fresh: Sequence[Fresh], assignment: UUID, said: Sequence[Change]) -> list[Change]:
    new = {f.change.id for f in fresh if f.assignment == assignment}
    return [change for change in said if change.id not in new]


def _moved(old: Sequence[Span], new: Sequence[Span]) -> Iterable[date]:
    """The days from which figures may differ between two lives of one assignment."""
    for spans, others in ((old, new), (new, old)):
        begun = {(s.member, s.from_on) for s in others}
        for span in set(spans) - set(others):
            yield from (day for day in (span.due_on, span.to_on) if day)
            if (span.member, span.from_on) not in begun:
                yield span.from_on


_BORN = """INSERT INTO assignment (id, task, cell, meeting, given_on, usual_work, period, minutes, page, line, version,
    member, text, area, check_by, due_on, state, result, asked_due, rivals, reported_on, ended_on, folded)
SELECT id, task, cell, meeting, given_on, usual_work, period, minutes, page, line, version,
    member, text, area, check_by, due_on, state, result, asked_due, rivals, reported_on, ended_on, folded
FROM jsonb_populate_recordset(NULL::assignment, $1::jsonb)"""
_APPEND = """INSERT INTO assignment_change (id, assignment, ordinal, kind, sets, note, seen, after, meeting, said_on,
    device, device_at, account, by_name, behalf)
SELECT id, assignment, ordinal, kind, sets, note, seen, ARRAY(SELECT jsonb_array_elements_text(after)::uuid), meeting,
    said_on, device, device_at, account, by_name, behalf
FROM jsonb_to_recordset($1::jsonb) AS c (id uuid, assignment uuid, ordinal int, kind text, sets jsonb, note text,
    seen int, after jsonb, meeting uuid, said_on date, device uuid, device_at timestamptz, account uuid, by_name text,
    behalf boolean)"""
_REWRITE = """UPDATE assignment a SET version = n.version, member = n.member, text = n.text, area = n.area,
    check_by = n.check_by, due_on = n.due_on, state = n.state, result = n.result, asked_due = n.asked_due,
    rivals = n.rivals, reported_on = n.reported_on, ended_on = n.ended_on, folded = n.folded
FROM jsonb_populate_recordset(NULL::assignment, $1::jsonb) AS n WHERE a.id = n.id"""
_RESPAN = """INSERT INTO assignment_span (assignment, n, cell, member, due_on, from_on, to_on, ended, result)
SELECT s.assignment, s.n, a.cell, s.member, s.due_on, s.from_on, s.to_on, s.ended, s.result
FROM jsonb_to_recordset($1::jsonb) AS s (assignment uuid, n smallint, member uuid, due_on date, from_on date,
    to_on date, ended text, result text) JOIN assignment a ON a.id = s.assignment"""


async def _respan(spans: Mapping[UUID, Sequence[Span]]) -> None:
    await sql("DELETE FROM assignment_span WHERE assignment = ANY($1)", list(spans))
    rows = [
        {"assignment": str(a), "n": n, "member": str(s.member), "due_on": _iso(s.due_on),
         "from_on": _iso(s.from_on), "to_on": _iso(s.to_on), "ended": s.ended, "result": s.result}
        for a, of in spans.items() for n, s in enumerate(of, start=1)
    ]  # fmt: skip
    await sql(_RESPAN, json.dumps(rows))


def _born(born: Born, lived: Life, version: int) -> dict[str, Any]:
    return {
        **_row(born.id, lived, version), "task": str(born.task), "cell": str(born.cell), "meeting": _id(born.meeting),
        "given_on": _iso(born.given_on), "usual_work": _id(born.usual_work), "period": _iso(born.period),
        "minutes": _id(born.minutes), "page": _id(born.page), "line": born.line,
    }  # fmt: skip


def _row(assignment: UUID, lived: Life, version: int) -> dict[str, Any]:
    now = lived.standing
    return {
        "id": str(assignment), "version": version, "member": str(now.member), "text": now.text, "area": now.area,
        "check_by": now.check_by, "due_on": _iso(now.due), "state": now.state, "result": now.result,
        "asked_due": _iso(now.asked), "rivals": rivals_of(now) or None, "reported_on": _iso(lived.reported_on),
        # With a blank in front, as short words are looked for where a word begins.
        "ended_on": _iso(lived.ended_on), "folded": f" {folded(f'{now.text} {now.check_by}')}",
    }  # fmt: skip


def _appended(fresh: Fresh) -> dict[str, Any]:
    c = fresh.change
    return {
        "id": str(c.id), "assignment": str(fresh.assignment), "ordinal": c.ordinal, "kind": c.kind,
        "sets": dict(c.sets), "note": c.note, "seen": c.seen, "after": [str(a) for a in c.after],
        "meeting": _id(fresh.meeting), "said_on": _iso(c.said_on), "device": str(fresh.device),
        "device_at": _told_time(fresh.device_at), "account": _id(fresh.account), "by_name": c.by,
        "behalf": fresh.behalf,
    }  # fmt: skip


def _told_time(at: datetime) -> str:
    # As with marks: a moment of the year 1 or 9999 can't be shown anywhere.
    return (at if 2 <= at.year <= 9998 else clock.now()).isoformat()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _id(value: UUID | None) -> str | None:
    return str(value) if value else None
