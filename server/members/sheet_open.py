"""The file itself: what it is by its content, whether it is safe to open, and its sheets as plain tables."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import iterparse

from server.members import sheet_words
from server.members.sheet_csv import read_text
from server.members.sheet_types import Cells, CellValue, Formula, Grid, Limits
from server.words import Refused

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"MZ",
    b"\x7fELF",
    b"{\\rtf",
    b"II*\0",
    b"MM\0*",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc",
)
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"mime-version", b"<meta", b"<head")
_ENTRIES = 2_000
_RATIO = 200  # sheets shrink 10 to 40 times
_RATIO_FROM = 4_000_000  # below this many bytes unpacked, a high ratio harms nobody
_GAP = 5_000  # blank rows after which a sheet is over
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_grids(content: bytes, name: str, limits: Limits) -> list[Grid]:
    """The visible sheets of a file; a text file is one sheet called `name`. Raises Refused(file=…) if there is none."""
    if not content.strip(b"\0 \r\n\t"):
        raise Refused(file=sheet_words.file_empty())
    if len(content) > limits.size:
        raise Refused(file=sheet_words.file_too_large(limits.size))
    if content.startswith(b"PK"):
        return _read_workbook(content, limits)
    _refuse_other_kinds(content)
    return [read_text(content, name, limits)]


def _refuse_other_kinds(content: bytes) -> None:
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Refused(file=sheet_words.encrypted())
        if "WordDocument".encode("utf-16-le") in content:
            raise Refused(file=sheet_words.not_a_spreadsheet())
        raise Refused(file=sheet_words.old_spreadsheet())
    if content.startswith(_BINARY):
        raise Refused(file=sheet_words.not_a_spreadsheet())
    if content[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_MARKUP):
        raise Refused(file=sheet_words.old_spreadsheet())


def _read_workbook(content: bytes, limits: Limits) -> list[Grid]:
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and most processes never read a workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_unsafe(archive, limits)
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"][: limits.sheets]
            left = limits.rows
            grids: list[Grid] = []
            for sheet in sheets:
                grids.append(_read_sheet(sheet, left, limits))
                left -= sum(map(bool, grids[-1].rows))
            return grids
        finally:
            book.close()
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - out of a broken file zip, XML and openpyxl raise nearly anything
        raise Refused(file=sheet_words.damaged()) from None


def _refuse_unsafe(archive: zipfile.ZipFile, limits: Limits) -> None:
    """By the directory first: zipfile never unpacks an entry beyond the size the directory gives for it."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        other = names & {"xl/workbook.bin", "content.xml"} and "word/document.xml" not in names
        raise Refused(file=sheet_words.old_spreadsheet() if other else sheet_words.not_a_spreadsheet())
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(file=sheet_words.encrypted())
    swollen = any(
        e.file_size > _RATIO_FROM and e.file_size > _RATIO * max(e.compress_size, 1) for e in entries
    )
    # Pictures and the like are not opened, but they count: what is in the zip bounds what any reader of it
    # can use.
    if swollen or len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > limits.unpacked:
        raise Refused(file=sheet_words.file_swells())
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels")):
            _refuse_entities(archive, entry)


def _refuse_entities(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """No workbook has a document type; it is where XML bombs and reads of other files are declared."""
    marks = [b"<!DOCTYPE", *("<!DOCTYPE".encode(f"utf-16-{order}") for order in ("le", "be"))]
    tail = b""
    with archive.open(entry) as source:
        while chunk := source.read(1 << 16):
            if any(mark in tail + chunk for mark in marks):
                raise Refused(file=sheet_words.damaged())
            tail = chunk[-20:]


def _read_sheet(sheet: Any, left: int, limits: Limits) -> Grid:
    sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
    rows: list[Cells] = []
    filled = gap = 0
    for row in sheet.iter_rows(max_col=limits.columns):
        cells = _trimmed([_value(cell.value, cell.data_type, limits) for cell in row])
        rows.append(cells)
        gap = 0 if cells else gap + 1
        filled += bool(cells)
        if filled > left:
            raise Refused(file=sheet_words.too_many_rows(limits.rows))
        if gap > _GAP:
            break
    while rows and not rows[-1]:
        rows.pop()
    return Grid(sheet.title, rows, frozenset(_hidden_columns(sheet, limits.columns)))


def _value(value: object, data_type: str, limits: Limits) -> CellValue:
    if data_type == "f":
        return Formula(str(value)[: limits.letters])
    if isinstance(value, str):
        return value[: limits.letters]
    # Anything else openpyxl can give (numbers, dates, times) is small; array formulas come with data type
    # "f".
    return value  # type: ignore[return-value]


def _trimmed(cells: list[CellValue]) -> Cells:
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _hidden_columns(sheet: Any, columns: int) -> Iterator[int]:
    """
    Indexes of hidden columns. openpyxl does not tell in its thrifty mode, so the head of the sheet is read
    here.
    """
    with sheet._get_source() as source:
        for _, element in iterparse(source, events=("start",)):  # noqa: S314 - entities were refused before
            if element.tag == f"{_MAIN}sheetData":
                return
            if element.tag == f"{_MAIN}col" and element.get("hidden") in ("1", "true"):
                first, last = int(element.get("min", "1")), int(element.get("max", "1"))
                yield from range(first - 1, min(last, columns))
