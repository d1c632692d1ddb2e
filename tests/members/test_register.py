"""The register: found by name, page by page, taken out as a workbook and given back."""

from __future__ import annotations

from infra.postgres import sql
from server import clock
from server.members.actions import Upload, export
from server.members.queries import Search, search
from server.members.sheet import read
from server.members.workbooks import COLUMNS, template
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction
from tests.members.office import (
    AN,
    OFFICE,
    TALLY,
    count,
    imported,
    sheet_of,
    upload,
)


async def test_formulas_are_never_stored_and_never_come_back(ref: CommitteeRef) -> None:
    await imported(ref, upload("formulas", as_of=clock.today()))
    await imported(
        ref, sheet_of((*AN[:6], "=1+1"), ("Lê Thị Hoa", "", "15/01/1990", "", "", "Chi bộ @SUM(1)", "-2+3"))
    )

    with using(ref):
        made = await export(by=OFFICE)
        again = read(made, as_of=clock.today(), known_cells=None)

    assert not [row for row in again.rows if "formula" in row.rejects]
    assert all(not (m.group or "").startswith(("=", "-")) for m in again.members)


async def test_the_register_goes_out_and_comes_back_the_same(ref: CommitteeRef) -> None:
    await imported(ref, upload("chi-bo-151"))

    with using(ref):
        made = await export(by=OFFICE)
    await imported(ref, Upload(made, "so.xlsx", clock.today(), None, create=False))

    assert await count(ref, TALLY) | {"exemptions": 28} == {
        "members": 151, "stays": 151, "exemptions": 28, "seats": 14, "groups": 7, "cells": 1,
    }  # fmt: skip


async def test_the_template_is_understood_whole_and_its_example_is_never_imported() -> None:
    sheet = read(template(), as_of=clock.today(), known_cells=None)

    assert set(sheet.columns.values()) == set(COLUMNS)
    assert [row.verdict for row in sheet.rows if row.verdict != "skip"] == ["reject"]
    assert sheet.notes == ()


async def test_names_are_found_without_accents_in_any_order_and_sorted_by_given_name(
    ref: CommitteeRef,
) -> None:
    names = [
        "Nguyễn Văn Ân",
        "Nguyễn Văn An",
        "Trần Đình Ái",
        "Rơ Châm H'Bia",
        "Lê An Nguyên",
        "Đỗ Lan",
        "Nay Y Ân",
    ]
    await imported(ref, sheet_of(*((name, "", "15/01/1990", "", "", "Chi bộ Thôn 1", "") for name in names)))

    async def found(words: str) -> list[str]:
        async with transaction(read_only=True):
            return [row["name"] for row in (await search(Search(words), on=clock.today())).people]

    with using(ref):
        assert await found("nguyen van an") == ["Nguyễn Văn An", "Nguyễn Văn Ân"]
        assert await found("ÂN nguyễn") == ["Nguyễn Văn An", "Nguyễn Văn Ân", "Lê An Nguyên"]
        assert await found("hbia") == await found("H’Bia") == ["Rơ Châm H'Bia"]
        assert await found("do") == ["Đỗ Lan"]
        assert await found("a") == [
            "Trần Đình Ái",
            "Nguyễn Văn An",
            "Nguyễn Văn Ân",
            "Nay Y Ân",
            "Lê An Nguyên",
        ]
        assert await found("%") == await found("_") == []
        assert len(await found("")) == len(names)


async def test_pages_of_fifty_go_forward_and_back_without_losing_anybody(ref: CommitteeRef) -> None:
    await imported(ref, upload("chi-bo-151"))

    with using(ref):
        async with transaction(read_only=True):
            today, pages = clock.today(), []
            page = await search(Search(), on=today)
            while page.people:
                pages.append([row["no"] for row in page.people])
                page = await search(Search(), on=today, after=pages[-1][-1])
            back = await search(Search(), on=today, before=pages[2][0])
            everybody = await sql("SELECT no FROM member ORDER BY sort_key, no")

    assert [len(p) for p in pages] == [50, 50, 50, 1]
    assert [no for p in pages for no in p] == [row["no"] for row in everybody]
    assert ([row["no"] for row in back.people], back.before, back.total) == (pages[1], 50, 151)
