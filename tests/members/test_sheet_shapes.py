"""Lists come in any shape: other headings, split columns, sections, old fonts, CSV from any machine."""

import io
from collections.abc import Sequence
from datetime import date

import openpyxl
import pytest

from server.members.legacy_text import to_unicode
from server.members.sheet import MemberRow, Sheet, read, safe_cell, sentence

DAY = date(2026, 11, 20)
HEADINGS = ("STT", "Họ và tên", "Ngày sinh", "Ngày vào Đảng", "Ngày chính thức", "Chi bộ")
HANH = (1, "Đinh Lệ Hạnh", "06/04/1985", "22/04/2018", "22/04/2019", "Chi bộ 1")


def workbook(*rows: Sequence[object], hidden: str = "", hidden_sheet: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    if hidden:
        sheet.column_dimensions[hidden].hidden = True
    if hidden_sheet:
        book.create_sheet("Ẩn").append(
            ["Họ và tên", "Ngày sinh", "Ngày vào Đảng", "Ngày chính thức", "Số thẻ", "Tổ"]
        )
        book.worksheets[1].sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read_rows(
    *rows: Sequence[object], only_cell: str | None = None, known: Sequence[str] | None = ("Chi bộ 1",)
) -> Sheet:
    return read(workbook(*rows), as_of=DAY, known_cells=known, only_cell=only_cell)


def the_only(sheet: Sheet) -> MemberRow:
    assert len(sheet.members) == 1, [str(sentence(fault)) for row in sheet.rows for fault in row.codes]
    return sheet.members[0]


def with_dates(born: object, admitted: object, official: object) -> Sheet:
    return read_rows(HEADINGS, (1, "Lê Văn An", born, admitted, official, "Chi bộ 1"))


def test_headings_may_have_other_words_order_and_brackets() -> None:
    headings = (
        "TT",
        "SĐT",
        "HỌ TÊN (chữ in hoa)",
        "Kết nạp Đảng",
        "Năm sinh",
        "Ngày vào Đảng (chính thức)",
        "CB",
    )
    member = the_only(
        read_rows(headings, (1, "0900123456", "LÊ VĂN AN", "3/2/1980", 1957, "3/2/1981", "Chi bộ 1"))
    )
    assert (member.name, member.phone, member.born_on) == ("Lê Văn An", "0900123456", "1957")
    assert (member.admitted_on, member.official_on) == ("1980-02-03", "1981-02-03")


def test_the_year_of_birth_may_stand_under_man_or_woman_and_the_two_admissions_under_one_heading() -> None:
    top = ("TT", "Họ và tên", "Năm sinh", None, "Ngày vào Đảng", None, "Chi bộ")
    below = (None, None, "Nam", "Nữ", "Dự bị", "Chính thức", None)
    sheet = read_rows(
        top,
        below,
        (1, "Lê Văn An", 1957, None, "3/2/1980", "3/2/1981", "Chi bộ 1"),
        (2, "Hồ Ân", None, 1960, "3/2/1990", "3/2/1991", "Chi bộ 1"),
    )
    assert [(m.sex, m.born_on, m.official_on) for m in sheet.members] == [
        ("Nam", "1957", "1981-02-03"),
        ("Nữ", "1960", "1991-02-03"),
    ]


def test_the_name_may_be_split_over_two_columns() -> None:
    headings = ("STT", "Họ và tên đệm", "Tên", "Ngày vào Đảng", "Chi bộ")
    assert (
        the_only(read_rows(headings, (1, "Rơ Châm", "H'Bia", "3/2/1980", "Chi bộ 1"))).name == "Rơ Châm H'Bia"
    )


def test_rows_without_a_cell_belong_to_their_section_then_the_chosen_cell_then_the_title() -> None:
    title, headings, row = ("CHI BỘ 2",), HEADINGS[:5], HANH[:5]
    known = ("Chi bộ 1", "Chi bộ 2", "Chi bộ 3")
    assert the_only(read_rows(title, headings, row, known=known)).cell == "Chi bộ 2"
    chosen = read_rows(title, headings, row, known=known, only_cell="Chi bộ 1")
    assert the_only(chosen).cell == "Chi bộ 1"
    assert [note.code for note in chosen.notes] == ["no_card_column", "title_names_other_cell"]
    section = ("I. Chi bộ 3: 1 đảng viên",)
    assert (
        the_only(read_rows(title, headings, section, row, known=known, only_cell="Chi bộ 1")).cell
        == "Chi bộ 3"
    )
    assert read_rows(headings, row).rows[1].rejects == ("cell_missing",)


@pytest.mark.parametrize(
    "written", ["chi bộ thôn hoà bình", "CB thôn Hòa Bình", "Thôn Hòa  Bình.", "chi bo thon hoa binh"]
)
def test_a_cell_is_known_however_it_is_spelt(written: str) -> None:
    row = (*HANH[:5], written)
    assert (
        the_only(read_rows(HEADINGS, row, known=("Chi bộ thôn Hòa Bình", "Chi bộ thôn Hóa Bình x"))).cell
        == "Chi bộ thôn Hòa Bình"
    )


def test_a_cell_with_another_tone_is_another_cell() -> None:
    assert read_rows(HEADINGS, (*HANH[:5], "Chi bộ Hóa"), known=("Chi bộ Hòa",)).rows[1].rejects == (
        "unknown_cell",
    )


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("3/2/1980", "1980-02-03"),
        ("1980-02-03", "1980-02-03"),
        ("ngày 3 tháng 2 năm 1980", "1980-02-03"),
        (date(1980, 2, 3), "1980-02-03"),
        (29254, "1980-02-03"),
        ("tháng 2/1980", "1980-02"),
        ("2-1980", "1980-02"),
        ("1980", "1980"),
    ],
)
def test_a_date_is_read_in_every_usual_spelling(written: object, stored: str) -> None:
    assert the_only(with_dates("1950", written, None)).admitted_on == stored


