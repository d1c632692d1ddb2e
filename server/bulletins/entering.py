"""From what somebody typed for rules to rules: each fault at its own field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from server.bulletins.titles import BODIES, TITLES, UNITS, Name
from server.clock import month_after, month_of
from server.rulebook import book
from server.rulebook.entries import CONFIDENCES, Rule
from server.words import Refused, Say, say

# Rules that one set may hold; a decree that changes more is published as two.
MOST_RULES = 12
# How far back and ahead a set's days may lie, in months.
BACK, AHEAD = 12, 36
LONGEST_SOURCE, LONGEST_NOTE, LONGEST_WORDS = 200, 300, 60
# The least and the most that a number can mean in its unit.
SPAN: dict[str, tuple[int, int]] = {
    "days": (0, 366), "months": (1, 120), "minutes": (10, 600), "percent": (0, 100), "points": (0, 100),
    "members": (1, 10_000), "meetings": (0, 31), "digits": (4, 20), "years": (14, 100), "times": (0, 100),
    "mm": (5, 60), "pt": (8, 30),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """One row of a form. ``rule``: as name_text writes it; ``since``, ``until``: None where there is no such day;
    ``ends``: whether anything at all stood in the field of the last day.
    """

    rule: str
    value: str
    since: date | None
    until: date | None
    ends: bool
    source: str
    confidence: str
    note: str = ""


def read_rules(rows: Sequence[Typed], *, today: date) -> list[Rule]:
    """The rules of a form's rows. Raises Refused with ``<field>-<row>`` for each fault (rule, value, from, to, source,
    confidence, note), rows counted from 1, or ``rules`` where there are none or too many.
    """
    if not 1 <= len(rows) <= MOST_RULES:
        raise Refused(rules=say("Một bộ quy định có từ 1 đến {n} quy định.", n=MOST_RULES))
    faults: dict[str, Say | str] = {}
    found: list[Rule] = []
    for n, row in enumerate(rows, start=1):
        try:
            found.append(_read(row, today))
        except Refused as refused:
            faults |= {f"{field}-{n}": why for field, why in refused.reasons.items()}
    faults = faults or _overlapping(found)
    if faults:
        raise Refused(**faults)
    return found


def name_text(name: Name) -> str:
    """A rule's name as a form carries it: key or key.scope."""
    return name[0] if name[1] is None else f"{name[0]}.{name[1]}"


NAMES: dict[str, Name] = {name_text(name): name for name in TITLES}


def _read(row: Typed, today: date) -> Rule:
    name = NAMES.get(row.rule)
    if name is None:
        raise Refused(rule=say("Xin chọn một quy định trong danh sách."))
    unit = book()[name][-1].unit
    faults: dict[str, Say | str] = {}
    value: int | Fraction | str = 0
    try:
        value = _value(row.value, unit)
    except Refused as refused:
        faults |= refused.reasons
    faults |= _days_fault(row, today)
    source, note = _tidy(row.source), _tidy(row.note)
    if not 5 <= len(source) <= LONGEST_SOURCE:
        faults["source"] = say("Xin ghi văn bản quy định: số, ký hiệu, ngày tháng.")
    if row.confidence not in CONFIDENCES:
        faults["confidence"] = say("Xin chọn mức độ chắc chắn của số này.")
    if len(note) > LONGEST_NOTE:
        faults["note"] = say("Ghi chú dài nhất {n} ký tự.", n=LONGEST_NOTE)
    if faults or row.since is None:
        raise Refused(**faults)
    return Rule(*name, value, unit, row.since, row.until, source, row.confidence, note)


def _value(text: str, unit: str) -> int | Fraction | str:
    text = _tidy(text)
    if unit == "share":
        return _share(text)
    if unit == "body":
        found = [body for body, words in BODIES.items() if text.casefold() in (body, words.casefold())]
        if not found:
            raise Refused(value=say("Xin ghi chi bộ hoặc cấp ủy."))
        return found[0]
    if unit == "words":
        if not 1 <= len(text) <= LONGEST_WORDS:
            raise Refused(value=say("Xin ghi chữ sẽ in trên văn bản, dài nhất {n} ký tự.", n=LONGEST_WORDS))
        return text
    least, most = SPAN[unit]
    if not re.fullmatch("[0-9]{1,6}", text) or not least <= int(text) <= most:
        raise Refused(
            value=say(
                "Xin ghi một số nguyên từ {least} đến {most} ({unit}).",
                least=least,
                most=most,
                unit=UNITS[unit],
            )
        )
    return int(text)


def _share(text: str) -> Fraction:
    parts = re.fullmatch("([0-9]{1,3})/([0-9]{1,3})", text.replace(" ", ""))
    if parts is None or int(parts[2]) == 0 or not 0 < Fraction(int(parts[1]), int(parts[2])) <= 1:
        raise Refused(value=say("Xin ghi một phân số lớn hơn 0 và không quá 1, ví dụ 2/3."))
    return Fraction(int(parts[1]), int(parts[2]))


def _days_fault(row: Typed, today: date) -> dict[str, Say | str]:
    first, last = month_after(month_of(today), -BACK), month_after(month_of(today), AHEAD)
    if row.since is None:
        return {"from": say("Xin chọn ngày bắt đầu áp dụng.")}
    if not first <= row.since <= last:
        return {"from": say("Ngày bắt đầu phải từ {first} đến {last}.", first=_said(first), last=_said(last))}
    if row.until is None and row.ends:
        return {"to": say("Ngày kết thúc chưa đúng; để trống nếu áp dụng đến khi có quy định mới.")}
    if row.until is not None and row.until < row.since:
        return {"to": say("Ngày kết thúc không thể trước ngày bắt đầu.")}
    return {}


def _overlapping(rules: Sequence[Rule]) -> dict[str, Say | str]:
    """Two rules of one set that name the same thing on the same day."""
    for n, one in enumerate(rules, start=1):
        for before in rules[: n - 1]:
            if (one.key, one.scope) == (before.key, before.scope) and _meet(one, before):
                return {f"from-{n}": say("Bộ này đã có quy định cùng tên cho những ngày ấy.")}
    return {}


def _meet(one: Rule, other: Rule) -> bool:
    return one.from_on <= (other.to_on or date.max) and other.from_on <= (one.to_on or date.max)


def _tidy(text: str) -> str:
    plain = (c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(plain).split())


def _said(day: date) -> str:
    return f"{day:%d/%m/%Y}"
