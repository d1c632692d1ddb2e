"""The communes, wards and special zones of the country with their official codes, as of July 2026 (units.csv)."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from server import names

# What leads such a unit.
COMMITTEE_KINDS = {"Xã": "commune_committee", "Phường": "ward_committee", "Đặc khu": "special_zone_committee"}
_LEVEL = re.compile(r"^(tỉnh|thành phố)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Unit:
    """A commune, ward or special zone; ``kind`` is that of the committee which leads it (tenants.current.KINDS),
    ``province`` the province's name without its level (Gia Lai).
    """

    code: str
    province_code: str
    province: str
    kind: str
    name: str
    slug: str


@lru_cache(maxsize=1)
def units() -> dict[str, Unit]:
    """Every unit by its code, in the order of provinces and codes."""
    with (Path(__file__).parent / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        return {
            row["unit_code"]: Unit(
                row["unit_code"], row["province_code"], plain(row["province_name"]),
                COMMITTEE_KINDS[row["unit_kind"]], row["unit_name"], row["slug"],
            )
            for row in csv.DictReader(file)
        }  # fmt: skip


def plain(province: str) -> str:
    """A province's name without its level: ``Tỉnh Gia Lai`` → ``Gia Lai``."""
    return _LEVEL.sub("", " ".join(province.split()))


def units_of(province: str) -> Sequence[Unit]:
    """The units of a province by its name, with or without its level; none where the name is no province's."""
    return _by_province().get(names.fold(plain(province)), ())


@lru_cache(maxsize=1)
def _by_province() -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    for unit in units().values():
        found.setdefault(names.fold(unit.province), []).append(unit)
    return found


def unit_called(province: str, kind: str, name: str) -> Unit | None:
    """The unit of a province which a committee of this kind and name leads; accents and capitals make no difference
    where only one unit is meant.
    """
    here = [unit for unit in units_of(province) if unit.kind == kind]
    exact = [unit for unit in here if unit.name.casefold() == " ".join(name.split()).casefold()]
    near = exact or [unit for unit in here if names.fold(unit.name) == names.fold(name)]
    return near[0] if len(near) == 1 else None
