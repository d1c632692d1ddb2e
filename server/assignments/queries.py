"""Reads of assignments that deserve a name. All need a transaction in the current committee."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from infra.postgres import Record, one, sql
from server import clock, versions
from server.accounts.reader import Reader
from server.assignments import ground, rules
from server.assignments.fold import Change, Standing, fold
from server.assignments.listing import COLUMNS, FROM, Filter, Listed, listed
from server.assignments.sight import MAY_SEE, Sight, cell, sight_of
from server.meetings.queries import NotFound

__all__ = [
    "Filter", "Listed", "NotFound", "Told", "board", "cell", "history", "listed", "part",
    "people", "rivals", "row", "rows_told", "standing", "told", "told_rivals",
]  # fmt: skip


async def row(which: int | UUID, reader: Reader) -> Record:
    """One assignment by number or id: its columns, member_no, member_name, cell_name, and of the meeting where it was
    given meeting_held_on, meeting_kind (null without one). Raises NotFound, for what the reader may not see too.
    """
    sight = await sight_of(reader)
    number, id_ = (None, which) if isinstance(which, UUID) else (which, None)
    found = await one(
        f"""SELECT {COLUMNS}, m.held_on AS meeting_held_on, m.kind AS meeting_kind {FROM}
        LEFT JOIN meeting m ON m.id = a.meeting WHERE {MAY_SEE} AND (a.no = $6::bigint OR a.id = $7::uuid)""",
        *sight.arguments, number, id_,
    )  # fmt: skip
    if found is None:
        raise NotFound(which)
    return found


async def standing(assignment: UUID) -> Standing:
    """How an assignment stands, from everything that was said of it."""
    return fold((await ground.changes_of([assignment]))[assignment])


async def part(found: Record, reader: Reader) -> rules.Part:
    """What the reader is towards an assignment (a row with cell and member): for rules.moves."""
    here = await one(
        """SELECT g.number FROM membership s JOIN party_group g ON g.id = s.party_group
        WHERE s.member = $1 AND s.cell = $2 AND s.from_on <= $3 AND (s.to_on IS NULL OR s.to_on >= $3)""",
        found["member"], found["cell"], clock.today(),
    )  # fmt: skip
    group = here["number"] if here else None
    return rules.part_of(reader, found["cell"], member=found["member"], group=group)


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a history: what was said, by whom, when; ``who`` is the name where a person was set."""

    change: Change
    behalf: bool
    meeting: UUID | None
    device_at: datetime
    received_at: datetime
    who: str


async def history(assignment: UUID) -> list[Told]:
    """Everything that was said of an assignment, as received."""
    rows = await sql(
        """SELECT h.id, h.ordinal, h.kind, h.sets, h.said_on, h.seen, h.after, h.note, h.by_name, h.behalf, h.meeting,
            h.device_at, h.received_at, p.name
        FROM assignment_change h LEFT JOIN member p ON p.id = (h.sets ->> 'who')::uuid
        WHERE h.assignment = $1 ORDER BY h.ordinal""",
        assignment,
    )
    return [
        Told(
            ground.as_change(r), r["behalf"], r["meeting"], r["device_at"], r["received_at"], r["name"] or ""
        )
        for r in rows
    ]


async def rivals(found: Record) -> dict[str, list[dict[str, Any]]]:
    """What disagrees of an assignment: {register: [{change, value, by, at, note}]}; of ``who`` with ``name``."""
    disagreeing = told_rivals(found["rivals"])
    if "who" in disagreeing:
        ids = [UUID(rival["value"]) for rival in disagreeing["who"]]
        names = {r["id"]: r["name"] for r in await sql("SELECT id, name FROM member WHERE id = ANY($1)", ids)}
        disagreeing["who"] = [{**rival, "name": names[UUID(rival["value"])]} for rival in disagreeing["who"]]
    return disagreeing


def told_rivals(stored: str | None) -> dict[str, list[dict[str, Any]]]:
    """What disagrees, out of the column ``rivals``."""
    read: dict[str, list[dict[str, Any]]] = json.loads(stored) if stored else {}
    return read


