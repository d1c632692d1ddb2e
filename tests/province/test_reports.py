"""A monthly report: while the month is open, as it stands; once it is closed, the same for ever, whatever comes."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import replace

import pypdfium2
import pytest
from openpyxl import load_workbook

from infra.embedded import Servers
from infra.postgres import connect, sql
from server.meetings.queries import NotFound
from server.province import figures, report_pdf, report_sheet, report_text, reports
from server.province.actions import Province
from server.province.country import country
from server.province.hiding import FEW, Figure
from server.province.reports import PARTS, Report
from server.rollups.closing import close_month
from server.rollups.counting import FIGURES
from server.rollups.indicators import INDICATORS
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.province.counted import LAST_MONTH, count


async def report(cast: Cast) -> Report:
    async with platform_transaction(read_only=True, snapshot=True):
        return await reports.report(Province(cast.province, "gia-lai", "Gia Lai"), LAST_MONTH)


async def correct(cast: Cast, **changed: list[int]) -> None:
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.rollup_correction (committee, month, number, cause, changed)
            VALUES ($1, $2, 1, 'roll_changed', $3)""",
            cast.pleiku.id, LAST_MONTH, json.dumps(changed),
        )  # fmt: skip


def printed(found: Report) -> str:
    with pypdfium2.PdfDocument(report_pdf.write(found)) as pdf:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)


