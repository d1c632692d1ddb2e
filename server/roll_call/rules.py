"""The roll as pure rules: who is expected on a day, what a set of marks means, what may be marked.

A person's state is a multi-value register: a mark stands unless another mark of the same person has seen it, or the
same device made a later one. No clock is compared, so any order, repetition or interleaving of the same marks gives
the same answer, and two people who marked without seeing each other are shown as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from server.words import Say, say

STATES = ("not_called", "present", "late", "absent_excused", "absent_unexcused", "exempt")
ATTENDING = frozenset({"present", "late"})


@dataclass(frozen=True, slots=True)
class Mark:
    """One tap. ``seen``: the marks of this person that stood on that screen; ``seq`` counts per device."""

    id: UUID
    state: str
    reason: str
    device: UUID
    seq: int
    seen: tuple[UUID, ...]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person's marks come to. With ``rivals`` nothing is decided yet and ``state`` is ``not_called``."""

    state: str
    reason: str
    heads: tuple[UUID, ...]
    rivals: tuple[Mark, ...]


def fold(marks: Iterable[Mark], *, base: str) -> Standing:
    """What a set of marks of one person means; ``base`` is ``expected`` or ``exempt`` (the state without marks)."""
    known = {mark.id: mark for mark in marks}
    if not known:
        return Standing("exempt" if base == "exempt" else "not_called", "", (), ())
    newest: dict[UUID, int] = {}
    for mark in known.values():
        newest[mark.device] = max(mark.seq, newest.get(mark.device, mark.seq))
    seen = {other for mark in known.values() for other in mark.seen if other != mark.id}
    heads = [m for m in known.values() if m.id not in seen and m.seq == newest[m.device]]
    # Marks that claim to have seen each other in a circle are nobody's honest doing: then all of them stand.
    heads = sorted(heads or known.values(), key=lambda m: m.id)
    ids = tuple(m.id for m in heads)
    if len({m.state for m in heads}) > 1:
        return Standing("not_called", "", ids, tuple(heads))
    reason = next((m.reason for m in reversed(heads) if m.reason), "")
    return Standing(heads[0].state, reason, ids, ())


def why_not_mark(  # noqa: PLR0911  one return a reason
    state: str, *, base: str, closed: bool, late_reason: str, may: str, own_group: bool, may_change_late: bool
) -> Say | None:
    """Why a mark can't be taken, as a Vietnamese sentence for the person who tapped, or None.

    ``may`` is Reader.may_mark's answer; ``own_group`` whether the person marked is in the marker's own group.
    """
    if may == "look":
        return say("Đồng chí không được giao điểm danh ở chi bộ này.")
    if may == "group" and not own_group:
        return say("Tổ trưởng chỉ điểm danh tổ của mình.")
    if state not in STATES:
        return say("Trạng thái điểm danh không hợp lệ.")
    if state == "exempt" and base != "exempt":
        return say("Đồng chí này không thuộc diện miễn sinh hoạt vào ngày họp.")
    if state == "not_called" and base == "exempt":
        return say("Đồng chí này được miễn sinh hoạt, không ghi là chưa gọi.")
    if closed and not may_change_late:
        return say("Điểm danh đã khóa. Chỉ bí thư hoặc phó bí thư được sửa, có ghi lý do.")
    if closed and not late_reason.strip():
        return say("Điểm danh đã khóa. Muốn sửa phải ghi lý do.")
    return None


def why_not_close(summary: Mapping[str, int], *, conflicts: int, rest_absent: bool) -> Say | None:
    """Why a roll can't be closed yet, or None. Those not called must be decided, not guessed."""
    if conflicts:
        return say(
            "Còn {n} đồng chí ghi khác nhau. Xin chọn một kết quả cho từng người trước khi khóa.", n=conflicts
        )
    if summary["not_called"] and not rest_absent:
        return say(
            "Còn {n} đồng chí chưa gọi. Điểm danh nốt, hoặc chọn ghi là vắng không lý do.",
            n=summary["not_called"],
        )
    return None


def summarise(counts: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """Counts of (state, base, number) as the summary that every page shows.

    base of the rate = those expected + exempt members who came all the same; attending = present + late.
    (Rate of attendance: members less the exempt, guideline 42-HD/BTCTW as used by its score sheets.)
    """
    summary = dict.fromkeys((*STATES, "attending", "base", "exempt_attending"), 0)
    for state, base, number in counts:
        summary[state] += number
        came = number if state in ATTENDING else 0
        summary["attending"] += came
        summary["base"] += number if base == "expected" else came
        summary["exempt_attending"] += came if base == "exempt" else 0
    return summary


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one member of a cell, with dates as they are written down; ``to`` dates are inclusive."""

    no: int
    member: UUID
    name: str
    sort_key: str
    group_number: int
    group_name: str
    official_on: date | None
    stays: Sequence[tuple[str, date, date | None]]
    exemptions: Sequence[tuple[str, date, date | None]]


@dataclass(frozen=True, slots=True)
class Expected:
    """A person on the roll of a day: ``base`` decides whether they count among those expected."""

    person: Person
    base: str
    exempt_kind: str
    probationary: bool


def roll_of(day: date, people: Iterable[Person]) -> list[Expected]:
    """Who is on the roll of a cell on ``day``, by group and name.

    Belongs that day (permanent, or here for a time); who is transferred out for a time is not on the list; who is
    exempt that day is, but isn't expected; who has no official date by then is probationary.
    """
    roll = []
    for person in people:
        kinds = {kind for kind, start, end in person.stays if _covers(day, start, end)}
        if not kinds & {"permanent", "temporary_in"} or "temporary_out" in kinds:
            continue
        exempt = [kind for kind, start, end in person.exemptions if _covers(day, start, end)]
        roll.append(
            Expected(
                person,
                base="exempt" if exempt else "expected",
                exempt_kind=exempt[0] if exempt else "",
                probationary=person.official_on is None or person.official_on > day,
            )
        )
    return sorted(roll, key=lambda e: (e.person.group_number, e.person.sort_key, e.person.no))


def _covers(day: date, start: date, end: date | None) -> bool:
    return start <= day and (end is None or day <= end)
