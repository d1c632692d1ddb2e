"""One change as it is said: what is wrong with it, at its field, and what it sets. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from server.assignments.fold import Standing
from server.assignments.rules import (
    MOVES,
    RESULTS,
    UNREADABLE,
    Part,
    allowed,
    unreadable,
    why_not_move,
    why_not_words,
)
from server.words import Say, say

LONGEST_NOTE = 500
# A due date farther ahead is a slip of the finger.
AHEAD = timedelta(days=3 * 366)
_GIVERS = say("Chỉ bí thư, phó bí thư, thư ký hoặc văn phòng cấp ủy được giao việc.")
_MOVERS = say("Thao tác này dành cho bí thư, phó bí thư chi bộ hoặc người được giao việc.")


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change as its sayer sends it; ``at`` is that device's clock and is kept, never trusted.

    ``member`` is a member's short number. ``due``: a date, None for work without an end, or ... for nothing said.
    task, cell, usual_work, period, minutes, page, line belong to ``given`` alone; ``register`` and ``value`` to
    ``settled``, where value is one of the rivals' values as JSON has it.
    """

    id: UUID
    assignment: UUID
    kind: str
    at: datetime
    seen: int = 0
    after: tuple[UUID, ...] = ()
    meeting: UUID | None = None
    note: str = ""
    member: int | None = None
    text: str = ""
    area: str = ""
    check_by: str = ""
    due: Any = ...
    result: str = ""
    register: str = ""
    value: Any = None
    task: UUID | None = None
    cell: UUID | None = None
    usual_work: UUID | None = None
    period: date | None = None
    minutes: UUID | None = None
    page: UUID | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a change is judged on: how the assignment stood for its sayer (None for a new one), what the sayer is, the
    day of giving, the day it is said on, and who ``member`` is (None: not named, or not in the cell that day).
    """

    seen: Standing | None
    part: Part
    given_on: date
    said_on: date
    member: UUID | None = None


def faults(new: NewChange, ground: Ground) -> dict[str, Say]:
    """Why a change can't be taken, at the field at fault (`""`: no field); empty when it can."""
    if new.kind not in allowed(ground.part):
        return {"": _GIVERS if new.kind == "given" else _MOVERS}
    if new.kind == "given":
        found = why_not_words(new.text, new.area, new.check_by) | _faults_of_due(new, ground)
        if ground.member is None:
            found["member"] = say("Xin chọn người làm trong danh sách của chi bộ.")
        return found | _faults_of_note(new)
    assert ground.seen is not None
    if reason := why_not_move(new.kind, ground.seen):
        return {"": reason}
    judge = _FAULTS.get(new.kind)
    return _faults_of_note(new) | (judge(new, ground) if judge else {})


def _reworded(new: NewChange, ground: Ground) -> dict[str, Say]:
    assert ground.seen is not None
    found = why_not_words(new.text, new.area, new.check_by)
    if not found and _what(new) == _what_of(ground.seen):
        return {"text": say("Nội dung vẫn như cũ, chưa có gì để sửa.")}
    return found


def _faults_of_due(new: NewChange, ground: Ground) -> dict[str, Say]:
    due = new.due
    if due is ...:
        return {"due": say("Xin chọn hạn, hoặc chọn việc thường xuyên.")}
    if due is not None and due < ground.given_on:
        return {"due": say("Hạn không thể trước ngày giao việc.")}
    if due is not None and due > ground.said_on + AHEAD:
        return {"due": say("Hạn quá xa, xin xem lại ngày và năm.")}
    return {}


def _faults_of_note(new: NewChange) -> dict[str, Say]:
    if unreadable(new.note):
        return {"note": UNREADABLE}
    if len(new.note.strip()) > LONGEST_NOTE:
        return {"note": say("Lời ghi dài quá {n} ký tự.", n=LONGEST_NOTE)}
    if MOVES[new.kind].note and not new.note.strip():
        return {"note": say("Xin ghi rõ tình hình.") if new.kind == "progress" else say("Xin ghi lý do.")}
    return {}


