"""What a meeting looks at first: how the work of the last period came out; and what the meeting itself gave."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.assignments.sight import MAY_SEE, sight_of

_COLUMNS = """a.id, a.no, a.cell, a.version, a.member, p.no AS member_no, p.name AS member_name, a.text, a.area,
    a.check_by, a.due_on, a.state, a.result, a.asked_due, a.rivals, a.reported_on"""

# What was moved in time was never due in the period; what was moved on after its day was, and was missed.
_REVIEWED = f"""SELECT {_COLUMNS}, b.base FROM assignment a JOIN member p ON p.id = a.member
LEFT JOIN LATERAL (SELECT CASE s.ended WHEN 'changed' THEN 'moved' ELSE 'due' END AS base FROM assignment_span s
    WHERE s.assignment = a.id AND s.due_on >= $8 AND s.due_on < $9 AND s.ended <> 'cancelled'
        AND NOT (s.ended = 'changed' AND s.to_on < s.due_on) ORDER BY s.n DESC LIMIT 1) b ON true
WHERE {MAY_SEE} AND a.cell = $6 AND a.meeting IS DISTINCT FROM $7
    AND (b.base IS NOT NULL OR (a.state IN ('open', 'reported') AND (a.state = 'reported' OR a.due_on < $9))
        OR EXISTS (SELECT 1 FROM assignment_change c WHERE c.meeting = $7 AND c.assignment = a.id))
ORDER BY p.sort_key, p.no, a.due_on NULLS LAST, a.no"""


async def reviewed(meeting: Record, reader: Reader) -> list[Record]:
    """The work that a meeting goes through, of what the reader may see, by name of the member and due date: everything
    due since the meeting before it, what is overdue from earlier or reported, and what the meeting has said already.

    ``base`` of a row: ``due`` where its deadline was in the period and may have been kept, ``moved`` where it was
    missed and moved on, null where it counts in another period. ``meeting`` is a row of ``meetings.queries.meeting``.
    """
    sight = await sight_of(reader)
    since = await _since(meeting)
    return await sql(_REVIEWED, *sight.arguments, meeting["cell"], meeting["id"], since, meeting["held_on"])


async def _since(meeting: Record) -> date:
    """The day of the meeting of the cell before this one that was held, or whose roll was opened at least."""
    row = await one(
        """SELECT max(m.held_on) AS day FROM meeting m LEFT JOIN roll_call r ON r.meeting = m.id
        WHERE m.cell = $1 AND m.held_on < $2 AND m.state <> 'not_held'
            AND (m.state = 'held' OR r.opened_at IS NOT NULL)""",
        meeting["cell"], meeting["held_on"],
    )  # fmt: skip
    return (row["day"] if row else None) or date.min


async def given_at(meeting: UUID, reader: Reader) -> list[Record]:
    """What was given at a meeting, of what the reader may see, in the order of giving."""
    sight = await sight_of(reader)
    return await sql(
        f"""SELECT {_COLUMNS} FROM assignment a JOIN member p ON p.id = a.member
        WHERE {MAY_SEE} AND a.meeting = $6 ORDER BY a.no""",
        *sight.arguments, meeting,
    )  # fmt: skip


async def meeting_after(cell: UUID, day: date) -> date | None:
    """The day of the next planned meeting of a cell after a day."""
    row = await one(
        "SELECT min(held_on) AS day FROM meeting WHERE cell = $1 AND held_on > $2 AND state <> 'not_held'",
        cell, day,
    )  # fmt: skip
    return row["day"] if row else None
