"""Prove the province's figures: count everything again from marks, changes and memberships, in Python, and compare.

Deliberately another way than ``counting``: plain rows of one snapshot instead of one aggregating statement a month,
what was said folded anew, sets counted instead of filtered aggregates, so that one mistake can't hide in both. Each
committee is read in its own role. One statement over fifty schemas (UNION ALL) would save half of the reading and needs
the owner of the database, whom no worker should need to be and whom no wall stops; reading is the smaller part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from infra.postgres import Record, sql
from server.rollups.corrections import CLOSED, standing
from server.rollups.counting import FIGURES, YEAR_FIGURES
from server.rollups.verify_source import Source
from server.rulebook import local
from tenants.current import CommitteeRef, using
from tenants.transactions import as_committee, platform_transaction

_PAUSE = 0.5


@dataclass(frozen=True)
class Difference:
    """A figure that disagrees with its source. ``month`` and ``figure`` name it (a year's classification: its January);
    ``stored`` None: not computed yet.
    """

    committee: str
    month: date
    figure: str
    stored: int | None
    counted: int


@dataclass(frozen=True)
class _Read:
    """Figures of months and of years, closed months with their corrections, what waits, and the source: one moment."""

    months: Mapping[date, Record]
    years: Mapping[int, Record]
    closed: Mapping[date, Mapping[str, int | None]]
    waiting: bool
    source: Source


async def verify(ref: CommitteeRef, *, patience: float = 0.0) -> tuple[int, list[Difference]]:
    """Compare all stored months of a committee with its source: how many months, and every difference.

    Figures follow their source within seconds: while a recomputation is still to be done, this looks again for up to
    ``patience`` seconds before it calls anything a difference.
    """
    months, found, waiting = await examine(ref)
    while waiting and patience > 0:
        await asyncio.sleep(_PAUSE)
        patience -= _PAUSE
        months, found, waiting = await examine(ref)
    return months, found


async def examine(ref: CommitteeRef) -> tuple[int, list[Difference], bool]:
    """The same at once, and whether a recomputation was still to be done: then a difference need not be one."""
    with using(ref):
        await local.load(ref)
        read = await _read(ref)
        found = [Difference(ref.slug, *one) for one in read.source.kept_wrong()]
        months = sorted(set(read.months) | read.source.months())
        for month in months:
            found += _compare(ref, month, FIGURES, read.months.get(month), read.source.count(month))
        for year in sorted(set(read.years) | read.source.years()):
            counted = read.source.count_year(year)
            wrong = _compare(ref, date(year, 1, 1), YEAR_FIGURES, read.years.get(year), counted)
            found += [
                Difference(d.committee, d.month, f"year_{d.figure}", d.stored, d.counted) for d in wrong
            ]
    return len(months), found + _unexplained(ref, read), read.waiting


def _compare(
    ref: CommitteeRef, month: date, names: tuple[str, ...], row: Record | None, counted: Mapping[str, int]
) -> list[Difference]:
    had = {name: row[name] if row else None for name in names}
    return [Difference(ref.slug, month, n, had[n], counted[n]) for n in names if had[n] != counted[n]]


def _unexplained(ref: CommitteeRef, read: _Read) -> list[Difference]:
    """Figures of closed months that are not what was frozen with all corrections: changed by no correction."""
    return [
        Difference(ref.slug, month, f"closed_{name}", value, row[name] or 0)
        for month, stands in sorted(read.closed.items())
        if (row := read.months.get(month)) is not None
        for name, value in stands.items()
        if name in FIGURES and row[name] != value
    ]


_MONTHS = f"SELECT month, {', '.join(FIGURES)} FROM platform.rollup WHERE committee = $1"
_YEARS = f"SELECT year, {', '.join(YEAR_FIGURES)} FROM platform.rollup_year WHERE committee = $1"
_CLOSED = f"""SELECT f.month, f.figures, coalesce(array_agg(c.changed ORDER BY c.number) FILTER
    (WHERE c.number IS NOT NULL), '{{}}') AS changed
FROM ({CLOSED}) f LEFT JOIN platform.rollup_correction c ON c.committee = $1 AND c.month = f.month
GROUP BY f.month, f.figures"""
# Both ways in which work may be asked for: marks, and the jobs that an older version of the product leaves.
_WAITING = """SELECT EXISTS (SELECT 1 FROM platform.rollup_dirty WHERE schema_name = $1)
    OR EXISTS (SELECT 1 FROM platform.outbox WHERE schema_name = $1 AND job IN ('recompute_rollup', 'recompute_rollups')
        AND done_at IS NULL AND dead_at IS NULL) AS waiting"""


async def _read(ref: CommitteeRef) -> _Read:
    async with platform_transaction(read_only=True, snapshot=True):
        stored, years = await sql(_MONTHS, ref.id), await sql(_YEARS, ref.id)
        # Where nothing was frozen and nothing corrected, every figure that is there now is unexplained.
        closed = {
            row["month"]: standing(row["figures"], row["changed"]) or dict.fromkeys(FIGURES)
            for row in await sql(_CLOSED, ref.id)
        }
        waiting = (await sql(_WAITING, ref.schema_name))[0]["waiting"]
        async with as_committee(ref):
            source = await Source.read()
    return _Read({r["month"]: r for r in stored}, {r["year"]: r for r in years}, closed, waiting, source)
