"""What a batch of changes is judged on, read under locks. Needs a transaction in the current committee."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from server import clock
from server.assignments.fold import Change
from server.assignments.saying import NewChange


@dataclass(frozen=True, slots=True)
class Head:
    """What never changes of an assignment, and how far it has come."""

    id: UUID
    cell: UUID
    given_on: date
    members_see: bool


@dataclass
class Batch:
    """What was there before a batch, by id: assignments, what was said of them, known changes, people, meetings."""

    heads: dict[UUID, Head]
    said: dict[UUID, list[Change]]
    known: dict[UUID, UUID]
    stays: dict[UUID, list[Record]]
    numbers: dict[int, UUID]
    meetings: dict[UUID, Record]
    templates: dict[UUID, UUID]
    tasks: dict[UUID, UUID]

    def member(self, no: int | None, cell: UUID, day: date) -> UUID | None:
        """The member of a number, if they belong to a cell on a day for good or for a time, there or away."""
        member = self.numbers.get(no) if no is not None else None
        if member is None:
            return None
        here = any(s["cell"] == cell and _covers(s, day) for s in self.stays[member])
        return member if here else None

    def group(self, member: UUID, cell: UUID) -> int | None:
        """The number of a member's group in a cell today."""
        today = clock.today()
        mine = (s for s in self.stays[member] if s["cell"] == cell and _covers(s, today))
        return next((s["number"] for s in mine if s["number"] is not None), None)


def _covers(stay: Record, day: date) -> bool:
    return bool(stay["from_on"] <= day and (stay["to_on"] is None or day <= stay["to_on"]))


async def read(changes: Sequence[NewChange]) -> Batch:
    """Lock the assignments that a batch speaks of, and read everything it is judged on."""
    # Always in one order, new ones before known ones: two batches that cross wait for each other and never in a circle.
    given = sorted({str(c.assignment) for c in changes if c.kind == "given"})
    await sql("SELECT pg_advisory_xact_lock(hashtextextended(id, 0)) FROM unnest($1::text[]) AS x(id)", given)
    asked = {c.assignment for c in changes}
    heads = {row["id"]: Head(*row) for row in await sql(_HEADS, list(asked))}
    said = await changes_of(heads)
    named = [c.member for c in changes if c.member is not None]
    present = {UUID(c.sets["who"]) for of in said.values() for c in of if "who" in c.sets}
    stays: dict[UUID, list[Record]] = defaultdict(list)
    numbers = {}
    for row in await sql(_STAYS, named, list(present)):
        numbers[row["no"]] = row["id"]
        stays[row["id"]] += [row] if row["cell"] is not None else []
    ids = [i for c in changes for i in (c.id, *c.after)]
    return Batch(
        heads, said, await _pairs("SELECT id, assignment FROM assignment_change WHERE id = ANY($1)", ids),
        stays, numbers, await _meetings({c.meeting for c in changes if c.meeting}),
        await _pairs("SELECT id, cell FROM usual_work WHERE id = ANY($1)", [c.usual_work for c in changes]),
        await _pairs("SELECT DISTINCT task, cell FROM assignment WHERE task = ANY($1)", [c.task for c in changes]),
    )  # fmt: skip


_HEADS = """SELECT a.id, a.cell, a.given_on, c.members_see_assignments FROM assignment a JOIN cell c ON c.id = a.cell
WHERE a.id = ANY($1) ORDER BY a.id FOR UPDATE OF a"""
_STAYS = """SELECT p.no, p.id, s.cell, s.from_on, s.to_on, g.number
FROM member p LEFT JOIN membership s ON s.member = p.id LEFT JOIN party_group g ON g.id = s.party_group
WHERE p.no = ANY($1) OR p.id = ANY($2)"""


async def changes_of(assignments: Collection[UUID]) -> dict[UUID, list[Change]]:
    """Everything said of some assignments, by assignment, in the order of arrival."""
    found: dict[UUID, list[Change]] = {assignment: [] for assignment in assignments}
    rows = await sql(
        """SELECT assignment, id, ordinal, kind, sets, said_on, seen, after, note, by_name
        FROM assignment_change WHERE assignment = ANY($1) ORDER BY assignment, ordinal""",
        list(assignments),
    )
    for row in rows:
        found[row["assignment"]].append(as_change(row))
    return found


def as_change(row: Record) -> Change:
    """A row of assignment_change as the fold takes it."""
    return Change(
        row["id"], row["ordinal"], row["kind"], json.loads(row["sets"]), row["said_on"], row["seen"],
        tuple(row["after"]), row["note"], row["by_name"],
    )  # fmt: skip


async def _pairs(query: str, ids: Iterable[UUID | None]) -> dict[Any, Any]:
    wanted = [i for i in ids if i is not None]
    return {row[0]: row[1] for row in await sql(query, wanted)} if wanted else {}


async def _meetings(ids: Collection[UUID]) -> dict[UUID, Record]:
    if not ids:
        return {}
    rows = await sql("SELECT id, cell, held_on, state FROM meeting WHERE id = ANY($1)", list(ids))
    return {row["id"]: row for row in rows}
