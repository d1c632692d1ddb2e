"""The office uploads what can be no list, changes its mind, or is not the office at all."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from server import clock
from server.meetings.queries import NotFound
from server.members.actions import Upload, confirm, drop, read_in
from server.words import Refused
from tenants.current import CommitteeRef, using
from tests.cast import Cast, person
from tests.members.office import (
    AN,
    OFFICE,
    add_cells,
    count,
    expected,
    imported,
    sheet_of,
    upload,
)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"content": b"%PDF-1.7 nothing"}, "file", "không phải bảng tính"),
        ({"content": b""}, "file", "Tệp trống"),
        ({"content": b"a,b\n1,2\n"}, "file", "Họ và tên"),
        ({"content": b"x" * 10_000_001}, "file", "quá lớn"),
        ({"cell": uuid4()}, "cell", "chọn chi bộ"),
        ({"as_of": date(2999, 1, 1)}, "as_of", "hôm nay"),
        ({"create": False}, "create", "chưa có chi bộ nào"),
    ],
)
async def test_what_cannot_be_read_is_refused_at_its_field(
    ref: CommitteeRef, change: dict[str, object], field: str, words: str
) -> None:
    with using(ref), pytest.raises(Refused) as refused:
        await read_in(replace(sheet_of(AN), **change), by=OFFICE)  # type: ignore[arg-type]

    assert words in refused.value.reasons[field]


async def test_a_zip_bomb_costs_this_process_nothing(ref: CommitteeRef) -> None:
    began = time.monotonic()
    with using(ref), pytest.raises(Refused) as refused:
        await read_in(upload("zipbomb", as_of=clock.today()), by=OFFICE)

    assert "quá lớn" in refused.value.reasons["file"]
    assert time.monotonic() - began < 5


async def test_a_hundred_thousand_rows_are_refused(ref: CommitteeRef) -> None:
    content = ("Họ và tên,Ngày vào Đảng\n" + "Nguyễn Văn An,15/01/1990\n" * 100_000).encode()

    with using(ref), pytest.raises(Refused) as refused:
        await read_in(Upload(content, "ds.csv", clock.today(), None, create=True), by=OFFICE)

    assert "20000 dòng" in refused.value.reasons["file"]


async def test_a_dropped_list_is_gone_with_its_people(ref: CommitteeRef) -> None:
    with using(ref):
        found = await read_in(upload("chi-bo-151"), by=OFFICE)
        await drop(found, by=OFFICE)
        with pytest.raises(NotFound):
            await confirm(found, by=OFFICE)

    assert await count(ref, "SELECT count(*) AS rows FROM member_import_row") == {"rows": 0}


async def test_the_neighbour_and_the_secretary_are_told_that_there_is_no_such_list(cast: Cast) -> None:
    with using(cast.pleiku):
        found = await read_in(upload("chi-bo-151"), by=cast.office)
        for somebody in (cast.hoa, person("Lạ", "member", cast.cell)):
            with pytest.raises(NotFound):
                await confirm(found, by=somebody)
    with using(cast.neighbour), pytest.raises(NotFound):
        await confirm(found, by=cast.office)


async def test_a_card_number_that_was_copied_nowhere_stays_nowhere(ref: CommitteeRef) -> None:
    await add_cells(ref, expected("dirty")["known_cells"])

    await imported(ref, upload("dirty", create=False))

    kept = await count(ref, "SELECT string_agg(to_jsonb(r)::text, '') AS all FROM member_import_row r")
    assert '"name"' not in kept["all"]
    assert "99357516621" not in kept["all"]
