"""The office of a new committee that has no cells yet, and the lists it uploads."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from openpyxl import Workbook

from infra.postgres import sql
from server import clock
from server.cells.rules import cell_order
from server.members.actions import Upload, read_in
from server.members.actions import confirm as write
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction
from tests.cast import found_two, person

FIXTURES = Path(__file__).parents[1] / "fixtures"
OFFICE = person("Văn phòng", "office")


def expected(name: str) -> Any:
    return json.loads((FIXTURES / "members" / f"{name}.expected.json").read_text())


def upload(name: str, *, create: bool = True, cell: UUID | None = None, as_of: date | None = None) -> Upload:
    path = FIXTURES / ("hostile" if name in ("zipbomb", "formulas") else "members") / f"{name}.xlsx"
    day = as_of or date.fromisoformat(expected(name)["as_of"])
    return Upload(path.read_bytes(), path.name, day, cell, create)


async def new_committee(owner_url: str) -> CommitteeRef:
    _, ref, _ = await found_two(owner_url)
    return ref


async def add_cells(ref: CommitteeRef, names: list[str]) -> None:
    with using(ref):
        async with transaction():
            for name in names:
                await sql(
                    "INSERT INTO cell (id, name, sort_key) VALUES ($1, $2, $3)",
                    uuid4(), name, cell_order(name, ""),
                )  # fmt: skip


async def imported(ref: CommitteeRef, wanted: Upload) -> UUID:
    """Read a list in and write it."""
    with using(ref):
        found = await read_in(wanted, by=OFFICE)
        await write(found, by=OFFICE)
    return found


async def count(ref: CommitteeRef, query: str) -> dict[str, Any]:
    with using(ref):
        async with transaction(read_only=True):
            return dict((await sql(query))[0])


TALLY = """SELECT (SELECT count(*) FROM member) AS members, (SELECT count(*) FROM membership) AS stays,
    (SELECT count(*) FROM exemption) AS exemptions, (SELECT count(*) FROM seat) AS seats,
    (SELECT count(*) FROM party_group) AS groups, (SELECT count(*) FROM cell) AS cells"""


AN = ("Nguyễn Văn An", "21/01/1962", "15/01/1990", "15/01/1991", "099000000001", "Chi bộ Thôn 1", "Tổ 1")


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    book.active.append(
        ["Họ và tên", "Ngày sinh", "Ngày vào Đảng", "Ngày chính thức", "Số thẻ đảng", "Chi bộ", "Tổ"]
    )
    for row in rows:
        book.active.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def sheet_of(*rows: tuple[object, ...], create: bool = True) -> Upload:
    return Upload(workbook(*rows), "danh-sach.xlsx", clock.today(), None, create)


async def cell_of(ref: CommitteeRef, name: str) -> UUID:
    with using(ref):
        async with transaction(read_only=True):
            found: UUID = (await sql("SELECT id FROM cell WHERE name = $1", name))[0]["id"]
    return found
