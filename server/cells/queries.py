"""Reads of cells that deserve a name. All need a transaction in the current committee."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.clock import month_after
from server.meetings.queries import NotFound


async def cells_of(cells: Collection[UUID] | None, *, on: date) -> list[Record]:
    """id, name and kind of cells that exist on a day (some, or all when None), the Vietnamese way of sorting."""
    return await sql(
        """SELECT id, name, kind FROM cell WHERE from_on <= $2 AND (to_on IS NULL OR to_on >= $2)
        AND ($1::uuid[] IS NULL OR id = ANY($1)) ORDER BY sort_key, name""",
        None if cells is None else list(cells), on,
    )  # fmt: skip


# Members are counted where they belong for good, as the province counts them; who is here for a time is not.
_COUNTED = """SELECT c.id, c.name, c.kind,
    (SELECT count(*) FROM party_group g WHERE g.cell = c.id)::int AS groups,
    coalesce(n.official, 0)::int AS official, coalesce(n.probationary, 0)::int AS probationary,
    coalesce(n.exempt, 0)::int AS exempt,
    (SELECT p.name FROM seat t JOIN member p ON p.id = t.member WHERE t.cell = c.id AND t.role = 'secretary'
        AND t.from_on <= $1 AND (t.to_on IS NULL OR t.to_on >= $1) ORDER BY t.from_on DESC LIMIT 1) AS secretary
FROM cell c LEFT JOIN (
    SELECT cell, count(*) FILTER (WHERE official) AS official, count(*) FILTER (WHERE NOT official) AS probationary,
        count(*) FILTER (WHERE exempt) AS exempt
    FROM (SELECT DISTINCT s.cell, p.id, coalesce(p.official_on <= $1, false) AS official,
            EXISTS (SELECT 1 FROM exemption x WHERE x.member = p.id AND x.from_on <= $1
                AND (x.to_on IS NULL OR x.to_on >= $1)) AS exempt
        FROM membership s JOIN member p ON p.id = s.member
        WHERE s.kind = 'permanent' AND s.from_on <= $1 AND (s.to_on IS NULL OR s.to_on >= $1)
            AND ($2::uuid IS NULL OR s.cell = $2)) AS belongs
    GROUP BY cell
) n ON n.cell = c.id
WHERE c.from_on <= $1 AND (c.to_on IS NULL OR c.to_on >= $1) AND ($2::uuid IS NULL OR c.id = $2)
ORDER BY c.sort_key, c.name"""


async def counted_cells(*, on: date) -> list[Record]:
    """Every cell of a day: id, name, kind, groups, secretary (name or None), and its official, probationary and
    exempt members (the exempt are among the other two).
    """
    return await sql(_COUNTED, on, None)


async def cell(cell: UUID, reader: Reader, *, on: date) -> Record:
    """One cell with the counts of ``counted_cells``. Raises NotFound, for a cell that the reader may not see too."""
    row = await one(_COUNTED, on, cell) if reader.may_see_cell(cell) else None
    if row is None:
        raise NotFound(cell)
    return row


async def committee_of(cell: UUID, *, on: date) -> list[Record]:
    """The committee (chi ủy) of a cell on a day: name, role (secretary | deputy_secretary | committee_member),
    commune_cadre. Each person once, at the highest seat; secretary, deputies, then members by name.
    """
    return await sql(
        """SELECT p.name, ($3::text[])[min(array_position($3, t.role))] AS role,
            bool_or(t.commune_cadre) AS commune_cadre
        FROM seat t JOIN member p ON p.id = t.member
        WHERE t.cell = $1 AND t.role = ANY($3) AND t.from_on <= $2 AND (t.to_on IS NULL OR t.to_on >= $2)
        GROUP BY p.id ORDER BY min(array_position($3, t.role)), p.sort_key, p.no""",
        cell, on, ["secretary", "deputy_secretary", "committee_member"],
    )  # fmt: skip


async def group_leaders(cell: UUID, *, on: date) -> dict[int, str]:
    """{group number: name of its leader} of a cell."""
    rows = await sql(
        """SELECT g.number, p.name
        FROM seat t JOIN member p ON p.id = t.member JOIN party_group g ON g.id = t.party_group
        WHERE t.cell = $1 AND t.role = 'group_leader' AND t.from_on <= $2 AND (t.to_on IS NULL OR t.to_on >= $2)
        ORDER BY t.from_on""",
        cell, on,
    )  # fmt: skip
    return {row["number"]: row["name"] for row in rows}


async def meetings_of(cell: UUID, *, since: date) -> list[Record]:
    """A cell's meetings from a day on, newest first, each with attending and base of its roll (None without one)."""
    return await sql(
        """SELECT m.id, m.cell, m.kind, m.held_on, m.starts_at, m.state, m.not_held_reason, c.name AS cell_name,
            r.opened_at, r.closed_at, s.attending, s.base
        FROM meeting m JOIN cell c ON c.id = m.cell LEFT JOIN roll_call r ON r.meeting = m.id
        LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE e.state IN ('present', 'late'))::int AS attending,
            count(*) FILTER (WHERE e.base = 'expected' OR e.state IN ('present', 'late'))::int AS base
            FROM roll_entry e WHERE e.meeting = m.id) s ON r.meeting IS NOT NULL
        WHERE m.cell = $1 AND m.held_on >= $2 ORDER BY m.starts_at DESC""",
        cell, since,
    )  # fmt: skip


async def attendance(cell: UUID, *, first: date, last: date) -> list[Record]:
    """Attendance by month (first days) from ``first`` to ``last``, oldest first; only closed rolls count.

    attending = present + late; base = those expected and the exempt who came (see roll_call.rules.summarise). All
    counts are None in a month without a closed roll: not reported, which is not zero.
    """
    return await sql(
        """SELECT x.month::date AS month, n.* FROM generate_series($2::date, $3::date, interval '1 month') AS x(month)
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE e.state IN ('present', 'late'))::int AS attending,
                count(*) FILTER (WHERE e.state = 'late')::int AS late,
                count(*) FILTER (WHERE e.state = 'absent_excused')::int AS absent_excused,
                count(*) FILTER (WHERE e.state = 'absent_unexcused')::int AS absent_unexcused,
                count(*) FILTER (WHERE e.base = 'expected' OR e.state IN ('present', 'late'))::int AS base
            FROM meeting m JOIN roll_call r ON r.meeting = m.id AND r.closed_at IS NOT NULL
            JOIN roll_entry e ON e.meeting = m.id
            WHERE m.cell = $1 AND m.held_on >= x.month AND m.held_on < x.month + interval '1 month' AND m.held_on < $4
            HAVING count(e.no) > 0
        ) n ON true ORDER BY x.month""",
        cell, first, last, month_after(last),
    )  # fmt: skip