@pytest.mark.parametrize(
    ("born", "admitted", "official", "code"),
    [
        ("1950", "31/4/1980", None, "impossible_date"),
        ("1950", "khoảng 1980", None, "date_unreadable"),
        ("1950", "=TODAY()", None, "formula"),
        ("1950", "không nhớ", None, "admission_missing"),
        ("5/5/1950", "4/4/1949", None, "admitted_before_birth"),
        ("1950", "21/11/2026", None, "admission_in_future"),
        ("1950", "1/1/1980", "31/12/1979", "official_before_admission"),
    ],
)
def test_a_date_that_cannot_be_keeps_the_row_out(
    born: str, admitted: str, official: str | None, code: str
) -> None:
    assert with_dates(born, admitted, official).rows[1].rejects == (code,)


def test_a_two_digit_year_takes_the_century_that_keeps_the_order() -> None:
    member = the_only(with_dates("4-5-26", "19-5-47", "19-5-48"))
    assert (member.born_on, member.admitted_on, member.official_on) == (
        "1926-05-04",
        "1947-05-19",
        "1948-05-19",
    )


def test_an_official_date_still_to_come_is_left_out_and_said() -> None:
    sheet = with_dates("1990", "1/3/2026", "1/3/2027")
    assert the_only(sheet).status == "probationary"
    assert sheet.rows[1].warnings == ("born_partial", "official_in_future")


def test_the_same_person_twice_without_a_card_comes_in_once() -> None:
    sheet = read_rows(
        HEADINGS, HANH, (2, *HANH[1:]), (3, HANH[1], HANH[2], "1/1/2019", "1/1/2020", "Chi bộ 1")
    )
    assert [(row.verdict, row.of_row) for row in sheet.rows[1:]] == [
        ("accept", None),
        ("reject", 2),
        ("accept_with_warning", 2),
    ]


