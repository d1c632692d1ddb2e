"""The office sees of every cell of its list whether it is taken, changed, doubtful or wrong, before it is written."""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from server import clock
from server.members.actions import Upload, confirm, read_in
from server.members.queries import import_rows
from server.members.sheet_shown import LABELS, stored
from server.words import Refused
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction
from tests.members.office import AN, OFFICE, add_cells, count, expected, sheet_of, upload, workbook

# How the reader tidies, and the cells in which a person must see it.
TIDIED = {
    "name_capitals": {"name"}, "name_nfc": {"name"}, "name_spaces": {"name"}, "cell_spelling": {"cell"},
    "card_spaces": {"card"}, "phone_shape": {"phone"}, "date_dots": {"born", "admitted", "official"},
    "date_words": {"born", "admitted", "official"}, "date_serial": {"born", "admitted", "official"},
}  # fmt: skip


async def shown(ref: CommitteeRef, wanted: Upload) -> dict[int, dict[str, Any]]:
    """{row: what is kept of it} of a list that was read and waits."""
    with using(ref):
        found = await read_in(wanted, by=OFFICE)
        async with transaction(read_only=True):
            return {row["row"]: json.loads(row["value"]) for row in await import_rows(found)}


async def test_everything_that_the_reader_tidied_shows_both_spellings(ref: CommitteeRef) -> None:
    told = expected("dirty")
    await add_cells(ref, told["known_cells"])

    rows = await shown(ref, upload("dirty", create=False))

    for row in told["rows"]:
        for fix in row.get("fixes", []) if row.get("value") else []:
            cells = rows[row["row"]]["cells"]
            changed = [
                r for r in TIDIED[fix] & cells.keys() if cells[r]["raw"] != stored(r, rows[row["row"]])
            ]
            assert changed, (row["row"], fix, cells)


async def test_every_fault_stands_at_one_cell(ref: CommitteeRef) -> None:
    told = expected("dirty")
    await add_cells(ref, told["known_cells"])

    rows = await shown(ref, upload("dirty", create=False))

    places = Counter[tuple[str, str]]()
    for value in rows.values():
        at = [(value["faults"][i][0], role) for role, cell in value["cells"].items() for i in cell["faults"]]
        assert len(at) == len(value["faults"])
        places.update(at)
    assert {role for code, role in places if code == "two_digit_year"} <= {"born", "admitted", "official"}
    assert {role for code, role in places if code == "admission_missing"} == {"admitted"}
    assert {role for code, role in places if code == "duplicate_row"} == {"name"}
    assert {role for code, role in places if code == "unknown_cell"} == {"cell"}
    assert {role for _, role in places} <= LABELS.keys()


async def test_a_list_in_good_order_keeps_no_second_copy_of_anything(ref: CommitteeRef) -> None:
    rows = await shown(ref, sheet_of(AN))

    assert [value["cells"] for value in rows.values()] == [{}]


async def test_what_stood_in_the_list_is_forgotten_once_it_is_written(ref: CommitteeRef) -> None:
    untidy = ("NGUYỄN  VĂN AN", "21.01.1962", *AN[2:])
    with using(ref):
        found = await read_in(sheet_of(untidy, ("Lê Văn Ba", "31/02/1960", *AN[2:])), by=OFFICE)
        before = await count(ref, "SELECT string_agg(value::text, '') AS kept FROM member_import_row")
        await confirm(found, by=OFFICE)

    after = await count(ref, "SELECT string_agg(value::text, '') AS kept FROM member_import_row")
    for copied in ("NGUYỄN  VĂN AN", "21.01.1962", "Lê Văn Ba"):
        assert copied in before["kept"]
        assert copied not in after["kept"]


def long_workbook(rows: int) -> bytes:
    """A workbook with so many members, written without a library for speed."""
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    members = "".join(
        f"<row>{cell.format(f'Nguyễn Văn {n * 7919:x}')}{cell.format('15/01/1990')}</row>"
        for n in range(rows)
    )
    made = io.BytesIO()
    with ZipFile(io.BytesIO(workbook())) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for entry in old.namelist():
            text = old.read(entry)
            if entry == "xl/worksheets/sheet1.xml":
                text = text.replace(b"</sheetData>", members.encode() + b"</sheetData>")
            new.writestr(entry, text)
    return made.getvalue()


async def test_a_workbook_of_a_hundred_thousand_rows_is_refused_soon(ref: CommitteeRef) -> None:
    content = long_workbook(100_000)

    began = time.monotonic()
    with using(ref), pytest.raises(Refused) as refused:
        await read_in(Upload(content, "ds.xlsx", clock.today(), None, create=True), by=OFFICE)

    assert "20000 dòng" in refused.value.reasons["file"]
    assert time.monotonic() - began < 10
