"""What a cell or a group is called when a list names it: one spelling, one order, one number. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from server.names import fold

# The unit whose committee a kind of committee is, as lists write it ("Đảng bộ phường An Lạc").
UNITS = {
    "commune_committee": "xã",
    "ward_committee": "phường",
    "special_zone_committee": "đặc khu",
    "district_committee": "huyện",
    "town_committee": "thị xã",
    "city_committee": "thành phố",
    "agency_committee": "",
}
_BODY = re.compile(r"^(?:đảng bộ|đảng ủy|đảng uỷ)\s+", re.IGNORECASE)
_CELL = re.compile(r"^(?:chi bộ|chi bô|cb)[.\s]+", re.IGNORECASE)
# With accents: a "bản" is a village, a "ban" an office.
_HOMES = re.compile(
    r"\b(?:tổ dân phố|thôn|làng|buôn|bản|ấp|khóm|xóm|khu phố|khu dân cư|tiểu khu|plei|tdp|khối phố)\b"
)
_OFFICES = re.compile(
    r"\b(?:phòng|văn phòng|ban|cơ quan|trường|bệnh viện|trạm|công an|quân sự|toà án|tòa án|viện|kho bạc|thuế|"
    r"thanh tra|mặt trận|ủy ban|uỷ ban|hđnd|ubnd|khoa|công ty|hợp tác xã|thống kê|thi hành án|đội|ngân hàng)\b"
)
_NUMBER = re.compile(r"(?:to(?: dang)?(?: so)?)? ?0*([1-9]\d{0,2})")


def short_body(organisation: str, *, own: str) -> str:
    """The body above a cell as it follows the cell's name: `Đảng bộ phường An Lạc` -> `phường An Lạc`.

    Empty for the committee itself; ``own`` is its unit and name (`xã Tân Phú`).
    """
    body = _BODY.sub("", organisation.strip())
    return "" if fold(body) == fold(own) else body


def full_name(cell: str, body: str) -> str:
    """A cell's whole name: `Chi bộ Tổ dân phố 1, phường An Lạc`; bodies often have cells of one name."""
    rest = _CELL.sub("", cell.strip())
    bare = _CELL.sub("", body)
    name = f"Chi bộ {rest[:1].upper()}{rest[1:]}"
    return name if not body or fold(bare) in fold(name) else f"{name}, {body}"


def cell_order(name: str, body: str) -> str:
    """A sort key in ASCII: by body, then by name, numbers as numbers."""
    return re.sub(r"\d+", lambda found: found[0].zfill(4), fold(f"{body} {name}"))


def kind_of(name: str) -> str:
    """`residential` or `office`, by the words in a cell's name (they follow different guidelines)."""
    text = name.casefold()
    return "office" if _OFFICES.search(text) and not _HOMES.search(text) else "residential"


def group_key(text: str) -> str:
    """What makes two written groups one: `Tổ 1`, `tổ đảng số 01` and `1` are the same."""
    folded = " ".join(re.sub(r"[\W_]+", " ", fold(text)).split())
    number = _NUMBER.fullmatch(folded)
    return number[1] if number else folded


@dataclass(frozen=True)
class Group:
    """A party group of a cell."""

    number: int
    name: str


def number_groups(existing: Iterable[Group], texts: Iterable[str]) -> dict[str, Group]:
    """{group key: group} for every group that is there or written in ``texts``, each with a number of its own.

    A group keeps the number in its name where that is free; others follow behind the last.
    """
    groups = {group_key(group.name): group for group in existing}
    taken = {group.number for group in groups.values()}
    written = {group_key(text): text for text in reversed([*texts])}
    fresh = sorted((key for key in written if key and key not in groups), key=_number_first)
    kept = {key: int(key) for key in fresh if key.isdigit() and int(key) not in taken}
    last = max(taken | {*kept.values()}, default=0)
    for key in fresh:
        last += key not in kept
        name = f"Tổ {key}" if written[key].strip().isdigit() else written[key]
        groups[key] = Group(kept.get(key, last), name)
    return groups


def _number_first(key: str) -> tuple[bool, int, str]:
    return (False, int(key), "") if key.isdigit() else (True, 0, key)
