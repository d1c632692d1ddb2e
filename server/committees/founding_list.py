"""A list of committees to found, as a spreadsheet or CSV: read, and judged row by row. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from infra.postgres import sql
from server import names
from server.committees import founding
from server.committees.units import units, units_of
from server.members.sheet_open import read_grids
from server.members.sheet_types import Cells, Formula, Limits
from server.province.actions import Province
from server.words import Refused, Say, say
from tenants.current import KINDS

MOST_ROWS = 500
_LIMITS = Limits(size=5_000_000, rows=MOST_ROWS + 50)
COLUMNS = ("kind", "name", "unit_code", "slug", "administrator")
HEADINGS = (
    "Loại cấp ủy",
    "Tên địa phương hoặc cơ quan",
    "Mã đơn vị hành chính",
    "Địa chỉ ngắn",
    "Người quản trị",
)
# What else people write above such a column, folded.
_MEANINGS = {
    "kind": ("loai", "loai cap uy", "loai hinh", "cap uy"),
    "name": ("ten", "ten cap uy", "ten dia phuong", "ten dia phuong hoac co quan", "dia phuong", "ten don vi"),
    "unit_code": ("ma", "ma don vi", "ma don vi hanh chinh", "ma xa", "ma dvhc"),
    "slug": ("dia chi", "dia chi ngan", "duong dan"),
    "administrator": ("nguoi quan tri", "quan tri", "ho ten nguoi quan tri", "ho va ten nguoi quan tri"),
}  # fmt: skip
_KIND_WORDS = {names.fold(words): kind for kind, words in KINDS.items() if kind != "agency_committee"} | {
    "dang uy co quan": "agency_committee", "co quan": "agency_committee", "dang uy": "agency_committee",
    "xa": "commune_committee", "phuong": "ward_committee", "dac khu": "special_zone_committee",
    "huyen": "district_committee", "thi xa": "town_committee", "thanh pho": "city_committee",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row: as it was read, and what is wrong with it by field. ``known``: the province has this committee."""

    number: int
    kind: str = ""
    name: str = ""
    unit_code: str = ""
    slug: str = ""
    administrator: str = ""
    faults: dict[str, Say | str] = field(default_factory=dict)
    known: bool = False

    @property
    def ready(self) -> bool:
        """Whether a committee will be founded of it."""
        return not self.faults and not self.known

    def told(self) -> dict[str, str]:
        """What founding it takes."""
        return {name: getattr(self, name) for name in COLUMNS}


def read(content: bytes, file_name: str) -> list[Row]:
    """The rows of the first sheet that has the columns for kind and name. Raises Refused(file=…)."""
    for grid in read_grids(content, file_name, _LIMITS):
        for index, cells in enumerate(grid.rows[:20]):
            if (columns := _columns(cells)) is not None:
                below = enumerate(grid.rows[index + 1 :], start=index + 2)
                return _checked([_row(number, filled, columns) for number, filled in below if any(filled)])
    raise Refused(file=say("Không thấy cột “Loại cấp ủy” và cột tên địa phương; xin dùng tệp mẫu."))


def _checked(rows: list[Row]) -> list[Row]:
    if not rows:
        raise Refused(file=say("Tệp có dòng tiêu đề nhưng chưa có cấp ủy nào."))
    if len(rows) > MOST_ROWS:
        raise Refused(file=say("Mỗi lần nhiều nhất {n} cấp ủy, xin chia thành nhiều tệp.", n=MOST_ROWS))
    return rows


def _columns(cells: Cells) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        words = names.fold(_text(cell)).strip(" *:")
        for column, meanings in _MEANINGS.items():
            if words in meanings:
                found.setdefault(column, index)
    return found if {"kind", "name"} <= set(found) or {"unit_code", "administrator"} <= set(found) else None


def _row(number: int, cells: Cells, columns: dict[str, int]) -> Row:
    told = {column: _text(cells[index]) if index < len(cells) else "" for column, index in columns.items()}
    code = told.get("unit_code", "")
    code = code.zfill(5) if code.isdecimal() else code
    unit = units().get(code)
    written = told.get("kind", "")
    kind = _KIND_WORDS.get(names.fold(written), "") if written or unit is None else unit.kind
    name = told.get("name", "") or (unit.name if unit else "")
    return Row(number, kind, name, code, told.get("slug", "").strip("/"), told.get("administrator", ""))


def _text(cell: object) -> str:
    if cell is None or isinstance(cell, Formula):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())[:200]


async def judge(province: Province, rows: Sequence[Row]) -> list[Row]:
    """The rows with what is wrong with each: alone, beside the others, and beside the committees that there are.
    Needs a platform transaction.
    """
    known = await sql(
        """SELECT kind, name, slug, unit_code, province = $1 AS here, state IN ('archived', 'erased') AS gone
        FROM platform.committee""",
        province.id,
    )
    have = {(row["kind"], names.fold(row["name"])) for row in known if row["here"]}
    slugs = {row["slug"] for row in known}
    led = {(row["kind"], row["unit_code"]) for row in known if row["unit_code"] and not row["gone"]}
    judged: list[Row] = []
    for row in rows:
        one = _judged(province, row)
        key, unit = (one.kind, names.fold(one.name)), (one.kind, one.unit_code)
        faults = dict(one.faults)
        if one.name and key in have and "kind" not in faults:
            earlier = next((o for o in judged if (o.kind, names.fold(o.name)) == key), None)
            if earlier is None:
                judged.append(replace(one, known=True, faults={}))
                continue
            faults["name"] = say("Trùng với dòng {n} của tệp.", n=earlier.number)
        if one.slug and one.slug in slugs:
            faults.setdefault("slug", say("Địa chỉ ngắn này đã có cấp ủy khác dùng, xin chọn địa chỉ khác."))
        if one.unit_code and unit in led:
            faults.setdefault("unit_code", founding.UNIT_TAKEN)
        judged.append(replace(one, faults=faults))
        if not faults:
            have.add(key)
            slugs.add(one.slug)
            led.add(unit)
    return judged


def _judged(province: Province, row: Row) -> Row:
    faults: dict[str, Say | str] = {}
    try:
        founding.check_new(row.kind, row.name, row.slug, row.administrator)
    except Refused as refused:
        faults |= refused.reasons
    code = row.unit_code
    try:
        if row.kind in KINDS:
            code = founding.checked_code(province, row.kind, code, name=row.name) or founding.NO_CODE
    except Refused as refused:
        faults |= refused.reasons
    return replace(row, unit_code="" if code == founding.NO_CODE else code, faults=faults)


def suggestions(province: Province, led: Sequence[str]) -> list[Row]:
    """A row for each unit of the province that no committee leads yet, for the list to fill in."""
    free = [unit for unit in units_of(province.name) if unit.code not in led]
    return [Row(n, unit.kind, unit.name, unit.code) for n, unit in enumerate(free, start=2)]
