"""What can be counted of assignments: the deadlines of a month, who has work, what is overdue. Counts, never people.

A month is counted from assignment_span (see server.assignments.fold), so what a month says does not change when later
months go on. All need a transaction in the current committee.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from infra.postgres import Record, one, sql
from server.clock import month_after

# The texts below take the first ($1) and the last ($2) day of a month.

# The cells whose month counts in this committee: not those that were carried to another one before its last day, nor
# those that came from another one after it.
HERE = """SELECT id FROM cell WHERE (joined_on IS NULL OR joined_on <= $2) AND (went_on IS NULL OR went_on > $2)"""
# A deadline of the month is a date that stood until it came. One assignment has it once, however often the work was
# handed back or over on the same date: as it ended last.
DEADLINES = f"""SELECT DISTINCT ON (assignment, due_on) assignment, cell, ended, result FROM assignment_span
    WHERE due_on BETWEEN $1 AND $2 AND NOT (ended = 'changed' AND to_on < due_on) AND cell IN ({HERE})
    ORDER BY assignment, due_on, n DESC"""
# What is being worked on at some time of the month.
LIVED = f"""SELECT assignment, cell, member FROM assignment_span
    WHERE from_on <= $2 AND (to_on IS NULL OR to_on >= $1) AND cell IN ({HERE})"""
# Who may be given work: who belongs on the last day and is not exempt on it.
ASSIGNABLE = f"""SELECT s.cell, s.member, s.member IN (SELECT member FROM lived) AS assigned FROM membership s
    WHERE s.kind = 'permanent' AND s.from_on <= $2 AND (s.to_on IS NULL OR s.to_on >= $2) AND s.cell IN ({HERE})
        AND NOT EXISTS (SELECT 1 FROM exemption x WHERE x.member = s.member AND x.from_on <= $2
            AND (x.to_on IS NULL OR x.to_on >= $2))"""
# due = better + on_time + late + not_done + moved + undecided; what was cancelled was not due any more.
OUTCOMES = {
    "due": "ended <> 'cancelled'",
    "better": "ended = 'done' AND result = 'better'",
    "on_time": "ended = 'done' AND result = 'on_time'",
    "late": "ended = 'done' AND result = 'late'",
    "not_done": "ended = 'not_done'",
    "moved": "ended = 'changed'",
    "undecided": "ended = ''",
    "cancelled": "ended = 'cancelled'",
}

_OUTCOMES = ", ".join(f"count(*) FILTER (WHERE {where})::int AS {name}" for name, where in OUTCOMES.items())
_NAMES = ", ".join(f"coalesce(d.{name}, 0) AS {name}" for name in OUTCOMES)
_WANTED = "$3::uuid[] IS NULL OR cell = ANY ($3)"
# All cells together stand as a cell of their own: somebody who belongs to two is one person there. It has an id, for
# null equals nothing in a join.
_ALL = f"'{UUID(int=0)}'::uuid"
_CELL, _EACH_AND_ALL = f"coalesce(cell, {_ALL}) AS cell", "GROUP BY GROUPING SETS ((cell), ())"
_MONTH = f"""WITH deadlines AS ({DEADLINES}), lived AS ({LIVED}), assignable AS ({ASSIGNABLE}), d AS (
    SELECT {_CELL}, {_OUTCOMES} FROM deadlines WHERE {_WANTED} {_EACH_AND_ALL}
), l AS (
    SELECT {_CELL}, count(DISTINCT assignment)::int AS live FROM lived WHERE {_WANTED} {_EACH_AND_ALL}
), p AS (
    SELECT {_CELL}, count(DISTINCT member)::int AS assignable,
        count(DISTINCT member) FILTER (WHERE assigned)::int AS assigned
    FROM assignable WHERE {_WANTED} {_EACH_AND_ALL}
) SELECT nullif(c.id, {_ALL}) AS cell, c.name, {_NAMES}, coalesce(l.live, 0) AS live,
    coalesce(p.assigned, 0) AS assigned, coalesce(p.assignable, 0) AS assignable
FROM (SELECT id, name, sort_key, from_on <= $2 AND (to_on IS NULL OR to_on >= $2) AS there FROM cell
    WHERE $3::uuid[] IS NULL OR id = ANY ($3) UNION ALL SELECT {_ALL}, '', '', true) c