def sheets(found: Report) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(io.BytesIO(report_sheet.write(found)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_every_indicator_stands_in_one_part_of_the_report() -> None:
    assert sorted(key for _, keys in PARTS for key in keys) == sorted(one.key for one in INDICATORS)


async def test_an_open_month_is_as_it_stands_and_says_that_it_may_change(cast: Cast) -> None:
    await count(cast.pleiku)

    found = await report(cast)

    assert (found.closed_at, found.sha256, found.reported, len(found.lines)) == (None, None, 1, 2)
    assert found.totals["attendance"] == Figure(130, 150)
    assert [bool(line.figures) for line in found.lines] == [False, True]
    assert "chưa chốt" in report_text.standing(found)


async def test_a_committee_that_has_no_cell_yet_has_not_reported(cast: Cast) -> None:
    await count(cast.pleiku)
    await count(cast.neighbour, **dict.fromkeys(FIGURES, 0))
    for closed in (False, True):
        if closed:
            await close_month(cast.province, LAST_MONTH)
        found = await report(cast)
        assert (found.reported, [line.empty for line in found.lines]) == (1, [True, False])
        assert [row[1] for row in sheets(found)["Từng cấp ủy"][1:]] == ["chưa có chi bộ", "có"]
        assert found.totals["cells"] == Figure(4)
    async with platform_transaction(read_only=True):
        month = (await figures.months(cast.province, [LAST_MONTH]))[LAST_MONTH]
        every = await country(LAST_MONTH, ["cells"])
        row = (await sql("SELECT name FROM platform.province WHERE id = $1", cast.province))[0]
    assert (month.reported, [line.reported for line in month.lines]) == (1, [False, True])
    assert [share.told for share in every.provinces if share.title == row["name"]] == [1]


async def test_a_closed_report_stays_as_it_was_byte_for_byte(cast: Cast) -> None:
    await count(cast.pleiku)
    await count(cast.neighbour, expected=100, present=80)
    await close_month(cast.province, LAST_MONTH)
    first = await report(cast)
    paper = report_pdf.write(first)
    await count(cast.pleiku, expected=150, present=149)
    async with platform_transaction():
        await sql("UPDATE platform.committee SET name = 'Pleiku Mới' WHERE id = $1", cast.pleiku.id)

    again = await report(cast)
    # Files tell the second in which they were made.
    await asyncio.sleep(1.1)

    assert again == first
    assert again.whole is True
    assert again.totals["attendance"] == Figure(220, 250)
    assert report_pdf.write(again) == paper
    assert sheets(again) == sheets(first)


async def test_a_correction_stands_behind_the_frozen_figures_with_number_and_cause(cast: Cast) -> None:
    await count(cast.pleiku)
    await close_month(cast.province, LAST_MONTH)
    before = await report(cast)
    await correct(cast, meetings_held=[3, 4])

    after = await report(cast)

    assert replace(after, corrections=[]) == before
    (one,) = after.corrections
    assert (one.title, one.number, [*one.causes]) == ("Thành ủy Pleiku", 1, ["Sửa điểm danh đã khóa"])
    assert report_text.changed_words(one) == ["Kỳ họp đã tổ chức: từ 3 thành 4"]
    assert "Kỳ họp đã tổ chức: từ 3 thành 4" in printed(after)
    assert sheets(after)["Đính chính"][1][-1] == "Kỳ họp đã tổ chức: từ 3 thành 4"


async def test_small_numbers_of_people_are_nowhere_in_any_form_of_it(cast: Cast) -> None:
    await count(cast.pleiku, members_official=197, members_probationary=3)
    await count(cast.neighbour, members_probationary=8)
    await close_month(cast.province, LAST_MONTH)
    await correct(cast, members_probationary=[3, 2], late=[1, 2])

    found = await report(cast)
    here = next(line for line in found.lines if line.title == "Thành ủy Pleiku")
    each = sheets(found)["Từng cấp ủy"]
    column = each[0].index("Đảng viên dự bị")

    assert here.figures["probationary"].hidden == FEW
    total = sheets(found)["Toàn tỉnh"] if "Toàn tỉnh" in sheets(found) else each[-1:]
    assert [row[column] for row in each[1:3]] in (["dưới 5", 8], [8, "dưới 5"])
    assert all(11 not in row for row in total)
    assert report_text.changed_words(found.corrections[0]) == ["Đảng viên dự bị", "Lượt đến muộn"]
    assert "3/200" not in printed(found)


async def test_the_paper_carries_the_proof_of_its_figures_and_tampering_with_them_shows(
    cast: Cast, database: Servers
) -> None:
    await count(cast.pleiku)
    await close_month(cast.province, LAST_MONTH)
    found = await report(cast)
    owner = await connect(database.owner_url)
    await owner.execute(
        """UPDATE platform.rollup_closed SET figures = jsonb_set(figures, '{present}', '121')
        WHERE committee = $1""",
        cast.pleiku.id,
    )
    await owner.close()

    assert found.sha256 is not None
    assert found.sha256 in printed(found)
    assert (found.whole, (await report(cast)).whole) == (True, False)


async def test_the_sheet_has_numbers_to_count_with_and_no_formula(cast: Cast) -> None:
    await count(cast.pleiku)
    found = await report(cast)

    whole, each = sheets(found)["Toàn tỉnh"], sheets(found)["Từng cấp ủy"]
    attendance = next(row for row in whole if row[0] == "Dự sinh hoạt")

    assert attendance[1:4] == (130, 150, 86.7)
    assert [row[1] for row in each[1:]] == ["chưa báo cáo", "có"]
    assert all(not str(value).startswith("=") for row in (*whole, *each) for value in row if value)


async def test_there_is_no_report_of_a_month_to_come(cast: Cast) -> None:
    async with platform_transaction(read_only=True, snapshot=True):
        with pytest.raises(NotFound):
            await reports.report(
                Province(cast.province, "gia-lai", "Gia Lai"), LAST_MONTH.replace(year=LAST_MONTH.year + 1)
            )


async def test_the_list_says_which_months_are_closed_and_how_much_was_corrected(cast: Cast) -> None:
    await count(cast.pleiku)
    await count(cast.neighbour)
    await close_month(cast.province, LAST_MONTH)
    await correct(cast, meetings_held=[3, 4])
    earlier = LAST_MONTH.replace(year=LAST_MONTH.year - 1)
    await count(cast.pleiku, earlier)

    async with platform_transaction(read_only=True):
        rows = await reports.report_months(cast.province)

    assert [(r["month"], r["closed_at"] is None, r["corrections"]) for r in rows] == [
        (LAST_MONTH, False, 1),
        (earlier, True, 0),
    ]