def _asked(new: NewChange, ground: Ground) -> dict[str, Say]:
    assert ground.seen is not None
    if found := _faults_of_due(new, ground):
        return found
    if new.due is None or (ground.seen.due is not None and new.due <= ground.seen.due):
        return {"due": say("Ngày xin phải sau hạn đang có.")}
    return {}


def _time_given(new: NewChange, ground: Ground) -> dict[str, Say]:
    assert ground.seen is not None
    if new.due is ... and ground.seen.asked is not None:
        return {}
    return _faults_of_due(new, ground)


def _rescheduled(new: NewChange, ground: Ground) -> dict[str, Say]:
    assert ground.seen is not None
    same = {"due": say("Hạn mới trùng với hạn đang có.")} if new.due == ground.seen.due else {}
    return _faults_of_due(new, ground) or same


def _reassigned(_: NewChange, ground: Ground) -> dict[str, Say]:
    assert ground.seen is not None
    if ground.member is None:
        return {"member": say("Xin chọn người làm trong danh sách của chi bộ.")}
    if ground.member == ground.seen.member:
        return {"member": say("Việc này đang do chính đồng chí đó làm.")}
    return {}


def _accepted(new: NewChange, _: Ground) -> dict[str, Say]:
    return {} if new.result in RESULTS else {"result": say("Xin chọn kết quả.")}


def _settled(new: NewChange, ground: Ground) -> dict[str, Say]:
    assert ground.seen is not None
    if new.register not in ground.seen.rivals:
        return {"value": say("Nội dung này không còn ý kiến nào khác nhau.")}
    if all(c.sets[new.register] != new.value for c in ground.seen.rivals[new.register]):
        return {"value": say("Xin chọn một trong các ý kiến đã ghi.")}
    return {}


_FAULTS: Mapping[str, Callable[[NewChange, Ground], dict[str, Say]]] = {
    "asked_time": _asked, "time_given": _time_given, "accepted": _accepted, "reassigned": _reassigned,
    "rescheduled": _rescheduled, "reworded": _reworded, "carried": _faults_of_due, "settled": _settled,
}  # fmt: skip


def sets(new: NewChange, ground: Ground) -> dict[str, Any]:
    """What a change that has no faults says, by register."""
    kind, seen = new.kind, ground.seen
    if kind == "given":
        return {
            "who": str(ground.member), "what": _what(new), "due": _iso(new.due), "state": "open", "asked": None
        }  # fmt: skip
    assert seen is not None
    if kind == "settled":
        return {new.register: new.value}
    if kind == "asked_time":
        return {"asked": _iso(new.due)}
    said = _SETS.get(kind, lambda *_: {})(new, ground)
    # Whoever decides has answered, by that, who had asked for more time.
    waiting = seen.asked is not None or "asked" in seen.rivals
    return (
        {**said, "asked": None} if said and waiting and not MOVES[kind].own and kind != "reworded" else said
    )


_SETS: Mapping[str, Any] = {
    "reported": lambda *_: {"state": "reported"},
    "taken_back": lambda *_: {"state": "open"},
    # Saying no is said of a date: whoever gave more time meanwhile disagrees.
    "time_refused": lambda _, g: {"due": _iso(g.seen.due)},
    "time_given": lambda n, g: {"due": _iso(g.seen.asked if n.due is ... else n.due)},
    "accepted": lambda n, _: {"state": f"done:{n.result}"},
    "not_done": lambda *_: {"state": "not_done"},
    "returned": lambda *_: {"state": "open"},
    "reassigned": lambda _, g: {"who": str(g.member), "state": "open"},
    "rescheduled": lambda n, _: {"due": _iso(n.due)},
    "reworded": lambda n, _: {"what": _what(n)},
    "carried": lambda n, _: {"due": _iso(n.due), "state": "open"},
    "cancelled": lambda *_: {"state": "cancelled"},
    "restored": lambda *_: {"state": "open"},
}


def _what(new: NewChange) -> dict[str, str]:
    return {"text": new.text.strip(), "area": new.area, "check_by": new.check_by.strip()}


def _what_of(standing: Standing) -> dict[str, str]:
    return {"text": standing.text, "area": standing.area, "check_by": standing.check_by}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
