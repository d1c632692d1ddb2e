"""What a sheet row is: a member, or one of the things around members (titles, sections, totals, signatures)."""

import re
from dataclasses import dataclass
from datetime import date

from server.members.legacy_text import to_unicode
from server.members.sheet_columns import Header, repeats, words
from server.members.sheet_types import Cells, CellValue, Grid, Why

_TOTALS = re.compile(
    r"tong (?:cong|so)\b.*|(?:tong|cong)(?: \d.*)?|danh sach (?:nay )?(?:co|gom) \d.*|an dinh .*"
)
_FOOTER = re.compile(
    r"nguoi lap\b.*|noi nhan\b.*|t m\b.*|tm\b .*|k t\b.*|thu truong.*|ky(?: va)? ghi.*|xac nhan.*|bi thu|pho bi thu|"
    r".*\bngay\b.*\bthang\b.*\bnam\b.*"
)
_SECTION = re.compile(r"(?:[ivx]{1,5} |\d{1,3} |[a-z] )?(?:chi bo|to dang|dang bo|to \d).*")
_CELL_NAMED = re.compile(r"chi bộ[^:;(\n]*", re.IGNORECASE)
_COUNT_AFTER = re.compile(r"\s*[-–,]?\s*\d+\s*(?:đảng viên|đồng chí|đ/c|đv)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Row index (from 0), why it is skipped (None: a member), and the cell that the section above names."""

    index: int
    why: Why | None
    section_cell: str | None


def sort_rows(grid: Grid, header: Header) -> list[Sorted]:
    """Every row of the sheet, in order."""
    found: list[Sorted] = []
    section_cell: str | None = None
    ended = False
    for index, cells in enumerate(grid.rows):
        why = _why(index, cells, grid, header, ended)
        if why == "section":
            section_cell = named_cell(cells) or section_cell
        ended = why in ("totals", "footer") or (ended and why == "blank")
        found.append(Sorted(index, why, section_cell))
    return found


def _why(index: int, cells: Cells, grid: Grid, header: Header, ended: bool) -> Why | None:
    texts = [words(cell) if isinstance(cell, str) else str(cell) for cell in cells if not blank(cell)]
    if not texts:
        return "blank"
    if index < header.rows[0]:
        return "title"
    if index in header.rows or repeats(cells, grid, header):
        return "header"
    if _counts_columns(texts):
        return "column_numbers"
    return _why_data(cells, header, [text for text in texts if text], ended)


def _why_data(cells: Cells, header: Header, texts: list[str], ended: bool) -> Why | None:
    filled = {role for role, i in header.columns.items() if i < len(cells) and not blank(cells[i])}
    if any(isinstance(cells[header.columns[role]], date) for role in filled):
        return None
    numbered = "number" in filled and words(cells[header.columns["number"]]) == ""
    if not numbered and len(filled) < 6:
        if any(_TOTALS.fullmatch(text) for text in texts):
            return "totals"
        if any(_FOOTER.fullmatch(text) for text in texts):
            return "footer"
    personal = filled - {"number"}
    named = bool(personal & {"name", "given"})
    if len(personal) >= 3 or (named and (numbered or len(personal) >= 2)):
        return None
    if any(_SECTION.fullmatch(text) for text in texts):
        return "section"
    return "footer" if ended else "section"


def _counts_columns(texts: list[str]) -> bool:
    """`(1) (2) (3) …` or `A B C …` under the headings."""
    if len(texts) < 3:
        return False
    letters = "".join(texts)
    return all(t.isdecimal() and t == str(int(texts[0]) + i) for i, t in enumerate(texts)) or (
        len(letters) == len(texts) and letters in "abcdefghijklmnopqrstuvwxyz"
    )


def named_cell(cells: Cells) -> str | None:
    """`Chi bộ thôn Hòa Bình` out of `I. Chi bộ thôn Hòa Bình: 25 đảng viên`."""
    for cell in cells:
        if isinstance(cell, str) and (match := _CELL_NAMED.search(to_unicode(cell)[0])):
            return " ".join(_COUNT_AFTER.sub("", match[0]).split()).rstrip(" .,-–")
    return None


def title_cell(grid: Grid, header: Header) -> str | None:
    """The cell that the lines above the headings name on a line of its own."""
    for cells in grid.rows[: header.rows[0]]:
        for cell in cells:
            if words(cell).startswith("chi bo "):
                return named_cell([cell])
    return None


def blank(cell: CellValue) -> bool:
    """Nothing that can be seen."""
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\xa0\u200b\ufeff"))
