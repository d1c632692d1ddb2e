"""Files that are no member list, or mean harm, are refused with a sentence and nothing else happens."""

import io
import json
import resource
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.members.sheet import Limits, Row, Sheet, read, sentence
from server.words import Refused, Say

FIXTURES = Path(__file__).parents[1] / "fixtures"
HOSTILE = FIXTURES / "hostile"
SMALL = (FIXTURES / "members" / "chi-bo-van-phong-11.xlsx").read_bytes()
CSV = (HOSTILE / "formulas.csv").read_bytes()
DAY = date(2026, 11, 20)


def refusal(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as refused:
        read(content, filename="danh-sach.xlsx", as_of=DAY, known_cells=None, limits=limits)
    assert isinstance(refused.value.reasons["file"], Say)
    return str(refused.value)


def zipped(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def changed(content: bytes, name: str, new: bytes) -> bytes:
    """The same workbook with one entry replaced."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for entry in old.namelist():
            archive.writestr(entry, new if entry == name else old.read(entry))
    return file.getvalue()


def test_the_zip_bomb_is_refused_by_its_directory_without_growing() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "quá lớn" in refusal((HOSTILE / "zipbomb.xlsx").read_bytes())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes


@pytest.mark.parametrize("name", ["formulas.xlsx", "formulas.csv"])
def test_formulas_in_place_of_names_are_never_members(name: str) -> None:
    assert name in {entry["file"] for entry in json.loads((HOSTILE / "index.json").read_text())}
    sheet = read((HOSTILE / name).read_bytes(), filename=name, as_of=DAY, known_cells=["Chi bộ 1"])
    assert sheet.members == []
    assert all("formula" in row.rejects for row in sheet.rows[1:])
    assert "công thức" in sentence(sheet.rows[1].codes[0])


def test_a_formula_in_any_column_is_never_stored() -> None:
    book = openpyxl.Workbook()
    headings = [
        "Họ và tên",
        "Ngày vào Đảng",
        "Chi bộ",
        "Số thẻ đảng",
        "Tổ",
        "Chức vụ",
        "SĐT",
        "Tình trạng",
        "Ghi chú",
    ]
    book.worksheets[0].append(headings)
    for column in range(2, len(headings)):
        row = ["Lê Văn An", "3/2/1980", "Chi bộ 1", "", "", "", "", "", ""]
        row[column] = "=1+1"
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    sheet = read(file.getvalue(), as_of=DAY, known_cells=None)
    assert [row.rejects for row in sheet.rows[1:3]] == [("formula",), ("formula",)]
    assert "=1" not in repr(sheet.members)
    assert sheet.tally_by_code["formula_dropped"] == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Tệp trống"),
        (b" \r\n\0", "Tệp trống"),
        (b"%PDF-1.7 ...", "không phải bảng tính"),
        (b"\xff\xd8\xff\xe0 jpeg", "không phải bảng tính"),
        (b"MZ\x90\0" + bytes(400), "không phải bảng tính"),
        (bytes(range(256)) * 8, "không phải bảng tính"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "không phải bảng tính"),
        (b"<html><table><tr><td>STT</td></tr></table>", ".xlsx"),
        (zipped(content_xml=b"<a/>", mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), ".xlsx"),
        (zipped(word__document_xml=b"<a/>"), "không phải bảng tính"),
        (zipped(xl__workbook_xml=b"<a/>"), "bị hỏng"),
        (b"PK\x03\x04 cut off", "bị hỏng"),
        (SMALL[: len(SMALL) // 2], "bị hỏng"),
        ("một dòng chữ\nkhông phải danh sách".encode(), "Họ và tên"),
    ],
)
def test_a_file_that_is_no_list_is_refused_by_its_content(content: bytes, said: str) -> None:
    assert said in refusal(content)


def test_entities_are_refused_before_any_parser_sees_them() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert "bị hỏng" in refusal(changed(SMALL, "xl/workbook.xml", bomb))
    assert "bị hỏng" in refusal(changed(SMALL, "xl/worksheets/sheet1.xml", bomb.decode().encode("utf-16")))


def test_the_limits_are_named() -> None:
    assert "10 MB" in refusal(bytes(10_000_001) + b"x")
    assert "hơn 5 dòng" in refusal(SMALL, Limits(rows=5))
    assert "hơn 5 dòng" in refusal(CSV, Limits(rows=5))
    assert "quá lớn" in refusal(SMALL, Limits(unpacked=10_000))


def test_a_row_number_far_below_does_not_keep_the_reader_busy() -> None:
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b'<row r="18"', b'<row r="1048576"')
    assert far != sheet
    assert (
        len(read(changed(SMALL, "xl/worksheets/sheet1.xml", far), as_of=DAY, known_cells=None).members) == 10
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([SMALL, CSV]),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_file_with_flipped_bytes_is_read_or_refused(content: bytes, flips: list[tuple[int, int]]) -> None:
    broken = bytearray(content)
    for place, byte in flips:
        broken[place % len(broken)] = byte
    survives(bytes(broken))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3_000), st.binary(min_size=1, max_size=40))
def test_a_sheet_with_flipped_xml_is_read_or_refused(place: int, splice: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    survives(
        changed(SMALL, "xl/worksheets/sheet1.xml", sheet[:place] + splice + sheet[place + len(splice) :])
    )


CELLS = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.datetimes(),
    st.text(max_size=30),
    st.sampled_from(["1/1/99", "Chi bộ 1", "Cộng", "²", "=1"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=7), max_size=8))
def test_whatever_stands_in_the_cells_every_row_gets_a_verdict(rows: list[list[object]]) -> None:
    text = "\n".join(";".join(str(cell).replace("\0", "") for cell in row) for row in rows)
    head = "STT;Họ và tên;Ngày sinh;Ngày vào Đảng;Ngày chính thức;Số thẻ đảng;Tình trạng\n"
    sheet = survives((head + text).encode("utf-8", "replace"))
    if sheet is None:  # what no keyboard writes makes the whole file unreadable, and nothing else does
        assert any(unicodedata.category(sign) == "Cc" for sign in text.replace("\n", ""))
    else:
        assert sheet.rows[0].why == "header"
        assert all(reasoned(row) for row in sheet.rows)


def reasoned(row: Row) -> bool:
    """Whether the row is a member, or is told why it is none."""
    told = {"skip": bool(row.why), "reject": bool(row.rejects)}.get(row.verdict, True)
    return told and (row.value is not None) == row.verdict.startswith("accept")


def survives(content: bytes) -> Sheet | None:
    """The list that was read, its rows in order and each fault in words; None where the file was refused."""
    try:
        sheet = read(content, as_of=DAY, known_cells=None, only_cell="Chi bộ 1")
    except Refused:
        return None
    assert [row.row for row in sheet.rows] == list(range(1, len(sheet.rows) + 1))
    assert all(str(sentence(fault)) for row in sheet.rows for fault in row.codes)
    return sheet
