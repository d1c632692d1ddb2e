"""Headings of member lists: which column is what, however it is called, in one row of headings or two."""

import re
from dataclasses import dataclass

from server.members.legacy_text import to_unicode
from server.members.sheet_types import Cells, CellValue, Grid
from server.names import fold

_SEARCHED_ROWS = 60
_NOT_LETTERS = re.compile(r"[\W_]+")
_IN_BRACKETS = re.compile(r"\([^)]*\)")

# Headings with accents folded and punctuation gone; first what must match as a whole, then what a heading
# contains.
_EXACT = {
    "number": "stt|tt|so tt|so thu tu|no",
    "name": (
        "ho va ten|ho ten|ho va ten dang vien|ten dang vien|ho va ten khai sinh|ho ten dang vien|dong chi"
    ),
    "family": "ho va ten dem|ho dem|ho va chu dem|ho lot|ho va ten lot|ho",
    "given": "ten",
    "born_male": "ngay sinh nam|nam sinh nam|ngay thang nam sinh nam|sinh nam nam",
    "born_female": "ngay sinh nu|nam sinh nu|ngay thang nam sinh nu|sinh nam nu",
    "official": "chinh thuc|ngay ct|ct",
    "admitted": "du bi|ngay vd|vao dcsvn|ngay vao",
    "sex": "gioi tinh|gioi|phai|nam nu|nam hay nu",
    "female": "nu",
    "cell": (
        "chi bo|ten chi bo|cb|chi bo sinh hoat|sinh hoat tai chi bo|noi sinh hoat|dang sinh hoat tai chi bo"
    ),
    "organisation": "to chuc co so dang|tccsd|dang bo|dang bo co so|thuoc dang bo|thuoc to chuc co so dang",
    "organisation_name": "ten to chuc|ten to chuc dang|ten tccsd",
    "organisation_kind": "loai hinh|loai hinh to chuc",
    "cell_count": "so chi bo|so chi bo truc thuoc",
    "member_count": "so dang vien|tong so dang vien|so luong dang vien|so dv|si so",
    "group": "to|to dang|thuoc to|thuoc to dang|to dang so|sinh hoat to|ten to|ten to dang",
    "leader": "to truong|ho ten to truong|ho va ten to truong|nguoi phu trach to",
    "phone": "dt|sdt|so dt|dtdd|di dong|so lien he|lien he",
    "status": (
        "tinh trang|trang thai|loai dang vien|dien|tinh trang dang vien|tinh trang sinh hoat|chinh thuc du bi"
    ),
    "note": "ghi chu|gc|ghi chep",
    "reason": "ly do|ly do mien|dien mien|loai mien",
    "from": "tu ngay|mien tu|mien tu ngay|ngay bat dau|tu|thoi gian tu ngay|thoi gian tu",
    "to": "den ngay|mien den|mien den ngay|ngay het han|den|den het|thoi gian den ngay|thoi gian den",
    "place": "noi lam viec|noi o hien nay|noi den|noi lam an|dia ban",
    "keeper": "nguoi giu lien he|giu lien he|nguoi lien he|dang vien giu lien he|nguoi phu trach",
    "paper": "van ban|so van ban|quyet dinh|nghi quyet|so quyet dinh|so nghi quyet",
    "month": "thang",
    "prepares": "dang vien chuan bi|nguoi chuan bi|nguoi trinh bay|dang vien phu trach",
}
_WHOLE = {heading: role for role, headings in _EXACT.items() for heading in headings.split("|")}
_CONTAINS = [
    ("citizen", re.compile(r"cmnd|cccd|can cuoc|chung minh|dinh danh")),
    ("", re.compile(r"\b(?:cha|me|vo|chong|con)\b|noi sinh|que quan|cam tinh|huy hieu")),
    ("official", re.compile(r"(?:ngay|cong nhan).*chinh thuc")),
    ("admitted", re.compile(r"vao dang|ket nap")),
    ("card", re.compile(r"\bthe dang\b|\bso the\b|the dv")),
    ("born", re.compile(r"\b(?:ngay|thang|nam)?\s*sinh\b(?! hoat)")),
    ("name", re.compile(r"\bho (?:va |, )?ten\b")),
    ("phone", re.compile(r"dien thoai|\bsdt\b|so dt\b|di dong")),
    ("post", re.compile(r"chuc vu|chuc danh")),
    ("note", re.compile(r"^ghi chu")),
]
# What makes a table a list of people, beside the name.
_PERSONAL = {"born", "born_male", "born_female", "admitted", "official", "card"}


