"""Assigned work on paper: what Word, the printer and the sheet program get, from the same rows."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt
from openpyxl import load_workbook

from infra.postgres import sql
from server import clock
from server.assignments import annex_docx, annex_of, annex_pdf, workbook
from server.assignments.annex import COLUMNS, PARTY, Annex, Entry
from server.assignments.annex_layout import day_words, layout_on
from server.meetings.queries import NotFound
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH, WORK, change, give, given, said
from tests.cast import Cast, person

NOVEMBER = date(2026, 11, 3)


def entry(n: int = 1, **more: object) -> Entry:
    one = Entry(
        n, AN, "Chi bộ Tổ dân phố 5", WORK, "Kinh tế", NOVEMBER, date(2026, 12, 1), "Báo cáo tại kỳ họp", "done",
        "Hoàn thành đúng hạn",
    )  # fmt: skip
    return replace(one, **more)  # type: ignore[arg-type]


def paper(*entries: Entry, **more: object) -> Annex:
    made = Annex(
        ("THÀNH ỦY PLEIKU", "CHI BỘ TỔ DÂN PHỐ 5", "*"), f"Pleiku, {day_words(NOVEMBER, 2026)}",
        ("DANH SÁCH", "phân công nhiệm vụ", "(kèm theo biên bản ngày 03/11/2026)"), entries,
        (("NGƯỜI GHI BIÊN BẢN", "", "", "", BINH), ("CHỦ TRÌ HỘI NGHỊ", "", "", "", AN)), layout_on(NOVEMBER),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def printed(content: bytes) -> list[str]:
    """The text of each page of a PDF, blanks and breaks as one blank."""
    document = pypdfium2.PdfDocument(content)
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def written(content: bytes) -> list[list[str]]:
    """The rows of the list in a Word document."""
    document = Document(io.BytesIO(content))
    table = next(table for table in document.tables if len(table.columns) == len(COLUMNS))
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 2, 3), "ngày 03 tháng 02 năm 2026"),
        (date(2026, 3, 13), "ngày 13 tháng 3 năm 2026"),
        (date(2026, 11, 9), "ngày 09 tháng 11 năm 2026"),
        (None, "ngày      tháng      năm 2027"),
    ],
)
def test_a_day_is_written_as_documents_write_it(day: date | None, words: str) -> None:
    assert day_words(day, 2027 if day is None else day.year) == words


def test_word_gets_the_layout_of_the_day_and_a_table_whose_heading_repeats() -> None:
    document = Document(io.BytesIO(annex_docx.write(paper(entry(1), entry(2, due=None, result="")))))
    section, normal = document.sections[0], document.styles["Normal"]

    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side.mm) for side in (section.page_width, section.page_height, *sides)] == [
        297, 210, 20, 20, 30, 15
    ]  # fmt: skip
    assert (normal.font.name, normal.font.size, normal.paragraph_format.line_spacing) == (
        "Times New Roman", Pt(14), Pt(18)
    )  # fmt: skip
    head, table, feet = document.tables
    assert [run.underline for run in head.cell(0, 1).paragraphs[0].runs] == [True]
    assert head.cell(0, 1).text.startswith(PARTY)
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert feet.cell(0, 0).text.split() == ["NGƯỜI", "GHI", "BIÊN", "BẢN", *BINH.split()]
    assert document.core_properties.author == ""


def test_word_and_the_printer_get_the_same_rows() -> None:
    annex = paper(*(entry(n, text=f"Việc thứ {n}", due=None if n % 2 else NOVEMBER) for n in range(1, 30)))

    rows = written(annex_docx.write(annex))
    pages = printed(annex_pdf.write(annex))

    assert rows == [[words for words, _ in COLUMNS], *map(list, annex.rows())]
    assert "Thường xuyên" in rows[1]
    assert "03/11/2026" in rows[2]
    text = " ".join(pages)
    assert all(f"Việc thứ {n} " in text for n in range(1, 30))
    assert len(pages) > 1
    assert all("Nội dung công việc" in page for page in pages if "Việc thứ" in page)
    assert [page.split()[0] for page in pages[1:]] == [str(n) for n in range(2, len(pages) + 1)]
    for line in (
        PARTY,
        "CHI BỘ TỔ DÂN PHỐ 5",
        "Pleiku, ngày 03 tháng 11 năm 2026",
        "CHỦ TRÌ HỘI NGHỊ",
        "Rơ Châm",
    ):
        assert (line in text) == (line != "Rơ Châm")


def test_a_row_is_never_torn_and_a_word_without_blanks_is_cut() -> None:
    long = "x" * 500

    pages = printed(annex_pdf.write(paper(entry(1, text=long), entry(2, text=long))))

    assert "".join(pages).replace(" ", "").count("x") == 1000
    # What has no room below its heading goes to the next page with it.
    assert "Nội dung công việc" not in pages[0]
    assert [page.count("x") for page in pages[1:3]] == [500, 500]


def test_letters_that_no_paper_knows_break_none() -> None:
    odd = entry(1, name="Ksor H'Bia Ƀuôn Čư̆", text="thu\u202e quỹ \x0b\x01 😀 中文 \ufffe", check_by="\x00")
    annex = paper(odd)

    rows, pages = written(annex_docx.write(annex)), printed(annex_pdf.write(annex))
    sheet = load_workbook(io.BytesIO(workbook.write(annex.entries))).active

    assert rows[1][1].startswith("Ksor H'Bia Ƀuôn")
    assert "thu quỹ" in rows[1][2]
    assert "thu quỹ" in pages[0]
    assert "Ƀuôn" in pages[0]
    assert sheet["D2"].value.startswith("thu quỹ")


def test_a_workbook_has_dates_for_dates_and_no_formula() -> None:
    made = workbook.write([entry(1, text='=HYPERLINK("http://evil.test")'), entry(2, due=None, name="@an")])

    sheet = load_workbook(io.BytesIO(made)).active

    assert [cell.value for cell in sheet[1]] == [words for words, _ in workbook.COLUMNS]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:K3"
    assert (sheet["F2"].value.date(), sheet["F2"].number_format) == (NOVEMBER, "dd/mm/yyyy")
    assert sheet["G2"].value.date() == date(2026, 12, 1)
    assert sheet["G3"].value is None
    assert (sheet["D2"].value, sheet["D2"].data_type) == ('\'=HYPERLINK("http://evil.test")', "s")
    assert sheet["B3"].value == "'@an"
    assert sheet.column_dimensions["D"].width == 60


async def held(cast: Cast, days_ago: int) -> UUID:
    return await cast.meeting(clock.today() - timedelta(days=days_ago))


async def test_the_annex_of_minutes_says_what_was_said_in_that_meeting(cast: Cast) -> None:
    meeting = await held(cast, 20)
    day = clock.today() - timedelta(days=20)
    due = day + timedelta(days=10)
    moved = await give(cast, AN, meeting=meeting, due=due, text="Việc được đổi hạn")
    await give(cast, BINH, meeting=meeting, due=None, text="Việc thường xuyên")
    gone = await give(cast, BINH, meeting=meeting, due=due, text="Việc ghi nhầm")
    await give(cast, AN, due=clock.today(), text="Việc giao ngoài cuộc họp")
    await said(
        change(gone, "cancelled", 1, note="ghi nhầm", meeting=meeting),
        change(moved, "rescheduled", 1, due=clock.today() + timedelta(days=9), note="mưa bão"),
        change(moved, "reassigned", 2, member=cast.numbers[BINH], note="ốm"),
        by=cast.hoa,
    )

    found, annex = await annex_of.of_meeting(meeting, cast.hoa)

    assert found["id"] == meeting
    assert [(one.name, one.text, one.due) for one in annex.entries] == [
        (AN, "Việc được đổi hạn", due), (BINH, "Việc thường xuyên", None)
    ]  # fmt: skip
    assert annex.left == (cast.pleiku.title.upper(), "CHI BỘ TỔ DÂN PHỐ 5", "*")
    assert annex.place_and_day == f"Pleiku, {day_words(day, day.year)}"
    assert f"biên bản ngày {day:%d/%m/%Y}" in annex.title[2]


async def test_what_a_meeting_carried_on_is_in_its_annex_with_the_new_date(cast: Cast) -> None:
    before, meeting = await held(cast, 40), await held(cast, 10)
    first = clock.today() - timedelta(days=12)
    work = await give(cast, AN, meeting=before, due=first)
    later = clock.today() + timedelta(days=20)
    await said(change(work, "carried", 1, due=later, meeting=meeting), by=cast.hoa)
    await said(change(work, "accepted", 2, result="better"), by=cast.hoa)

    _, now = await annex_of.of_meeting(meeting, cast.hoa)
    _, then = await annex_of.of_meeting(before, cast.hoa)

    assert [(one.due, one.result) for one in now.entries] == [(later, "Hoàn thành tốt hơn yêu cầu")]
    assert [one.due for one in then.entries] == [first]


async def test_the_annex_is_for_those_who_see_the_cells_list(cast: Cast) -> None:
    meeting = await held(cast, 5)
    await give(cast, AN, meeting=meeting, due=None)
    plain, recorder = person("Đảng viên", "member", cast.cell), person("Thư ký", "recorder", cast.cell)

    for reader in (cast.office, cast.deputy, recorder):
        assert len((await annex_of.of_meeting(meeting, reader))[1].entries) == 1
    for reader in (plain, cast.leader, cast.stranger):
        with pytest.raises(NotFound):
            await annex_of.of_meeting(meeting, reader)
    async with transaction():
        await sql("UPDATE cell SET members_see_assignments = true WHERE id = $1", cast.cell)
    assert len((await annex_of.of_meeting(meeting, plain))[1].entries) == 1


async def test_two_who_said_different_things_do_not_stop_the_printer(cast: Cast) -> None:
    meeting = await held(cast, 3)
    work = given(cast, AN, meeting=meeting, due=clock.today())
    await said(work, by=cast.hoa)
    days = [clock.today() + timedelta(days=n) for n in (5, 9)]
    for reader, due in zip((cast.hoa, cast.deputy), days, strict=True):
        await said(change(work.assignment, "rescheduled", 1, due=due, note="x", meeting=meeting), by=reader)

    _, annex = await annex_of.of_meeting(meeting, cast.hoa)

    assert [one.due for one in annex.entries] == [clock.today()]
