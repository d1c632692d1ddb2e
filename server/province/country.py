"""The whole deployment's figures of a month: province by province, each the total that its own people see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from infra.postgres import sql
from server.province.figures import UNTOLD, VALUES, order_of, told, with_people
from server.province.hiding import Figure, added, columns
from server.rollups.indicators import INDICATORS

_LAST = "($1::date + interval '1 month')::date - 1"
_COUNTRY = f"""SELECT p.name, c.id, r.computed_at, {VALUES} FROM platform.province p
    LEFT JOIN platform.committee_belonging b ON b.province = p.id AND b.from_on <= {_LAST}
        AND (b.to_on IS NULL OR b.to_on >= {_LAST})
    LEFT JOIN platform.committee c ON c.id = b.committee AND c.state <> 'erased'
    LEFT JOIN platform.rollup r ON r.committee = c.id AND r.month = $1
WHERE c.id IS NULL OR r.committee IS NOT NULL OR (c.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= {_LAST}
ORDER BY p.id"""


@dataclass(frozen=True)
class Share:
    """One province in one month."""

    title: str
    committees: int
    told: int
    computed_at: datetime | None
    figures: Mapping[str, Figure]

    @property
    def reported(self) -> bool:
        """Whether any of its committees has figures, of a cell."""
        return self.told > 0

    def figure(self, key: str) -> Figure:
        """One figure by its indicator."""
        return self.figures.get(key, UNTOLD)


@dataclass(frozen=True)
class Country:
    """All provinces the Vietnamese way of sorting, and what they come to together: the sum of the totals shown."""

    provinces: Sequence[Share]
    totals: Mapping[str, Figure]


async def country(month: date, keys: Collection[str]) -> Country:
    """A month of every province, with the indicators ``keys``. Needs a platform transaction."""
    shown = [each for each in INDICATORS if each.key in keys]
    needed = with_people(shown)
    rows = await sql(_COUNTRY, month)
    provinces = []
    for name, some in groupby(rows, key=lambda row: row["name"]):
        own = [row for row in some if row["id"] is not None]
        found = columns(told(own, needed), needed)
        times = [row["computed_at"] for row in own if row["computed_at"] is not None]
        figures = {each.key: found[each.key].total for each in shown} if times else {}
        reported = sum(bool(row["cells"]) for row in own)
        provinces.append(Share(name, len(own), reported, max(times, default=None), figures))
    totals = {each.key: added(province.figure(each.key) for province in provinces) for each in shown}
    return Country(sorted(provinces, key=lambda share: order_of(share.title)), totals)
