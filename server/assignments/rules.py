"""Which moves an assignment knows, when each is possible, and whose it is. Pure; every no has a reason for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from server.assignments.fold import LIVE, Standing
from server.words import Say, say

AREAS = {
    "party_building": say("Xây dựng Đảng"),
    "economy": say("Kinh tế"),
    "security": say("Quốc phòng, an ninh"),
    "mass_organisations": say("Mặt trận, đoàn thể"),
    "culture_environment": say("Văn hóa, xã hội, môi trường"),
    "propaganda": say("Tuyên truyền, vận động"),
    "other": say("Việc khác"),
}
STATES = {
    "open": say("Đang làm"),
    "reported": say("Đã báo xong"),
    "done": say("Hoàn thành"),
    "not_done": say("Không hoàn thành"),
    "cancelled": say("Đã hủy"),
}
RESULTS = {
    "better": say("Tốt hơn yêu cầu"),
    "on_time": say("Đúng hạn"),
    "late": say("Chậm hạn"),
}
REGISTER_WORDS = {
    "who": say("Người làm"),
    "what": say("Nội dung"),
    "due": say("Hạn"),
    "state": say("Tình trạng"),
    "asked": say("Xin thêm thời gian"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """How it is called, what it may follow (states; empty: nothing was there), whether a word must be said with it,
    and whether it is the assignee's own to say.
    """

    word: Say
    of: frozenset[str]
    note: bool = False
    own: bool = False


_ENDED = frozenset({"done", "not_done"})
_OPEN, _ANY = frozenset({"open"}), frozenset(STATES)
MOVES = {
    "given": Move(say("Giao việc"), frozenset()),
    "progress": Move(say("Báo tiến độ"), LIVE, note=True, own=True),
    "reported": Move(say("Báo xong"), _OPEN, own=True),
    "taken_back": Move(say("Rút lại báo xong"), frozenset({"reported"}), own=True),
    "asked_time": Move(say("Xin thêm thời gian"), _OPEN, note=True, own=True),
    "time_given": Move(say("Cho thêm thời gian"), LIVE),
    "time_refused": Move(say("Không cho thêm thời gian"), LIVE, note=True),
    "accepted": Move(say("Nhận kết quả"), LIVE),
    "not_done": Move(say("Ghi không hoàn thành"), LIVE, note=True),
    "returned": Move(say("Trả lại"), _ENDED | {"reported"}, note=True),
    "reassigned": Move(say("Đổi người"), LIVE, note=True),
    "rescheduled": Move(say("Đổi hạn"), LIVE, note=True),
    "reworded": Move(say("Sửa nội dung"), LIVE, note=True),
    "carried": Move(say("Chuyển sang kỳ sau"), LIVE),
    "cancelled": Move(say("Hủy việc"), LIVE, note=True),
    "restored": Move(say("Khôi phục"), frozenset({"cancelled"}), note=True),
    "settled": Move(say("Chọn một ý kiến"), _ANY),
}
_RECORDER = frozenset({"given", "carried", "progress", "reported", "asked_time"})
_OWN = frozenset(kind for kind, move in MOVES.items() if move.own)

SHORTEST_TEXT, LONGEST_TEXT, LONGEST_CHECK = 3, 500, 200  # characters
UNREADABLE = say("Nội dung có ký tự không đọc được, xin ghi lại.")
NOT_HERE = say("Không tìm thấy việc này, hoặc việc không thuộc quyền xem của đồng chí.")


class Asker(Protocol):
    """What these rules need to know of a reader."""

    @property
    def whole_committee(self) -> bool:
        """Whether they work for the committee's office."""

    def in_cell(self, cell: UUID, /, *roles: str) -> bool:
        """Whether they have one of these roles in the cell."""

    def group_in(self, cell: UUID, /) -> int | None:
        """The number of the group that they lead in the cell."""

    def members(self) -> frozenset[UUID]:
        """The members that they are."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a person is towards one assignment."""

    manages: bool = False
    records: bool = False
    leads: bool = False
    own: bool = False

    @property
    def any(self) -> bool:
        """Whether this person sees the assignment whatever the cell has set."""
        return self.manages or self.records or self.leads or self.own


