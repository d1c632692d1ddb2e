"""A province's figures of months, as they may be shown: each committee and all together, small numbers hidden.

A committee counts in a month where it belonged to the province on the month's last day, under the name it had then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from infra.postgres import Record, one, sql
from server import names
from server.province.hiding import COUNTED_BY, TELLING, TELLS_EXEMPT, Figure, Pair, columns
from server.rollups.indicators import INDICATORS, Indicator
from tenants.current import KINDS

UNTOLD = Figure(None)


@dataclass(frozen=True)
class Line:
    """One committee in one month. ``computed_at`` None: it has not reported; ``waiting``: a recomputation is due;
    ``empty``: it had no cell yet (or none any more), so there was nobody to report.
    """

    id: UUID
    slug: str
    title: str
    kind: str
    state: str
    unit_code: str
    computed_at: datetime | None
    waiting: bool
    figures: Mapping[str, Figure]
    empty: bool = False

    @property
    def reported(self) -> bool:
        """Whether anything was ever computed of this month, of a cell."""
        return self.computed_at is not None and not self.empty

    def figure(self, key: str) -> Figure:
        """One figure by its indicator; never computed where the committee has not reported."""
        return self.figures.get(key, UNTOLD)


@dataclass(frozen=True)
class Month:
    """A province's month: its committees the Vietnamese way of sorting, and the totals of all that reported."""

    month: date
    lines: Sequence[Line]
    totals: Mapping[str, Figure]

    @property
    def reported(self) -> int:
        """How many committees have figures."""
        return sum(line.reported for line in self.lines)

    @property
    def computed(self) -> tuple[datetime, datetime] | None:
        """When the oldest and the newest figure were computed; None where nobody reported."""
        times = [line.computed_at for line in self.lines if line.computed_at is not None]
        return (min(times), max(times)) if times else None

    def line(self, slug: str) -> Line | None:
        """The committee of a path, None where it did not belong to the province in this month."""
        return next((line for line in self.lines if line.slug == slug), None)


def _summed(names_of: Sequence[str]) -> str:
    return " + ".join(f"r.{name}" for name in names_of)


def _values() -> str:
    parts = [f"{_summed(each.part)} AS {each.key}" for each in INDICATORS]
    return ", ".join(parts + [f"{_summed(each.base)} AS {each.key}_base" for each in INDICATORS if each.base])


# Part and base of every indicator, of a row r of platform.rollup.
VALUES = _values()
_LAST = "(m.month + interval '1 month')::date - 1"
_FROM = f"""FROM unnest($2::date[]) AS m (month)
    JOIN platform.committee_belonging b ON b.province = $1 AND b.from_on <= {_LAST}
        AND (b.to_on IS NULL OR b.to_on >= {_LAST})
    JOIN platform.committee c ON c.id = b.committee AND c.state <> 'erased'
    LEFT JOIN platform.committee_name n ON n.committee = c.id AND n.from_on <= {_LAST}
        AND (n.to_on IS NULL OR n.to_on >= {_LAST})
    LEFT JOIN platform.rollup r ON r.committee = c.id AND r.month = m.month
-- A committee owes nothing of a month before it was founded here, unless it tells something of it all the same.
WHERE r.committee IS NOT NULL OR (c.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= {_LAST}"""
_WHO = """m.month, c.id, c.slug, coalesce(n.kind, c.kind) AS kind, coalesce(n.name, c.name) AS name, c.state,
    c.unit_code, r.computed_at, EXISTS (SELECT 1 FROM platform.rollup_dirty d WHERE d.schema_name = c.schema_name
        AND (d.month = m.month OR d.onward AND d.month <= m.month)) AS waiting"""
_MONTHS = f"SELECT {_WHO}, {VALUES} {_FROM}"
_COURSES = f"SELECT m.month, c.id, c.slug, r.computed_at, {VALUES} {_FROM}"


async def months(
    province: UUID, wanted: Sequence[date], keys: Collection[str] | None = None
) -> dict[date, Month]:
    """The months ``wanted`` (first days), with the indicators ``keys`` (all when None).

    Needs a platform transaction.
    """
    shown = [each for each in INDICATORS if keys is None or each.key in keys]
    needed = with_people(shown)
    rows = await sql(_MONTHS, province, list(wanted))
    by_month: dict[date, list[Record]] = defaultdict(list)
    for row in rows:
        by_month[row["month"]].append(row)
    return {month: _month(month, by_month[month], needed, shown) for month in wanted}


def with_people(shown: Sequence[Indicator]) -> list[Indicator]:
    """What has to be read to show these: what is hidden of one figure of people depends on others."""
    keys = {each.key for each in shown}
    if any(each.people for each in shown):
        keys |= {"members", *(TELLING if keys & set(TELLS_EXEMPT) else ())}
        keys |= set(COUNTED_BY) if "attendance" in keys else set()
    return [each for each in INDICATORS if each.key in keys]


