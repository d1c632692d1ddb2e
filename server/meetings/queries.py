"""Reads of meetings that deserve a name. All need a transaction in the current committee."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.clock import month_after


class NotFound(LookupError):
    """There is no such thing, or the reader may not know that there is: the same answer for both."""


_COLUMNS = """m.id, m.cell, m.kind, m.held_on, m.starts_at, m.place, m.state, m.not_held_reason, c.name AS cell_name,
    r.version, r.opened_at, r.closed_at, r.closed_by"""
_FROM = "FROM meeting m JOIN cell c ON c.id = m.cell LEFT JOIN roll_call r ON r.meeting = m.id"


async def meeting(meeting: UUID, reader: Reader) -> Record:
    """One meeting with its cell's name, its roll's version and times (null where none was opened), and who chairs and
    records it: chair, recorder (ids), chair_name, recorder_name (null where nobody was named), and its points:
    quality (null where nobody has told), quality_by, quality_at.

    Raises NotFound, for a neighbour's meeting too.
    """
    row = await one(
        f"""SELECT {_COLUMNS}, m.chair, m.recorder, h.name AS chair_name, w.name AS recorder_name, m.quality,
            m.quality_by, m.quality_at {_FROM}
        LEFT JOIN member h ON h.id = m.chair LEFT JOIN member w ON w.id = m.recorder WHERE m.id = $1""",
        meeting,
    )
    if row is None or not reader.may_see_cell(row["cell"]):
        raise NotFound(meeting)
    return row


async def people_of(cell: UUID, on: date) -> list[Record]:
    """Who attends a cell on a day and so may chair or record: id, name, secretary, the Vietnamese way of sorting."""
    return await sql(
        """SELECT p.id, p.name, EXISTS (SELECT 1 FROM seat t WHERE t.member = p.id AND t.cell = $1
            AND t.role = 'secretary' AND t.from_on <= $2 AND (t.to_on IS NULL OR t.to_on >= $2)) AS secretary
        FROM member p WHERE EXISTS (SELECT 1 FROM membership s WHERE s.member = p.id AND s.cell = $1
            AND s.kind <> 'temporary_out' AND s.from_on <= $2 AND (s.to_on IS NULL OR s.to_on >= $2))
        ORDER BY p.sort_key, p.no""",
        cell, on,
    )  # fmt: skip


async def of_month(month: date, cells: Collection[UUID] | None) -> list[Record]:
    """The meetings of a month (its first day) in some cells, or in all when None, by cell and date.

    Each with ``attending`` and ``base`` of its roll (null where no roll was opened).
    """
    return await sql(
        f"""SELECT {_COLUMNS}, s.attending, s.base, s.not_called {_FROM}
        LEFT JOIN LATERAL ({SUMMARY_OF_MEETING}) s ON r.meeting IS NOT NULL
        WHERE m.held_on >= $1 AND m.held_on < $2 AND ($3::uuid[] IS NULL OR m.cell = ANY($3))
        ORDER BY c.sort_key, m.starts_at""",
        month, month_after(month), None if cells is None else list(cells),
    )  # fmt: skip


async def upcoming(cells: Collection[UUID], since: date, until: date) -> list[Record]:
    """Meetings of some cells from ``since`` to ``until`` (both included) that were not called off, by time."""
    return await sql(
        f"""SELECT {_COLUMNS} {_FROM} WHERE m.cell = ANY($1) AND m.held_on BETWEEN $2 AND $3
        AND m.state <> 'not_held' ORDER BY m.starts_at""",
        list(cells), since, until,
    )  # fmt: skip


SUMMARY_OF_MEETING = """SELECT count(*) FILTER (WHERE e.state IN ('present', 'late'))::int AS attending,
    count(*) FILTER (WHERE e.base = 'expected' OR e.state IN ('present', 'late'))::int AS base,
    count(*) FILTER (WHERE e.state = 'not_called')::int AS not_called
    FROM roll_entry e WHERE e.meeting = m.id"""
