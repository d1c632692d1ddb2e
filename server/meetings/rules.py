"""What may be planned and what may be called off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from server.words import Refused, say

KINDS = {
    "regular": say("Sinh hoạt thường kỳ"),
    "thematic": say("Sinh hoạt chuyên đề"),
    "extraordinary": say("Họp bất thường"),
}
# Far enough for last year's papers and next year's plan; beyond it a date is a slip of the finger.
_BACK, _AHEAD = timedelta(days=800), timedelta(days=400)


def check_plan(
    kind: str, day: date, place: str, *, today: date, cell_from: date, cell_to: date | None
) -> None:
    """Raises Refused(kind=…, day=…, place=…) with every fault of a planned meeting at its field."""
    faults = {}
    if kind not in KINDS:
        faults["kind"] = say("Xin chọn một loại kỳ họp trong danh sách.")
    if not today - _BACK <= day <= today + _AHEAD:
        faults["day"] = say("Ngày họp quá xa hôm nay, xin xem lại ngày và năm.")
    elif day < cell_from or (cell_to is not None and day > cell_to):
        faults["day"] = say("Chi bộ chưa thành lập hoặc đã kết thúc vào ngày này.")
    if len(place) > 200:
        faults["place"] = say("Địa điểm dài quá 200 ký tự.")
    if faults:
        raise Refused(**faults)


def check_may_plan(allowed: bool) -> None:
    """Raises Refused(meeting=…) for people who neither lead the cell nor work for the committee's office."""
    if not allowed:
        raise Refused(meeting=say("Chỉ bí thư, phó bí thư, thư ký hoặc văn phòng cấp ủy được sửa lịch họp."))


def check_people(chair: UUID | None, recorder: UUID | None, *, here: Collection[UUID]) -> None:
    """Raises Refused(chair=…, recorder=…) for whoever is not among those ``here``, in the cell on the meeting's day."""
    named = {"chair": chair, "recorder": recorder}
    absent = say("Đồng chí này không sinh hoạt ở chi bộ vào ngày họp. Xin chọn đồng chí khác.")
    if faults := {role: absent for role, member in named.items() if member and member not in here}:
        raise Refused(**faults)


def check_may_name(*, closed: bool) -> None:
    """Raises Refused(meeting=…) once the roll is closed: who chaired is part of what was then put down."""
    if closed:
        raise Refused(meeting=say("Điểm danh đã khóa nên không đổi chủ trì, thư ký được nữa."))


def check_call_off(reason: str, *, opened: bool) -> None:
    """Raises Refused(reason=…) where a meeting can't be said not to have been held."""
    if opened:
        raise Refused(reason=say("Kỳ họp này đã mở điểm danh nên không thể ghi là không họp."))
    if not reason.strip():
        raise Refused(reason=say("Xin ghi lý do không họp, ví dụ: bão, nghỉ Tết."))
    if len(reason) > 200:
        raise Refused(reason=say("Lý do dài quá 200 ký tự."))


def reported(state: str, *, roll_closed: bool, day: date, today: date) -> str:
    """How a meeting stands for the office: held | open | planned | not_held | not_reported.

    A planned meeting whose day has passed with no closed roll has not been reported; that is not "not held".
    """
    if state in ("held", "not_held"):
        return state
    return "not_reported" if day < today and not roll_closed else "planned"
