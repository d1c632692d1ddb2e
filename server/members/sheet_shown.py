"""What a person is shown of a row, cell by cell: what stood in the list, what is stored of it, what is told. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from server.members.sheet_types import CellValue, Fault
from server.members.sheet_values import plain
from server.words import say

# The cells of a row that are shown, in this order. Of notes nothing is stored, so nothing of them is kept to show.
ROLES = ("name", "born", "admitted", "official", "sex", "card", "phone", "cell", "group", "post", "status")
DATES = ("born", "admitted", "official")
LABELS = {
    "name": say("Họ và tên"), "born": say("Ngày sinh"), "admitted": say("Ngày vào Đảng"),
    "official": say("Ngày chính thức"), "sex": say("Nam hay nữ"), "card": say("Số thẻ đảng"),
    "phone": say("Điện thoại"), "cell": say("Thuộc chi bộ"), "group": say("Thuộc tổ"), "post": say("Chức vụ"),
    "status": say("Tình trạng"), "note": say("Ghi chú"),
}  # fmt: skip
_SEXES = {"male": say("Nam"), "female": say("Nữ")}
_STATUSES = {
    "official": say("Chính thức"), "probationary": say("Dự bị"), "exempt": say("Miễn sinh hoạt"),
    "away": say("Tạm miễn"), "left": say("Không còn sinh hoạt"), "deceased": say("Từ trần"),
}  # fmt: skip
_HELD_AS = {"official": "official_on", "card": "card_number"}
# What a fault is about: told by the first word of its code, else by the heading of its column.
_BY_CODE = {
    "admission": "admitted", "probation": "official", "duplicate": "name", "possible": "name", "not": "status",
    "unknown": "cell",
}  # fmt: skip
_PART_OF = {
    "family": "name", "given": "name", "born_male": "born", "born_female": "born", "female": "sex",
    "organisation": "cell",
}  # fmt: skip
_LONGEST = 80


def as_written(value: CellValue) -> str:
    """A cell as it stood in the list: text untouched in its spelling, numbers and days as a sheet shows them."""
    return (value if isinstance(value, str) else plain(value))[:_LONGEST]


def shown_cells(
    raw: dict[str, str], faults: Collection[Fault], value: dict[str, Any], columns: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """{role: {raw, faults (their indexes)}} of the cells with something to tell: a fault, or stored in another way.

    ``value`` is the row as it will be stored, empty for a row that won't be; ``columns``: role -> heading.
    """
    told: dict[str, list[int]] = defaultdict(list)
    for index, fault in enumerate(faults):
        told[_role(fault, columns)].append(index)
    return {
        role: {"raw": raw.get(role, ""), "faults": told[role]}
        for role in LABELS
        if told[role] or (value and role in raw and _changed(role, raw[role], stored(role, value)))
    }


def _role(fault: Fault, columns: dict[str, str]) -> str:
    first = fault.code.partition("_")[0]
    role = _BY_CODE.get(first, first)
    if role not in ROLES:
        role = next((role for role, heading in columns.items() if heading == fault.column), "")
    role = _PART_OF.get(role, role)
    return role if role in ROLES else "note"


def stored(role: str, value: dict[str, Any]) -> str:
    """A cell of a row as it will be stored, in words for a person; empty for nothing."""
    held = value.get(_HELD_AS.get(role, role)) or ""
    if role in DATES:
        return "/".join(reversed(held.split("-")))
    return {"sex": _SEXES, "status": _STATUSES}.get(role, {}).get(held, held)


def _changed(role: str, raw: str, kept: str) -> bool:
    if not any(letter.isalnum() for letter in raw):
        return role == "official" and bool(kept)
    text = raw if role in ("name", "cell") else one_line(raw)
    if role in DATES:
        return _unpadded(text) != _unpadded(kept)
    if role == "sex":
        return text.casefold() != kept.casefold()
    # A status is an account of the dates; the body above a cell has a column of its own.
    return role != "status" and text != kept and not (role == "cell" and kept.startswith(f"{text}, "))


def one_line(text: str) -> str:
    """Text in composed Unicode with single blanks: two spellings that look alike are equal then."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _unpadded(text: str) -> str:
    return re.sub(r"\b0(?=\d)", "", text)
