"""Values of minutes as people write them, made canonical, or the reason why one is none. Pure."""

from __future__ import annotations

import re
from datetime import date

from server.meetings.rules import KINDS
from server.proposals.fields import FIELDS
from server.words import Say, say

MOST = 99_999
LONGEST_NAME, LONGEST_TEXT = 100, 1000

# What may be chosen; two kinds in one meeting are one choice.
CHOICES: dict[str, dict[str, Say]] = {
    "kind": {**KINDS, "regular+thematic": say("Thường kỳ kết hợp chuyên đề")},
    "state": {"absent_excused": say("có lý do"), "absent_unexcused": say("không lý do")},
}
_FAULTS = {
    "date": say("Ngày không đúng, xin ghi như 03/11/2026."),
    "time": say("Giờ không đúng, xin ghi như 19:30."),
    "count": say("Xin ghi một số nguyên, ví dụ 33."),
    "rate": say("Xin ghi tỷ lệ từ 0 đến 100, ví dụ 91,67."),
    "kind": say("Xin chọn một mục trong danh sách."),
    "state": say("Xin chọn một mục trong danh sách."),
}
_TOO_LONG = say("Nội dung này dài quá.")


class NoValue(ValueError):
    """What was typed is no value of its kind; ``why`` says so."""

    def __init__(self, why: Say) -> None:
        super().__init__(why)
        self.why = why


def canonical(name: str, text: str) -> str:
    """What somebody typed for a field, as it is kept: 2026-11-03, 19:30, 33, 91.67, a code, or tidy text; empty for
    nothing. Raises NoValue.
    """
    typed = " ".join(text.split())
    kind = FIELDS[name][1]
    if not typed:
        return ""
    if kind in ("person", "text"):
        if len(typed) > (LONGEST_NAME if kind == "person" else LONGEST_TEXT):
            raise NoValue(_TOO_LONG)
        return typed
    found = _READ[kind](typed) if kind in _READ else typed if typed in CHOICES[kind] else None
    if found is None:
        raise NoValue(_FAULTS[kind])
    return found


def _date(text: str) -> str | None:
    match = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2})", text)
    if match is None:
        return None
    day, month, year = match.groups()[:3] if match[1] else match.groups()[:2:-1]
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _time(text: str) -> str | None:
    match = re.fullmatch(r"(\d{1,2})\s*(?::|h|g|giờ)\s*(\d{2})?(?::\d{2})?(?:\s*phút)?", text.lower())
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return None
    return f"{int(match[1]):02}:{int(match[2] or 0):02}"


def _count(text: str) -> str | None:
    return str(int(text)) if re.fullmatch("[0-9]{1,5}", text) and int(text) <= MOST else None


def _rate(text: str) -> str | None:
    plain = text.removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", plain) or float(plain) > 100:
        return None
    return f"{float(plain):.2f}".rstrip("0").rstrip(".")


_READ = {"date": _date, "time": _time, "count": _count, "rate": _rate}
