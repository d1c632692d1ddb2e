"""Recompute a committee's month from its own tables and replace what the province sees."""

from __future__ import annotations

from datetime import date, timedelta

from infra.postgres import one, sql
from server import clock
from server.assignments.figures import ASSIGNABLE, DEADLINES, LIVED, OUTCOMES
from tenants.current import current
from tenants.transactions import as_committee, platform_transaction

# What the province sees of a committee's month: the columns of platform.rollup behind committee, month, computed_at.
FIGURES = (
    "cells", "members_official", "members_probationary", "meetings_held", "meetings_not_held", "meetings_planned",
    "cells_met", "cells_not_met", "cells_not_reported", "rolls_closed", "expected", "present", "late", "absent_excused",
    "absent_unexcused", "exempt", "exempt_attending", "assignments_live", "assignments_due", "assignments_better",
    "assignments_on_time", "assignments_late", "assignments_not_done", "assignments_moved", "assignments_undecided",
    "assignments_cancelled", "members_assigned", "members_assignable",
)  # fmt: skip

_COLUMNS = ", ".join(FIGURES)
_OUTCOMES = ", ".join(
    f"count(*) FILTER (WHERE {where}) AS assignments_{name}" for name, where in OUTCOMES.items()
)
# One statement, so all counts are of one moment. $1 first and $2 last day of the month, $3 the day after.
_COMPUTE = f"""WITH met AS (
    SELECT c.id, bool_or(m.state = 'held') AS held, bool_or(m.state = 'not_held') AS called_off
    FROM cell c LEFT JOIN meeting m ON m.cell = c.id AND m.held_on >= $1 AND m.held_on < $3
    WHERE c.from_on <= $2 AND (c.to_on IS NULL OR c.to_on >= $2) GROUP BY c.id
), cells AS (
    SELECT count(*) AS cells, count(*) FILTER (WHERE held) AS cells_met,
        count(*) FILTER (WHERE called_off AND NOT held) AS cells_not_met,
        count(*) FILTER (WHERE held IS NOT TRUE AND called_off IS NOT TRUE) AS cells_not_reported
    FROM met
), people AS (
    SELECT count(*) FILTER (WHERE official) AS members_official,
        count(*) FILTER (WHERE NOT official) AS members_probationary
    FROM (SELECT DISTINCT p.id, coalesce(p.official_on <= $2, false) AS official
        FROM member p JOIN membership s ON s.member = p.id AND s.kind = 'permanent'
        WHERE s.from_on <= $2 AND (s.to_on IS NULL OR s.to_on >= $2)) AS belongs
), meetings AS (
    SELECT count(*) FILTER (WHERE state = 'held') AS meetings_held,
        count(*) FILTER (WHERE state = 'not_held') AS meetings_not_held,
        count(*) FILTER (WHERE state = 'planned') AS meetings_planned
    FROM meeting WHERE held_on >= $1 AND held_on < $3
), rolls AS (
    SELECT count(DISTINCT r.meeting) AS rolls_closed,
        count(*) FILTER (WHERE e.base = 'expected') AS expected,
        count(*) FILTER (WHERE e.state = 'present') AS present, count(*) FILTER (WHERE e.state = 'late') AS late,
        count(*) FILTER (WHERE e.state = 'absent_excused') AS absent_excused,
        count(*) FILTER (WHERE e.state = 'absent_unexcused') AS absent_unexcused,
        count(*) FILTER (WHERE e.state = 'exempt') AS exempt,
        count(*) FILTER (WHERE e.base = 'exempt' AND e.state IN ('present', 'late')) AS exempt_attending
    FROM meeting m JOIN roll_call r ON r.meeting = m.id AND r.closed_at IS NOT NULL
    LEFT JOIN roll_entry e ON e.meeting = r.meeting
    WHERE m.held_on >= $1 AND m.held_on < $3
), deadlines AS ({DEADLINES}), due AS (
    SELECT {_OUTCOMES} FROM deadlines
), lived AS ({LIVED}), live AS (
    SELECT count(DISTINCT assignment) AS assignments_live FROM lived
), assignable AS ({ASSIGNABLE}), covered AS (
    SELECT count(DISTINCT member) FILTER (WHERE assigned) AS members_assigned,
        count(DISTINCT member) AS members_assignable
    FROM assignable
) SELECT {_COLUMNS} FROM cells, people, meetings, rolls, due, live, covered"""

_REPLACE = f"""INSERT INTO platform.rollup (committee, month, {_COLUMNS})
VALUES ($1, $2, {", ".join(f"${n}" for n in range(3, len(FIGURES) + 3))})
ON CONFLICT (committee, month) DO UPDATE SET computed_at = now(),
    {", ".join(f"{name} = excluded.{name}" for name in FIGURES)}"""

_STORED = f"""SELECT month, num_nulls({_COLUMNS}) = 0 AS complete FROM platform.rollup
WHERE committee = $1 AND month >= $2"""
# Months from $1 on that have meetings, and those until $2 in which work was given, passed on or due: a month to come is
# begun by the clock.
_LIVED = """SELECT DISTINCT date_trunc('month', day)::date AS month FROM (
    SELECT held_on AS day FROM meeting WHERE held_on >= $1
    UNION SELECT from_on FROM assignment_span WHERE from_on >= $1 AND from_on < $2::date + interval '1 month'
    UNION SELECT due_on FROM assignment_span WHERE due_on >= $1 AND due_on < $2::date + interval '1 month') AS days"""
_EVER = date(1900, 1, 1)


async def recompute_rollup(month: str) -> None:
    """Replace the figures of the current committee for ``month`` (ISO, first day) by what its tables say now.

    Safe to repeat, to lose and to reorder: two runs for one month wait for each other, and each reads after the other
    has written, so the last one to finish has seen the newest data.
    """
    first = date.fromisoformat(month)
    after = clock.month_after(first)
    ref = current()
    async with platform_transaction():
        await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"rollup {ref.id} {month}")
        async with as_committee(ref):
            counted = await one(_COMPUTE, first, after - timedelta(days=1), after)
        assert counted is not None
        await sql(_REPLACE, ref.id, first, *(counted[name] for name in FIGURES))


async def recompute_rollups(since: str) -> None:
    """Recompute the month ``since`` (ISO, first day) of the current committee and all later ones that have figures
    or should have.

    For what changes more than one month: members who come or go are counted from then on, work given is work until it
    is done.
    """
    first = date.fromisoformat(since)
    for month in sorted({first, *await months(first)}):
        await recompute_rollup(month.isoformat())


async def complete_rollups() -> None:
    """Compute the months of the current committee that lack a figure: those that were computed before there was such
    a figure, and those that were never computed.
    """
    for month, complete in (await months()).items():
        if not complete:
            await recompute_rollup(month.isoformat())


async def months(since: date = _EVER) -> dict[date, bool]:
    """The months from ``since`` on (first days) that the current committee has figures of or should have, and whether
    all of a month's figures are there.
    """
    ref = current()
    async with platform_transaction(read_only=True):
        stored = await sql(_STORED, ref.id, since)
        async with as_committee(ref):
            lived = await sql(_LIVED, since, clock.month_of(clock.today()))
    return dict.fromkeys((row["month"] for row in lived), False) | {r["month"]: r["complete"] for r in stored}
