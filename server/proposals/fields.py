"""The values that are proposed from minutes: their names, their types, and the order in which people see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from server.paper.shapes import Box
from server.words import Say, say

PROPOSED_FROM = 50  # of 100: what is less sure is not proposed, because a wrong guess is worse than none

Type = Literal["date", "time", "kind", "text", "count", "rate", "person", "state"]

FIELDS: dict[str, tuple[Say, Type]] = {
    "meeting_date": (say("Ngày họp"), "date"),
    "kind": (say("Loại sinh hoạt"), "kind"),
    "number": (say("Số biên bản"), "text"),
    "resolution_number": (say("Số nghị quyết"), "text"),
    "started_at": (say("Giờ bắt đầu"), "time"),
    "ended_at": (say("Giờ kết thúc"), "time"),
    "chair": (say("Chủ trì"), "person"),
    "secretary": (say("Thư ký"), "person"),
    "members_total": (say("Tổng số đảng viên"), "count"),
    "official": (say("Đảng viên chính thức"), "count"),
    "probationary": (say("Đảng viên dự bị"), "count"),
    "exempt": (say("Được miễn sinh hoạt"), "count"),
    "expected": (say("Phải có mặt"), "count"),
    "present": (say("Có mặt"), "count"),
    "attendance_rate": (say("Tỷ lệ có mặt (%)"), "rate"),
    "absent_excused": (say("Vắng có lý do"), "count"),
    "absent_unexcused": (say("Vắng không lý do"), "count"),
    "absence.name": (say("Người vắng"), "person"),
    "absence.reason": (say("Lý do vắng"), "text"),
    "absence.state": (say("Có lý do hay không"), "state"),
    "vote.subject": (say("Nội dung biểu quyết"), "text"),
    "vote.in_favour": (say("Tán thành"), "count"),
    "vote.out_of": (say("Trên tổng số"), "count"),
    "vote.against": (say("Không tán thành"), "count"),
    "vote.no_opinion": (say("Không có ý kiến"), "count"),
    "assignment.name": (say("Người được giao"), "person"),
    "assignment.task": (say("Việc được giao"), "text"),
    "assignment.due": (say("Thời hạn"), "date"),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that the paper seems to say. ``value`` is canonical: a date as ``2026-10-03`` (``""`` for a due time that
    is no day), a time as ``19:00``, a rate in percent as ``91.67``, a kind as ``regular | thematic |
    regular+thematic | extraordinary``, a state as in the roll call. ``printed`` is what was read. ``page`` counts the
    pages of the document from 0, ``box`` is in pixels of that page, None if the value has no place of its own. ``sure``
    runs to 100; ``of`` counts votes, assignments and absences from 0.
    """

    name: str
    value: str | int
    printed: str
    page: int
    box: Box | None
    sure: int
    of: int = 0
