"""What a committee's own tables say of a month and of a year: one statement each, so all counts are of one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta

from infra.postgres import Record, one, sql
from server.assignments.figures import ASSIGNABLE, DEADLINES, HERE, LIVED, OUTCOMES
from server.clock import month_after
from server.meetings.quality import BANDS, band

_BANDS = tuple(f"quality_{name}" for name in BANDS)
# What the province sees of a committee's month: the columns of platform.rollup behind committee, month, computed_at.
FIGURES = (
    "cells", "members_official", "members_probationary", "meetings_held", "meetings_not_held", "meetings_planned",
    "cells_met", "cells_not_met", "cells_not_reported", "rolls_closed", "expected", "present", "late", "absent_excused",
    "absent_unexcused", "exempt", "exempt_attending", "assignments_live", "assignments_due", "assignments_better",
    "assignments_on_time", "assignments_late", "assignments_not_done", "assignments_moved", "assignments_undecided",
    "assignments_cancelled", "members_assigned", "members_assignable", "exempt_age_health", "exempt_away_work",
    "meetings_with_minutes", *_BANDS,
)  # fmt: skip
GRADES = ("excellent", "good", "completed", "failed")
# And of its year: the columns of platform.rollup_year behind committee, year, computed_at.
YEAR_FIGURES = (
    "cells", "cells_told", *(f"cells_{grade}" for grade in GRADES),
    "members", *(f"members_{grade}" for grade in GRADES), "members_not_rated",
)  # fmt: skip

_OUTCOMES = ", ".join(
    f"count(*) FILTER (WHERE {where}) AS assignments_{name}" for name, where in OUTCOMES.items()
)
# $1 first and $2 last day of the month, $3 the day after. What a cell did counts where it belongs on the last day.
_MONTH = f"""WITH here AS ({HERE}), met AS (
    SELECT c.id, bool_or(m.state = 'held') AS held, bool_or(m.state = 'not_held') AS called_off
    FROM cell c LEFT JOIN meeting m ON m.cell = c.id AND m.held_on >= $1 AND m.held_on < $3
    WHERE c.id IN (SELECT id FROM here) AND c.from_on <= $2 AND (c.to_on IS NULL OR c.to_on >= $2) GROUP BY c.id
), cells AS (
    SELECT count(*) AS cells, count(*) FILTER (WHERE held) AS cells_met,
        count(*) FILTER (WHERE called_off AND NOT held) AS cells_not_met,
        count(*) FILTER (WHERE held IS NOT TRUE AND called_off IS NOT TRUE) AS cells_not_reported
    FROM met
), belongs AS (
    SELECT DISTINCT p.id, coalesce(p.official_on <= $2, false) AS official
    FROM member p JOIN membership s ON s.member = p.id AND s.kind = 'permanent'
    WHERE s.from_on <= $2 AND (s.to_on IS NULL OR s.to_on >= $2) AND s.cell IN (SELECT id FROM here)
), people AS (
    SELECT count(*) FILTER (WHERE official) AS members_official,
        count(*) FILTER (WHERE NOT official) AS members_probationary FROM belongs
), exempted AS (
    SELECT count(*) FILTER (WHERE health) AS exempt_age_health, count(*) FILTER (WHERE NOT health) AS exempt_away_work
    FROM (SELECT bool_or(x.kind = 'age_health') AS health FROM exemption x JOIN belongs b ON b.id = x.member
        WHERE x.from_on <= $2 AND (x.to_on IS NULL OR x.to_on >= $2) GROUP BY x.member) AS one
), meetings AS (
    SELECT count(*) FILTER (WHERE state = 'held') AS meetings_held,
        count(*) FILTER (WHERE state = 'not_held') AS meetings_not_held,
        count(*) FILTER (WHERE state = 'planned') AS meetings_planned,
        count(*) FILTER (WHERE state = 'held' AND EXISTS (SELECT 1 FROM minutes d WHERE d.meeting = m.id
            AND d.binned_at IS NULL AND d.state <> 'collecting')) AS meetings_with_minutes,
        array_agg(held_on) FILTER (WHERE state = 'held' AND quality IS NOT NULL) AS scored_on,
        array_agg(quality) FILTER (WHERE state = 'held' AND quality IS NOT NULL) AS scores
    FROM meeting m WHERE held_on >= $1 AND held_on < $3 AND cell IN (SELECT id FROM here)
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
    WHERE m.held_on >= $1 AND m.held_on < $3 AND m.cell IN (SELECT id FROM here)
), deadlines AS ({DEADLINES}), due AS (
    SELECT {_OUTCOMES} FROM deadlines
), lived AS ({LIVED}), live AS (
    SELECT count(DISTINCT assignment) AS assignments_live FROM lived
), assignable AS ({ASSIGNABLE}), covered AS (
    SELECT count(DISTINCT member) FILTER (WHERE assigned) AS members_assigned,
        count(DISTINCT member) AS members_assignable
    FROM assignable
) SELECT {", ".join(name for name in FIGURES if name not in _BANDS)}, scored_on, scores,
    EXISTS (SELECT 1 FROM classification WHERE year = date_part('year', $1)) AS classified
FROM cells, people, exempted, meetings, rolls, due, live, covered"""


async def count_month(month: date) -> tuple[dict[str, int], bool]:
    """Every figure of a month (its first day) of the current committee by name, and whether anything was ever told of
    its year's classification. Needs its transaction.
    """
    after = month_after(month)
    row = await one(_MONTH, month, after - timedelta(days=1), after)
    assert row is not None
    # Which points are good is a rule of the meeting's day, and a province may have its own.
    bands = Counter(band(*one) for one in zip(row["scores"] or (), row["scored_on"] or (), strict=True))
    figures = {
        name: bands[name.removeprefix("quality_")] if name in _BANDS else row[name] for name in FIGURES
    }
    return figures, row["classified"]


_HERE_AT_END = HERE.replace("$2", "make_date(y.year, 12, 31)")
_YEARS = f"""SELECT y.year, count(c.id) AS cells,
    count(*) FILTER (WHERE k.grade <> '') AS cells_told,
    {", ".join(f"count(*) FILTER (WHERE k.grade = '{grade}') AS cells_{grade}" for grade in GRADES)},
    coalesce(sum(k.members), 0)::int AS members,
    {", ".join(f"coalesce(sum(k.{grade}), 0)::int AS members_{grade}" for grade in GRADES)},
    coalesce(sum(k.not_rated), 0)::int AS members_not_rated
FROM (SELECT DISTINCT year FROM classification WHERE year = ANY ($1)) y
LEFT JOIN cell c ON c.id IN ({_HERE_AT_END}) AND c.from_on <= make_date(y.year, 12, 31)
    AND (c.to_on IS NULL OR c.to_on >= make_date(y.year, 12, 31))
LEFT JOIN classification k ON k.cell = c.id AND k.year = y.year GROUP BY y.year"""


async def count_years(years: Collection[int]) -> list[Record]:
    """YEAR_FIGURES of those of some years in which anything was ever told. Needs the committee's transaction."""
    return await sql(_YEARS, list(years))