def test_hidden_columns_and_sheets_are_not_read() -> None:
    content = workbook((*HEADINGS, "Số điện thoại"), (*HANH, "0900123456"), hidden="G", hidden_sheet=True)
    sheet = read(content, as_of=DAY, known_cells=["Chi bộ 1"])
    assert the_only(sheet).phone is None
    assert sheet.unread == ("Số điện thoại",)


def test_totals_signatures_and_sections_are_no_members() -> None:
    around = [("Cộng: 1 đảng viên",), (None, "NGƯỜI LẬP", None, None, None, "BÍ THƯ"), (None, "Lê Văn B")]
    sheet = read_rows(("DANH SÁCH",), HEADINGS, ("A", "B", "C", "D", "E", "F"), ("Chi bộ 1",), HANH, *around)
    assert [row.why for row in sheet.rows] == [
        "title",
        "header",
        "column_numbers",
        "section",
        None,
        "totals",
        "footer",
        "footer",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_text_list_is_read_from_any_machine(encoding: str, separator: str) -> None:
    lines = [separator.join(map(str, row)) for row in (HEADINGS, HANH)]
    text = "\r\n".join(lines)
    if encoding == "cp1258":  # this code page writes tones as letters of their own
        text = in_cp1258(text)
    sheet = read(text.encode(encoding), filename="C:\\tệp\\ds.csv", as_of=DAY, known_cells=["Chi bộ 1"])
    assert (the_only(sheet).name, the_only(sheet).cell, sheet.sheet_name) == (
        "Đinh Lệ Hạnh",
        "Chi bộ 1",
        "ds.csv",
    )


def in_cp1258(text: str) -> str:
    """Text with each tone apart from its letter, as Windows 1258 has it."""
    import unicodedata

    tones = "\u0300\u0301\u0303\u0309\u0323"
    out = ""
    for character in text:
        parts = unicodedata.normalize("NFD", character)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        out += base + "".join(part for part in parts if part in tones)
    return out


def test_a_text_list_in_an_old_font_is_read() -> None:
    lines = "STT,Hä vµ tªn,Ngµy sinh,Ngµy vµo §¶ng,Chi bé\r\n1,§inh LÖ H¹nh,06/04/1985,22/04/2018,Chi bé 1"
    sheet = read(lines.encode("latin-1"), as_of=DAY, known_cells=["Chi bộ 1"])
    assert the_only(sheet).name == "Đinh Lệ Hạnh"
    assert "legacy_encoding" in sheet.rows[1].warnings


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Nguyeãn Troïng Quyù", "Nguyễn Trọng Quý"),
        ("NGUYEÃN THÒ MÖÔØI", "NGUYỄN THỊ MƯỜI"),
        ("Leâ Thò Mai", "Lê Thị Mai"),
        ("L\xad¬ng Quèc ThÞnh", "Lương Quốc Thịnh"),
        ("NGUYÔN V¡N HïNG", "NGUYỄN VĂN HÙNG"),
        ("Kp¨ H'Wªn", "Kpă H'Wên"),
        ("VÃµ HÃ¹ng DÅ©ng", "Võ Hùng Dũng"),
    ],
)
def test_old_fonts_are_turned_into_unicode(typed: str, meant: str) -> None:
    assert to_unicode(typed) == (meant, True)


@pytest.mark.parametrize(
    "name", ["Hoà", "Tô Bá Tài", "Siu Phiên", "Puih Chênh", "Rmah Wên", "Y Ñhan", "« Hoa »", "café"]
)
def test_text_that_reads_well_is_left_alone(name: str) -> None:
    assert to_unicode(name) == (name, False)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(1)", "\t=1", "\n=1", " =1", "＝1"])
def test_an_export_never_starts_a_cell_with_something_to_compute(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["Lê Văn An", "", "0900123456", "a=b"])
def test_an_export_leaves_ordinary_text_alone(text: str) -> None:
    assert safe_cell(text) == text
