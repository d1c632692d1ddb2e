"""Commune committees as there are thousands of: real names and codes, a few cells each, invented people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from server import clock
from server.committees.units import Unit, units_of
from server.demo.chance import dice
from server.demo.filling import Draft
from server.demo.people import populate
from server.demo.places import CellPlan, Site, plan_of
from server.demo.write import Span
from tenants.current import CommitteeRef

# Every so many of the demonstration's communes tell nothing any more, for so long; one other is suspended.
_SILENT_EVERY = 8
SILENT = timedelta(days=75)
WHY_SUSPENDED = "Đang củng cố tổ chức theo đề nghị của cấp ủy"
_SUSPENDED = 5
# What the people are called where the demonstration knows better than "Kinh".
_MIXES = {
    "Gia Lai": "highland_settlement", "Đắk Lắk": "highland_settlement", "Quảng Ngãi": "highland_settlement",
    "Lâm Đồng": "highland_settlement", "Lạng Sơn": "border_village", "Cao Bằng": "border_village",
    "Thái Nguyên": "border_town", "Tuyên Quang": "border_town", "Bắc Ninh": "plain_office",
}  # fmt: skip
_OTHERS = "plain_office"
_PARTS = {"commune_committee": "Thôn", "ward_committee": "Tổ dân phố", "special_zone_committee": "Khu dân cư"}
# Of a cell's members, as in the load province: exempt for age or illness, and for work away.
_ILL, _AWAY = 0.09, 0.03
# Meetings that a cell missed in the months behind it, at most.
_MISSED = 2


@dataclass(frozen=True)
class Commune:
    """One committee to build: how many cells of how many members, with how many whole months behind them."""

    unit: Unit
    cells: int
    members: int
    months: int
    silent: bool = False
    suspended: bool = False


def communes_of(province: str, count: int, *, seed: int) -> list[Commune]:
    """``count`` communes spread over the province's map: 2 to 4 cells of about 10 members, 3 to 12 months."""
    there = units_of(province)
    chosen = [there[n * len(there) // count] for n in range(count)]
    communes = []
    for number, unit in enumerate(chosen, start=1):
        chance = dice(seed, unit.code, "commune")
        communes.append(
            Commune(
                unit, chance.randint(2, 4), chance.randint(8, 13), chance.randint(3, 12),
                silent=number % _SILENT_EVERY == 0, suspended=number == _SUSPENDED,
            )
        )  # fmt: skip
    return communes


def mix_of(province: str) -> str:
    """Of which peoples the invented people of a province's communes are (names.toml)."""
    return _MIXES.get(province, _OTHERS)


def cells_of_commune(commune: Commune, *, seed: int) -> list[CellPlan]:
    """Its cells: one a village or street group, the last of three and more that of its offices."""
    unit = commune.unit
    mix = mix_of(unit.province)
    word = _PARTS[unit.kind]
    chance = dice(seed, unit.code, "cells")
    sites = [
        Site(f"Chi bộ {word} {n}", "residential", "", mix, f"Nhà văn hóa {word.lower()} {n}")
        for n in range(1, commune.cells + (commune.cells < 3))
    ]
    if commune.cells >= 3:
        sites.append(Site("Chi bộ Cơ quan Đảng ủy", "office", "", _OTHERS, "Phòng họp Đảng ủy"))
    plans = []
    for site in sites:
        ill, away = _exempt(site, commune.members)
        plans.append(plan_of(site, commune.members, ill, away, chance))
    return plans


def commune_draft(
    ref: CommitteeRef, commune: Commune, now: datetime, seed: int, *, work: bool = True
) -> Draft:
    """What to fill a commune with, as it stands ``now``; one that is silent stopped telling a while ago."""
    span = Span(seed, now - SILENT if commune.silent else now, commune.months, work)
    cells = [populate(plan, seed=seed, today=span.today) for plan in cells_of_commune(commune, seed=seed)]
    today = now.astimezone(clock.VIETNAM).date()
    return Draft(commune.unit.province, ref, cells, _MISSED, span, until=clock.month_of(today))


def _exempt(site: Site, members: int) -> tuple[int, int]:
    return (round(members * _ILL), round(members * _AWAY)) if site.kind == "residential" else (0, 0)