@dataclass(frozen=True, slots=True)
class Header:
    """
    Where the headings stand: `rows` (indexes from 0), role -> column index, column index -> heading as
    written.
    """

    rows: tuple[int, ...]
    columns: dict[str, int]
    headings: dict[int, str]

    def column(self, role: str) -> str:
        """The heading of a role as the user wrote it; empty if the list has no such column."""
        return self.headings.get(self.columns[role], "") if role in self.columns else ""

    @property
    def lists_people(self) -> bool:
        """Is this a member list, not a list of posts or exemptions?"""
        return self.has_names and bool(_PERSONAL & self.columns.keys()) and "reason" not in self.columns

    @property
    def has_names(self) -> bool:
        """Has it a column of names, whole or in two parts?"""
        return "name" in self.columns or {"family", "given"} <= self.columns.keys()


def words(value: CellValue) -> str:
    """A heading or label for comparing: Unicode, folded, punctuation as blanks."""
    return _NOT_LETTERS.sub(" ", fold(to_unicode(value)[0])).strip() if isinstance(value, str) else ""


def find_header(grid: Grid) -> Header | None:
    """The row, or pair of rows, of a sheet that names the most columns we know; None if nowhere two are named."""
    best: Header | None = None
    for index in range(min(len(grid.rows), _SEARCHED_ROWS)):
        single = _one_row(grid, index)
        if len(single.columns) < 2:  # titles; the upper row of a pair names the columns that are not divided
            continue
        for header in (single, _two_rows(grid, index)):
            if header and (best is None or len(header.columns) > len(best.columns)):
                best = header
    return best


def _one_row(grid: Grid, index: int) -> Header:
    headings = {i: _label(cell) for i, cell in enumerate(grid.rows[index]) if _label(cell)}
    return Header((index,), _roles(headings, grid.hidden), headings)


def _two_rows(grid: Grid, index: int) -> Header | None:
    """Headings over sub-headings: `Ngày, tháng, năm` over `Ngày sinh`, `Ngày vào Đảng`, `Ngày chính thức`."""
    top, below = grid.rows[index], grid.rows[index + 1] if index + 1 < len(grid.rows) else ()
    if not all(cell is None or (isinstance(cell, str) and not re.search(r"\d", cell)) for cell in below):
        return None  # members, not sub-headings
    headings: dict[int, str] = {}
    over = ""
    for i in range(max(len(top), len(below))):
        upper, lower = (_label(row[i]) if i < len(row) else "" for row in (top, below))
        over = upper or over
        if heading := _under(over, lower) if lower else upper:
            headings[i] = heading
    return Header((index, index + 1), _roles(headings, grid.hidden), headings)


def _under(over: str, lower: str) -> str:
    """A sub-heading, with the one above where that makes its meaning (`Nam` under `Năm sinh`)."""
    both = f"{over} {lower}"
    if words(both) in _WHOLE or (role_of(both) and not role_of(lower)):
        return both
    return lower


def _roles(headings: dict[int, str], hidden: frozenset[int]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, heading in headings.items():
        role = role_of(heading)
        if role and role != "citizen" and index not in hidden:
            columns.setdefault(role, index)
    if "given" in columns and "family" not in columns:  # a lone column `Tên` holds the whole name
        columns.setdefault("name", columns.pop("given"))
    return columns


def role_of(heading: str) -> str:
    """The role that a heading names, or an empty string."""
    plain = words(heading)
    short = words(_IN_BRACKETS.sub(" ", heading))
    for text in (plain, short):
        if text in _WHOLE:
            return _WHOLE[text]
    if len(plain) > 80:  # a sentence, not a heading
        return ""
    return next((role for role, pattern in _CONTAINS if pattern.search(plain)), "")


def _label(cell: CellValue) -> str:
    return " ".join(to_unicode(cell)[0].split()) if isinstance(cell, str) else ""


def repeats(cells: Cells, grid: Grid, header: Header) -> bool:
    """Is this row one of the heading rows again, as after a page break?"""
    labels = [_label(cell) for cell in cells]
    return any(labels == [_label(cell) for cell in grid.rows[row]] for row in header.rows) and any(labels)