LEFT JOIN d ON d.cell = c.id LEFT JOIN l ON l.cell = c.id LEFT JOIN p ON p.cell = c.id
WHERE c.there OR d.cell IS NOT NULL OR l.cell IS NOT NULL ORDER BY c.sort_key, c.name"""


@dataclass(frozen=True)
class Month:
    """The figures of a month: a row a cell, in their order, and the total over all of them.

    Each row: cell (id) and name (None and "" of the total); of the deadlines in the month due, better, on_time, late,
    not_done, moved, undecided and, beside them, cancelled; live (assignments); assigned of assignable (members).
    """

    total: Record
    cells: list[Record]


async def month(cells: Collection[UUID] | None, month: date) -> Month:
    """The figures of ``month`` (its first day) of some cells, of all when None; cells that exist on its last day, and
    those that ended before and still had work in it.
    """
    rows = await sql(_MONTH, month, _last_day(month), None if cells is None else list(cells))
    return Month(next(row for row in rows if row["cell"] is None), [row for row in rows if row["cell"]])


async def coverage(cell: UUID, month: date) -> Record:
    """Of one cell what ``month`` says of its members, assigned of assignable, at the price of looking at them alone."""
    row = await one(_COVERAGE, month, _last_day(month), cell)
    assert row is not None
    return row


_COVERAGE = """SELECT count(DISTINCT s.member)::int AS assignable,
    count(DISTINCT s.member) FILTER (WHERE EXISTS (SELECT 1 FROM assignment_span a WHERE a.member = s.member
        AND a.from_on <= $2 AND (a.to_on IS NULL OR a.to_on >= $1)))::int AS assigned
FROM membership s WHERE s.cell = $3 AND s.kind = 'permanent' AND s.from_on <= $2
    AND (s.to_on IS NULL OR s.to_on >= $2) AND NOT EXISTS (
        SELECT 1 FROM exemption x WHERE x.member = s.member AND x.from_on <= $2
            AND (x.to_on IS NULL OR x.to_on >= $2))"""


def _last_day(month: date) -> date:
    return month_after(month) - timedelta(days=1)


def done(row: Record) -> int:
    """How many of a row's deadlines were met or the work was done all the same: of ``due``."""
    return int(row["better"] + row["on_time"] + row["late"])


# Days past a due date after which overdue work is a matter of weeks, and of more than a month.
WEEK_DAYS, MONTH_DAYS = 7, 30
_OVERDUE = f"""SELECT cell, area, count(*)::int AS live, count(*) FILTER (WHERE state = 'reported')::int AS reported,
    count(*) FILTER (WHERE late > 0)::int AS overdue,
    count(*) FILTER (WHERE late BETWEEN 1 AND {WEEK_DAYS})::int AS week,
    count(*) FILTER (WHERE late BETWEEN {WEEK_DAYS} + 1 AND {MONTH_DAYS})::int AS month,
    count(*) FILTER (WHERE late > {MONTH_DAYS})::int AS older
FROM (SELECT cell, area, state, CASE WHEN state = 'open' THEN $1 - due_on END AS late FROM assignment
    WHERE state IN ('open', 'reported') AND ($2::uuid[] IS NULL OR cell = ANY ($2))) live
GROUP BY GROUPING SETS ((cell), (area), ())"""


@dataclass(frozen=True)
class Overdue:
    """What is not done though its day is over: the total, by area (a key of rules.AREAS) and by cell, where there is
    live work at all.

    Each row: overdue of live (assignments); of the overdue those of 1 to 7 days (week), 8 to 30 (month) and more
    (older); reported: live work that waits to be accepted, which is not overdue.
    """

    total: Record
    areas: dict[str, Record]
    cells: dict[UUID, Record]


async def overdue(cells: Collection[UUID] | None, today: date) -> Overdue:
    """What is overdue on a day in some cells, in all when None."""
    rows = await sql(_OVERDUE, today, None if cells is None else list(cells))
    return Overdue(
        next(row for row in rows if row["cell"] is None and row["area"] is None),
        {row["area"]: row for row in rows if row["area"] is not None},
        {row["cell"]: row for row in rows if row["cell"] is not None},
    )