def part_of(by: Asker, cell: UUID, *, member: UUID | None, group: int | None) -> Part:
    """What somebody is towards an assignment of a cell; ``group``: the number of the member's group there today."""
    return Part(
        manages=may_manage(by, cell),
        records=by.in_cell(cell, "recorder"),
        leads=group is not None and by.group_in(cell) == group,
        own=member is not None and member in by.members(),
    )


def may_manage(by: Asker, cell: UUID) -> bool:
    """Whether somebody decides about the work of a cell."""
    return by.whole_committee or by.in_cell(cell, "secretary", "deputy")


def may_give(by: Asker, cell: UUID) -> bool:
    """Whether somebody may give work in a cell."""
    return may_manage(by, cell) or by.in_cell(cell, "recorder")


def allowed(part: Part) -> frozenset[str]:
    """The kinds of change that somebody may make, whatever the state."""
    if part.manages:
        return frozenset(MOVES)
    kinds = _RECORDER if part.records else frozenset[str]()
    return kinds | _OWN if part.leads or part.own else kinds


def on_behalf(kind: str, part: Part) -> bool:
    """Whether somebody says what is the assignee's to say."""
    return kind in _OWN and not part.own


def moves(standing: Standing, part: Part) -> list[str]:
    """What somebody may do with an assignment as it stands, in the order of MOVES."""
    may = allowed(part)
    return [
        kind for kind in MOVES
        if kind in may and kind != "given" and why_not_move(kind, standing) is None
    ]  # fmt: skip


def why_not_move(kind: str, standing: Standing) -> Say | None:  # noqa: PLR0911  one return a reason
    """Why an assignment that stands so can't take this kind of change, or None."""
    move = MOVES.get(kind)
    if move is None or kind == "given":
        return say("Thao tác không hợp lệ.")
    if kind == "settled":
        return None if standing.rivals else say("Việc này không còn ý kiến nào khác nhau.")
    if standing.state not in move.of:
        return say(
            "Việc đang ở tình trạng “{state}” nên không làm được thao tác này.", state=STATES[standing.state]
        )
    if _touched(kind) & set(standing.rivals):
        return say("Việc này đang có ý kiến khác nhau. Xin bí thư hoặc phó bí thư chọn một ý kiến trước.")
    if kind in ("time_given", "time_refused") and standing.asked is None and "asked" not in standing.rivals:
        return say("Không có lời xin thêm thời gian nào đang chờ.")
    if kind == "asked_time" and standing.due is None:
        return say("Việc này làm thường xuyên, không có hạn để xin thêm.")
    return None


def _touched(kind: str) -> set[str]:
    """The registers that a kind decides; an answer to who asks for time decides nothing by being put aside."""
    return {
        "time_given": {"due"}, "time_refused": {"due"}, "rescheduled": {"due"}, "carried": {"due", "state"},
        "reassigned": {"who", "state"}, "reworded": {"what"}, "progress": set(), "asked_time": {"due"},
    }.get(kind, {"state"})  # fmt: skip


def why_not_words(text: str, area: str, check_by: str) -> dict[str, Say]:
    """What is wrong with what work says, at its field (text, area, check_by); empty where nothing is."""
    found = {}
    if unreadable(text):
        found["text"] = UNREADABLE
    elif not SHORTEST_TEXT <= len(text.strip()) <= LONGEST_TEXT:
        found["text"] = say(
            "Xin ghi nội dung việc, từ {least} đến {most} ký tự.", least=SHORTEST_TEXT, most=LONGEST_TEXT
        )
    if area not in AREAS:
        found["area"] = say("Xin chọn một lĩnh vực trong danh sách.")
    if unreadable(check_by):
        found["check_by"] = UNREADABLE
    elif len(check_by.strip()) > LONGEST_CHECK:
        found["check_by"] = say("Cách kiểm tra dài quá {n} ký tự.", n=LONGEST_CHECK)
    return found


def unreadable(text: str) -> bool:
    """Whether a text has what no table can hold: NUL, or half of a sign."""
    return any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
