"""Many committees from one list: read, judged row by row, founded once however often it is tried."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook, load_workbook

from infra.postgres import sql
from server.committees import founding_list, founding_many, founding_sheet
from server.committees.founding_list import Row
from server.province.actions import Province
from server.words import Refused
from tenants import registry
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.fleet.running import go_through, items_of
from tests.province.full_cell import administrator, province_slug

CSV = """Loại cấp ủy,Tên,Mã đơn vị,Địa chỉ ngắn,Người quản trị
Đảng ủy xã,Ia Thử Một,,,Rơ Châm Hoa
xã,Ia Thử Hai,,,Siu Bình
Đảng ủy phường,,,,Trần Văn A
Đảng ủy xã,Ia Thử Một,,,Rơ Châm Hoa
Thành ủy,Pleiku,,,Lê Văn C
Liên xã,Ia Thử Ba,,,Lê Văn D
Đảng ủy cơ quan,Sở Thử,,Ia Grai!,Lê Văn E
"""


async def judged(cast: Cast, content: bytes = CSV.encode(), name: str = "ds.csv") -> list[Row]:
    rows = founding_list.read(content, name)
    async with platform_transaction(read_only=True):
        return await founding_list.judge(Province(cast.province, await slug(cast), "Gia Lai thử"), rows)


async def slug(cast: Cast) -> str:
    row = await sql("SELECT slug FROM platform.province WHERE id = $1", cast.province)
    return str(row[0]["slug"])


async def test_every_row_says_what_becomes_of_it(cast: Cast) -> None:
    rows = {row.number: row for row in await judged(cast)}

    assert [n for n, row in rows.items() if row.ready] == [2, 3]
    assert {n: list(row.faults) for n, row in rows.items() if row.faults} == {
        4: ["name"], 5: ["name"], 7: ["kind"], 8: ["slug"]
    }  # fmt: skip
    assert [n for n, row in rows.items() if row.known] == [6]


async def test_a_workbook_reads_like_text_and_a_code_says_kind_and_name(cast: Cast) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Danh sách cấp ủy"])
    sheet.append(["Mã đơn vị", "Người quản trị"])
    sheet.append([23764, "Rơ Châm Hoa"])
    made = io.BytesIO()
    book.save(made)

    (row,) = await judged(cast, made.getvalue(), "ds.xlsx")
    assert (row.kind, row.name, row.unit_code) == ("commune_committee", "Ia Grai", "23764")


async def test_the_template_that_is_handed_out_is_read(cast: Cast) -> None:
    free = founding_list.suggestions(Province(cast.province, "gia-lai", "Gia Lai"), ["23764"])
    assert len(free) == 134
    rows = founding_list.read(founding_sheet.template(free), "mau.xlsx")
    assert [(r.kind, r.name, r.unit_code) for r in rows] == [(r.kind, r.name, r.unit_code) for r in free]


def test_a_file_that_is_no_list_is_refused() -> None:
    for content in (b"", b"a,b\n1,2\n", "Loại cấp ủy,Tên\n".encode()):
        with pytest.raises(Refused) as refusal:
            founding_list.read(content, "ds.csv")
        assert list(refusal.value.reasons) == ["file"]


async def test_the_sound_rows_are_founded_once_and_their_people_invited(cast: Cast) -> None:
    by, province = administrator(cast), await province_slug(cast)
    run = await founding_many.found_many(province, await judged(cast), by=by)
    row = await go_through(run)
    assert (row["state"], row["items"], row["done"]) == ("done", 2, 2), [dict(i) for i in await items_of(run)]
    async with platform_transaction():
        await sql("UPDATE platform.run_item SET state = 'waiting', attempts = 0 WHERE run = $1", run)
        await sql("UPDATE platform.run SET state = 'open', done = 0 WHERE id = $1", run)
    await go_through(run)

    async with platform_transaction(read_only=True):
        refs = [ref for ref in await registry.committees(cast.province) if ref.kind == "commune_committee"]
    assert [(ref.name, ref.state) for ref in refs] == [("Ia Thử Hai", "active"), ("Ia Thử Một", "active")]

    made = await founding_many.invitations(province, run, by=by)
    assert sorted((row["slug"], row["invited_name"]) for row, _ in made) == [
        (refs[0].slug, "Siu Bình"), (refs[1].slug, "Rơ Châm Hoa")
    ]  # fmt: skip
    book = load_workbook(io.BytesIO(founding_sheet.links([("Đảng ủy xã A", "/a/", "=1+1", "https://x/1")])))
    assert book.worksheets[0]["C2"].data_type == "s"


async def test_with_no_sound_row_there_is_no_run(cast: Cast) -> None:
    with pytest.raises(Refused):
        await founding_many.found_many(await province_slug(cast), [Row(1)][:0], by=administrator(cast))
