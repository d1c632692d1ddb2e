"""The cells of a committee: what they are called, how many members they have, how many of them are exempt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from server.cells.rules import cell_order
from server.demo.chance import dice, new_id, share
from server.demo.figures import figure, figure_or, table

# No cell but the one of 151 members is larger than this.
LARGEST = 118


@dataclass(frozen=True)
class Site:
    """A cell before it has people. ``unit`` is the organisation that it belongs to, "" for one by itself."""

    name: str
    kind: str
    unit: str
    mix: str
    venue: str


@dataclass(frozen=True)
class CellPlan:
    """A cell to build: ``ill`` and ``away`` are the members exempt today, ``groups`` 0 where there are none."""

    id: UUID
    site: Site
    members: int
    ill: int
    away: int
    groups: int
    seats: int
    cadre: bool
    home: bool

    @property
    def name(self) -> str:
        """The cell's full name, such as ``Chi bộ Tổ dân phố 5, phường Thắng Lợi``."""
        return self.site.name

    @property
    def residential(self) -> bool:
        """Whether its people live together rather than work together."""
        return self.site.kind == "residential"

    @property
    def sort_key(self) -> str:
        """By ward or commune, then by name."""
        return cell_order(self.name, self.site.unit)


def cells_of(slug: str, *, seed: int, part: float = 1.0) -> list[CellPlan]:
    """The cells of a committee of the demonstration; they add up to its printed figures.

    ``part`` < 1 takes that share of the cells whose figures are not given one by one, for quick trials.
    """
    data = table("places")[slug]
    chance = dice(seed, slug, "cells")
    fixed = {site.name: site for site in sites(slug) if site.name in data["fixed"]}
    others = [site for site in sites(slug) if site.name not in fixed]
    if part < 1:
        others = sorted(chance.sample(others, round(len(others) * part)), key=others.index)
    plans = [_fixed(site, data["fixed"][name], chance) for name, site in fixed.items()]
    return plans + _sized(slug, others, plans, part, chance)


def load_cells(slug: str, *, cells: int, members: int, seed: int) -> list[CellPlan]:
    """Cells of one size for load work."""
    chance = dice(seed, slug, "cells")
    ill, away = (members * figure(f"load.{kind}") // 100 for kind in ("ill", "away"))
    return [
        plan_of(Site(f"Chi bộ Thôn {n}", "residential", "", "highland_settlement", f"Nhà văn hóa thôn {n}"),
              members, ill, away, chance, home=n == 1)
        for n in range(1, cells + 1)
    ]  # fmt: skip


def sites(slug: str) -> Iterator[Site]:
    """Every cell's name in a committee of the demonstration, unit by unit."""
    data = table("places")[slug]
    villages = _village_names(data)
    for unit, number in data["wards"].items():
        yield from (_residential(data, "street", str(n), unit) for n in range(1, number + 1))
        yield from (_office(data, f"{name} {unit}", unit) for name in data["below"])
    for unit, number in data["communes"].items():
        for n in range(1, number + 1):
            settled = n % 2 and data["settlement"]
            yield _residential(
                data, *(("settlement", str(n)) if settled else ("village", next(villages))), unit
            )
        yield from (_office(data, f"{name} {unit}", unit) for name in data["below"])
    for unit, names in data.get("bodies", {}).items():
        yield from (_office(data, f"{name}, {unit}", unit) for name in names)
    yield from (_office(data, name, "") for name in data["offices"])


def _village_names(data: dict[str, Any]) -> Iterator[str]:
    if data["village_names"]:
        return iter(data["village_names"])
    first, second = data["village_first"], data["village_second"]
    rows = ((r, n) for r in range(len(second)) for n in range(len(first)))
    return (f"{first[n]} {second[(n + r) % len(second)]}" for r, n in rows)


def _residential(data: dict[str, Any], sort: str, name: str, unit: str) -> Site:
    place = f"{data[sort]} {name}"
    return Site(f"Chi bộ {place}, {unit}", "residential", unit, data["mixes"][sort], f"Nhà văn hóa {place}")


def _office(data: dict[str, Any], name: str, unit: str) -> Site:
    return Site(f"Chi bộ {name}", "office", unit, data["mixes"]["office"], "Phòng họp cơ quan")


def _fixed(site: Site, key: str, chance: Random) -> CellPlan:
    members = figure(f"{key}.members")
    return plan_of(
        site, members, figure(f"{key}.ill"), figure(f"{key}.away"), chance, home=key.endswith(".home"),
        groups=figure_or(f"{key}.groups", 0), seats=figure_or(f"{key}.seats", 0),
    )  # fmt: skip


def _sized(
    slug: str, others: list[Site], fixed: list[CellPlan], part: float, chance: Random
) -> list[CellPlan]:
    rest = {
        kind: round((figure(f"{slug}.{kind}") - sum(getattr(cell, kind) for cell in fixed)) * part)
        for kind in ("members", "ill", "away")
    }
    homes = [site.kind == "residential" for site in others]
    weights = [(1.6 if home else 1.0) * chance.lognormvariate(0, 0.42) for home in homes]
    members = share(rest["members"], weights, least=5, most=[LARGEST] * len(others))
    at_home = [n * home * chance.uniform(0.6, 1.4) for n, home in zip(members, homes, strict=True)]
    ill = share(
        rest["ill"],
        at_home,
        least=0,
        most=[n * home * 3 // 10 for n, home in zip(members, homes, strict=True)],
    )
    away_most = [max(1, n // 10) * home for n, home in zip(members, homes, strict=True)]
    away = share(rest["away"], [chance.random() * w for w in at_home], least=0, most=away_most)
    cadres = _with_cadre(slug, others, part, chance)
    return [
        plan_of(site, in_all, sick, gone, chance, cadre=site.name in cadres)
        for site, in_all, sick, gone in zip(others, members, ill, away, strict=True)
    ]


def _with_cadre(slug: str, others: list[Site], part: float, chance: Random) -> set[str]:
    """Cells with a commune cadre in their committee: all of xã Hợp Thành, then others up to the printed number."""
    wanted = round(figure_or(f"{slug}.with_cadre", 0) * part)
    sure = [site.name for site in others if wanted and site.unit == "xã Hợp Thành"]
    rest = [site.name for site in others if site.name not in sure]
    return {*sure, *chance.sample(rest, max(0, wanted - len(sure)))}


def plan_of(
    site: Site, members: int, ill: int, away: int, chance: Random, *,
    groups: int = 0, seats: int = 0, cadre: bool = False, home: bool = False,
) -> CellPlan:  # fmt: skip
    """A cell of so many members, of whom so many are exempt; groups and seats by its size where none are given."""
    return CellPlan(
        new_id(chance), site, members, ill, away, cadre=cadre, home=home,
        groups=groups or (0 if members < 30 else max(2, round(members / 21))),
        seats=seats or next(s for least, s in ((80, 7), (40, 5), (9, 3), (5, 2), (0, 1)) if members >= least),
    )  # fmt: skip
