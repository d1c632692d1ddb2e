"""Recompute a committee's months from its own tables and replace what the province sees."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from infra.postgres import Record, sql
from server import clock
from server.rollups.corrections import correct
from server.rollups.counting import FIGURES, YEAR_FIGURES, count_month, count_years
from server.rulebook import local
from tenants import registry
from tenants.current import CommitteeRef, current, using
from tenants.transactions import as_committee, platform_transaction

_COLUMNS = ", ".join(FIGURES)
_REPLACE = f"""INSERT INTO platform.rollup (committee, month, {_COLUMNS})
VALUES ($1, $2, {", ".join(f"${n}" for n in range(3, len(FIGURES) + 3))})
ON CONFLICT (committee, month) DO UPDATE SET computed_at = now(),
    {", ".join(f"{name} = excluded.{name}" for name in FIGURES)}"""
_REPLACE_YEAR = f"""INSERT INTO platform.rollup_year (committee, year, {", ".join(YEAR_FIGURES)})
VALUES ($1, $2, {", ".join(f"${n}" for n in range(3, len(YEAR_FIGURES) + 3))})
ON CONFLICT (committee, year) DO UPDATE SET computed_at = now(),
    {", ".join(f"{name} = excluded.{name}" for name in YEAR_FIGURES)}"""

# Whoever recomputes waits for a closing that is under way, and for whoever recomputes the same committee; a closing
# waits for all who recompute. The locks are taken before anything is read, and every statement then reads anew.
CLOSING_LOCK = "hashtextextended('rollups closing', 0)"
_LOCK = f"""SELECT pg_advisory_xact_lock_shared({CLOSING_LOCK}),
    pg_advisory_xact_lock(hashtextextended('rollup ' || $1, 0))"""
_SEEN = """SELECT d.id, d.month, d.onward, d.cause, c.rules_version
FROM platform.rollup_dirty d JOIN platform.committee c ON c.schema_name = d.schema_name
WHERE d.schema_name = $1 ORDER BY d.id"""

_STORED = f"""SELECT month, num_nulls({_COLUMNS}) = 0 AS complete FROM platform.rollup
WHERE committee = $1 AND month >= $2"""
# Months from $1 on that have meetings, and those until $2 in which work was given, passed on or due or in which a cell
# was here that another committee had before: a month to come is begun by the clock. What a cell did counts where it
# belongs on the month's last day.
_LIVED = """SELECT DISTINCT months.month FROM (
    SELECT date_trunc('month', day)::date AS month, cell FROM (
        SELECT held_on AS day, cell FROM meeting WHERE held_on >= $1
        UNION SELECT from_on, cell FROM assignment_span
            WHERE from_on >= $1 AND from_on < $2::date + interval '1 month'
        UNION SELECT due_on, cell FROM assignment_span
            WHERE due_on >= $1 AND due_on < $2::date + interval '1 month'
        UNION SELECT generate_series(greatest(date_trunc('month', joined_on), $1), $2::date, '1 month')::date, id
            FROM cell WHERE joined_on IS NOT NULL) AS days
) AS months JOIN cell c ON c.id = months.cell
WHERE (c.joined_on IS NULL OR c.joined_on < months.month + interval '1 month')
    AND (c.went_on IS NULL OR c.went_on >= months.month + interval '1 month')"""
# A mark from this month onward is about every month that has figures or should have, and about the present one.
EVER = date(1900, 1, 1)


async def recompute_dirty() -> int:
    """Work off the marks of the current committee: recompute every month that they name, and take away what was seen;
    how many months there were.

    Safe to repeat, to lose and to reorder. Runs of one committee wait for each other; each reads the marks first and
    the committee's tables afterwards, so a mark is never taken away before what it stands for was counted. What is
    marked meanwhile stays for the next run.
    """
    return await _recompute(None)


async def recompute_rollup(month: str) -> None:
    """Replace the figures of the current committee for ``month`` (ISO, first day) by what its tables say now, marked or
    not. The last one of several to finish has seen the newest data.
    """
    await _recompute({date.fromisoformat(month)})


async def recompute_months(wanted: Collection[date]) -> None:
    """The same for several months (first days) at once, in one transaction."""
    await _recompute(wanted)


async def recompute_rollups(since: str) -> None:
    """Recompute the month ``since`` (ISO, first day) of the current committee and all later ones that have figures
    or should have. An older version of the product leaves this job where this one leaves marks.
    """
    first = date.fromisoformat(since)
    await _recompute({first, *await months(first)})


async def complete_rollups() -> None:
    """Compute the months of the current committee that lack a figure, those that were computed before there was such
    a figure and those that were never computed, and work off whatever marks were left lying.
    """
    await recompute_dirty()
    lacking = {month for month, complete in (await months()).items() if not complete}
    if lacking:
        await _recompute(lacking)


async def months(since: date = EVER) -> dict[date, bool]:
    """The months from ``since`` on (first days) that the current committee has figures of or should have, and whether
    all of a month's figures are there.
    """
    async with platform_transaction(read_only=True):
        return await _months(current(), since)


async def _months(ref: CommitteeRef, since: date) -> dict[date, bool]:
    stored = await sql(_STORED, ref.id, since)
    async with as_committee(ref):
        lived = await sql(_LIVED, since, clock.month_of(clock.today()))
    return dict.fromkeys((row["month"] for row in lived), False) | {r["month"]: r["complete"] for r in stored}


async def _recompute(wanted: Collection[date] | None) -> int:
    """Recompute some months, or those that are marked (None); how many there were."""
    ref = current()
    await local.load(ref)
    done = await _recompute_by(ref, wanted)
    if done is not None:
        return done
    # A rule set was published after the reference was read: its mark must not go before its rules have been counted by.
    async with platform_transaction(read_only=True):
        newest = await registry.find_by_schema(ref.schema_name)
    assert newest is not None
    with using(newest):
        return await _recompute(wanted)


async def _recompute_by(ref: CommitteeRef, wanted: Collection[date] | None) -> int | None:
    """The same by the rules that ``ref`` knows; None, and nothing is done, where there are newer ones."""
    async with platform_transaction():
        await sql(_LOCK, str(ref.id))
        marks = await sql(_SEEN, ref.schema_name)
        if any(mark["rules_version"] != ref.rules_version for mark in marks):
            return None
        named = await _named(ref, marks) if wanted is None else set(wanted)
        if not named:
            return 0
        async with as_committee(ref):
            told = {month: await count_month(month) for month in sorted(named)}
            classified = {month.year for month, (_, known) in told.items() if known}
            years = await count_years(classified) if classified else []
        counted = {month: figures for month, (figures, _) in told.items()}
        await correct(ref.id, counted, {month: _causes(marks, month) for month in named})
        for month, figures in counted.items():
            await sql(_REPLACE, ref.id, month, *figures.values())
        for row in years:
            await sql(_REPLACE_YEAR, ref.id, row["year"], *(row[name] for name in YEAR_FIGURES))
        seen = [m["id"] for m in marks if wanted is None or (m["month"] in named and not m["onward"])]
        await sql("DELETE FROM platform.rollup_dirty WHERE id = ANY ($1)", seen)
    return len(named)


async def _named(ref: CommitteeRef, marks: Collection[Record]) -> set[date]:
    now = clock.month_of(clock.today())
    named = {now if mark["month"] == EVER else mark["month"] for mark in marks}
    if onward := [mark["month"] for mark in marks if mark["onward"]]:
        named |= set(await _months(ref, min(onward)))
    return named


def _causes(marks: Collection[Record], month: date) -> list[str]:
    """The causes of the marks that are about a month, each once, in their order."""
    about = [m for m in marks if m["month"] == month or (m["onward"] and m["month"] <= month)]
    return [*dict.fromkeys(mark["cause"] for mark in about)]