def _month(
    month: date, rows: Sequence[Record], needed: Sequence[Indicator], shown: Sequence[Indicator]
) -> Month:
    found = columns(told(rows, needed), needed)
    lines = [
        Line(
            row["id"], row["slug"], f"{KINDS[row['kind']]} {row['name']}", row["kind"], row["state"], row["unit_code"],
            row["computed_at"], row["waiting"],
            {each.key: found[each.key].figures[n] for each in shown} if row["computed_at"] else {},
            row["cells"] == 0,
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip
    return Month(
        month,
        sorted(lines, key=lambda line: order_of(line.title)),
        {each.key: found[each.key].total for each in shown},
    )


def told(rows: Sequence[Mapping[str, Any]], needed: Sequence[Indicator]) -> dict[str, list[Pair]]:
    """(part, base) of each row by indicator: what ``hiding.columns`` takes. A share of which one was never computed
    was never computed.
    """
    return {
        each.key: [_share(row[each.key], row[f"{each.key}_base"]) for row in rows]
        if each.base else [(row[each.key], None) for row in rows]
        for each in needed
    }  # fmt: skip


def _share(part: int | None, base: int | None) -> Pair:
    return (None, None) if part is None or base is None else (part, base)


class Point(NamedTuple):
    """A committee's figures of one month."""

    computed_at: datetime
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Courses:
    """Indicators over months. ``lines``: by path and by month, in the months' order, None where the committee had not
    reported or did not belong to the province; ``totals``: of all that reported, by month.
    """

    months: Sequence[date]
    lines: Mapping[str, Sequence[Point | None]]
    totals: Sequence[Mapping[str, Figure]]

    def course(self, slug: str, key: str) -> list[Figure]:
        """One indicator of one committee."""
        return [each.figures[key] if each else UNTOLD for each in self.lines[slug]]


async def courses(
    province: UUID, wanted: Sequence[date], keys: Collection[str], *, only: Collection[str] | None = None
) -> Courses:
    """Indicators ``keys`` over months, of all committees or of ``only`` those of these paths; the totals are of all
    in any case. Needs a platform transaction.
    """
    shown = [each for each in INDICATORS if each.key in keys]
    needed = with_people(shown)
    rows = await sql(_COURSES, province, list(wanted))
    by_month: dict[date, list[Record]] = defaultdict(list)
    for row in rows:
        by_month[row["month"]].append(row)
    lines: dict[str, list[Point | None]] = defaultdict(lambda: [None] * len(wanted))
    totals = []
    for at, month in enumerate(wanted):
        some = by_month[month]
        found = columns(told(some, needed), needed)
        totals.append({each.key: found[each.key].total for each in shown})
        for n, row in enumerate(some):
            if only is not None and row["slug"] not in only:
                continue
            own = lines[row["slug"]]
            if row["computed_at"]:
                own[at] = Point(row["computed_at"], {each.key: found[each.key].figures[n] for each in shown})
    return Courses(wanted, lines, totals)


async def titles(province: UUID, slug: str, wanted: Sequence[date]) -> list[tuple[date, str]]:
    """The months in which a committee belonged to the province, and what it was called in each. Needs a platform
    transaction.
    """
    rows = await sql(
        f"""SELECT m.month, coalesce(n.kind, c.kind) AS kind, coalesce(n.name, c.name) AS name
        FROM unnest($3::date[]) AS m (month) JOIN platform.committee c ON c.slug = $2 AND c.state <> 'erased'
            JOIN platform.committee_belonging b ON b.committee = c.id AND b.province = $1 AND b.from_on <= {_LAST}
                AND (b.to_on IS NULL OR b.to_on >= {_LAST})
            LEFT JOIN platform.committee_name n ON n.committee = c.id AND n.from_on <= {_LAST}
                AND (n.to_on IS NULL OR n.to_on >= {_LAST})
        ORDER BY m.month""",
        province, slug, list(wanted),
    )  # fmt: skip
    return [(row["month"], f"{KINDS[row['kind']]} {row['name']}") for row in rows]


async def closed_at(province: UUID, month: date) -> datetime | None:
    """When a month was closed; None while it is open. Needs a platform transaction."""
    row = await one(
        "SELECT closed_at FROM platform.closing WHERE province = $1 AND month = $2", province, month
    )
    return row["closed_at"] if row else None


@lru_cache(maxsize=8192)
def order_of(title: str) -> str:
    """The key by which committees are sorted the Vietnamese way: by their name, then by their kind."""
    kind = max((words for words in KINDS.values() if title.startswith(f"{words} ")), key=len, default="")
    return f"{names.title_key(title.removeprefix(kind))} {names.title_key(kind)}"


@lru_cache(maxsize=8192)
def folded(title: str) -> str:
    """A committee's title as it is searched: without accents and capitals."""
    return names.fold(title)
