"""What the yearly classification of cells and members came to, as a province may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from server.province.hiding import COVER, Figure, small
from server.rollups.indicators import YEARLY

# Committees by id: an order that says nothing of their figures. $2: the first and the last year.
_GRADES = f"""SELECT y.year, c.slug, y.computed_at,
    {
    ", ".join(
        f"{' + '.join('y.' + name for name in one.part)} AS {one.key}, "
        f"{' + '.join('y.' + name for name in one.base or ())} AS {one.key}_base"
        for one in YEARLY
    )
}
FROM platform.rollup_year y JOIN platform.committee c ON c.id = y.committee AND c.state <> 'erased'
    JOIN platform.committee_belonging b ON b.committee = c.id AND b.province = $1
        AND b.from_on <= make_date(y.year, 12, 31) AND (b.to_on IS NULL OR b.to_on >= make_date(y.year, 12, 31))
WHERE y.year BETWEEN $2 AND $3 ORDER BY y.year DESC, c.id"""


@dataclass(frozen=True)
class Year:
    """One committee's year."""

    year: int
    computed_at: datetime
    figures: Mapping[str, Figure]


async def grades(province: UUID, slug: str, year: int) -> list[Year]:
    """The year and the one before it of one committee, where it has told any. Needs a platform transaction."""
    rows = await sql(_GRADES, province, year - 1, year)
    years = sorted({row["year"] for row in rows}, reverse=True)
    shown = {each: whole([row for row in rows if row["year"] == each]) for each in years}
    return [
        Year(each, figures["computed_at"], figures["figures"])
        for each in years
        for figures in shown[each]
        if figures["slug"] == slug
    ]


def whole(rows: Sequence[Record | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each committee's figures of one year. Grades of members of one committee are shown all or none: none where one of
    them is a number of 1 to 4, and then one more committee, the next in order, is hidden with it, so that it is never
    alone in what is missing from the province's sum.
    """
    hidden = {n for n, row in enumerate(rows) if any(small(row[one.key]) for one in YEARLY if one.people)}
    if len(hidden) == 1:
        others = [n for n, row in enumerate(rows) if n not in hidden and row["members_good_base"]]
        hidden |= set(others[:1])
    return [
        {"slug": row["slug"], "computed_at": row["computed_at"],
         "figures": {one.key: Figure(None, None, COVER) if one.people and n in hidden
                     else Figure(row[one.key], row[f"{one.key}_base"]) for one in YEARLY}}
        for n, row in enumerate(rows)
    ]  # fmt: skip