async def board(cell_id: UUID, sight: Sight) -> list[Record]:
    """The live work of a cell that somebody may see, by due date (without one last): plain rows with id, no,
    version, member, member_no, member_name, sort_key, text, area, due_on, state, result, asked_due, rivals, given_on.
    """
    # One cell is asked for, so whose work is seen in it is known: no pairs of cell and member to look through by row.
    seen = [*sight.members, *(member for cell, member in sight.led if cell == cell_id)]
    return await sql(
        """SELECT a.id, a.no, a.version, a.member, p.no AS member_no, p.name AS member_name, p.sort_key, a.text,
            a.area, a.check_by, a.due_on, a.state, a.result, a.asked_due, a.rivals, a.given_on
        FROM assignment a JOIN member p ON p.id = a.member
        WHERE a.cell = $1 AND ($2 OR a.member = ANY ($3)) AND a.state IN ('open', 'reported')
        ORDER BY a.due_on NULLS LAST, a.no""",
        cell_id, sight.sees_all(cell_id), seen,
    )  # fmt: skip


async def rows_told(assignments: Collection[UUID], reader: Reader) -> list[dict[str, Any]]:
    """Assignments as a phone keeps them (see ``told``) with both sayings of what disagrees (see ``rivals``), those that
    the reader may see.
    """
    if not assignments:
        return []
    sight = await sight_of(reader)
    rows = await sql(
        f"SELECT {COLUMNS} {FROM} WHERE {MAY_SEE} AND a.id = ANY($6) ORDER BY a.no",
        *sight.arguments, list(assignments),
    )  # fmt: skip
    return [{**told(row), "rivals": await rivals(row)} for row in rows]


def told(found: Record) -> dict[str, Any]:
    """An assignment as a phone keeps it; ``rivals`` are the registers about which people disagree."""
    return {
        "id": str(found["id"]), "no": found["no"], "v": versions.told(found["version"]), "member": found["member_no"],
        "name": found["member_name"], "text": found["text"], "area": found["area"], "check": found["check_by"],
        "due": _iso(found["due_on"]), "state": found["state"], "result": found["result"],
        "asked": _iso(found["asked_due"]), "rivals": sorted(told_rivals(found["rivals"])),
        "given": _iso(found["given_on"]),
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_HERE = "s.from_on <= $2 AND (s.to_on IS NULL OR s.to_on >= $2)"


async def people(cell_id: UUID, on: date) -> list[Record]:
    """Who may be given work in a cell on a day (belongs there for good or for a time, exempt or away too), by group and
    name: no, id, name, sort_key, group_number, group_name, exempt_kind ('' where not), temporary_out, probationary,
    open (their live work in this committee).
    """
    return await sql(
        f"""SELECT p.no, p.id, p.name, p.sort_key, coalesce(g.number, 0::smallint) AS group_number,
            coalesce(g.name, '') AS group_name,
            coalesce((SELECT e.kind FROM exemption e WHERE e.member = p.id AND e.from_on <= $2
                AND (e.to_on IS NULL OR e.to_on >= $2) LIMIT 1), '') AS exempt_kind,
            EXISTS (SELECT 1 FROM membership s WHERE s.member = p.id AND s.kind = 'temporary_out' AND {_HERE})
                AS temporary_out,
            p.official_on IS NULL OR p.official_on > $2 AS probationary,
            (SELECT count(*) FROM assignment a WHERE a.member = p.id AND a.state IN ('open', 'reported'))::int AS open
        FROM member p JOIN LATERAL (SELECT s.party_group FROM membership s WHERE s.member = p.id AND s.cell = $1
            AND s.kind <> 'temporary_out' AND {_HERE} ORDER BY s.from_on DESC LIMIT 1) here ON true
        LEFT JOIN party_group g ON g.id = here.party_group ORDER BY group_number, p.sort_key, p.no""",
        cell_id, on,
    )  # fmt: skip
