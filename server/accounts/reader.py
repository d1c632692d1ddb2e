"""The person who is asking, and the plain questions that rights are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.words import say

# Roles that belong to one cell; a group leader to one group of it.
CELL_ROLES = ("secretary", "deputy", "recorder", "group_leader", "member")
COMMITTEE_ROLES = ("committee_administrator", "office")
# Somebody of the province whom a committee lets look for a time: sees what the office sees, changes nothing.
SUPPORT = "support"
PROVINCE_ROLES = ("province_administrator", "province_viewer", "province_auditor")
# The whole deployment's figures; belongs to no province.
COUNTRY_VIEWER = "country_viewer"
ROLES = (COUNTRY_VIEWER, *PROVINCE_ROLES, *COMMITTEE_ROLES, SUPPORT, *CELL_ROLES)

ROLE_WORDS = {
    "country_viewer": say("Xem số liệu toàn quốc"),
    "province_administrator": say("Quản trị tỉnh"),
    "province_viewer": say("Xem số liệu tỉnh"),
    "province_auditor": say("Kiểm tra nhật ký tỉnh"),
    "support": say("Hỗ trợ của tỉnh"),
    "committee_administrator": say("Quản trị cấp ủy"),
    "office": say("Văn phòng cấp ủy"),
    "secretary": say("Bí thư chi bộ"),
    "deputy": say("Phó bí thư chi bộ"),
    "recorder": say("Thư ký cuộc họp"),
    "group_leader": say("Tổ trưởng tổ đảng"),
    "member": say("Đảng viên chi bộ"),
}


@dataclass(frozen=True)
class Grant:
    """One role: in a province, in the whole committee (cell None), in a cell, or in one group of it."""

    role: str
    cell: UUID | None = None
    group_number: int | None = None
    province: UUID | None = None
    cell_name: str = ""
    # Which member of the cell this account is; None where nobody has said so.
    member: UUID | None = None
    # When it ends by itself; None: it does not.
    until: datetime | None = None


@dataclass(frozen=True)
class Reader:
    """An account with the grants that count in the place that is being visited."""

    account_id: UUID
    name: str
    grants: tuple[Grant, ...] = field(default=())
    # The password was typed by somebody else: nothing but changing it is possible.
    must_change: bool = False
    # The place asks for a second factor, and this account has none yet: nothing but setting one up is possible.
    must_enrol: bool = False

    def has(self, *roles: str) -> bool:
        """Whether any grant here has one of these roles."""
        return any(g.role in roles for g in self.grants)

    @property
    def whole_committee(self) -> bool:
        """Whether this person works for the committee's office: sees every cell, and acts for it."""
        return self.has(*COMMITTEE_ROLES)

    @property
    def sees_all(self) -> bool:
        """Whether every cell is seen here: by the office, and by whom the committee lets look for a time.

        What a person *does*, takes away or is told of somebody's health is asked of ``whole_committee``.
        """
        return self.whole_committee or self.has(SUPPORT)

    @property
    def only_looks(self) -> bool:
        """Whether every grant here is one of support, which changes nothing."""
        return bool(self.grants) and all(g.role == SUPPORT for g in self.grants)

    def cells(self) -> frozenset[UUID]:
        """The cells of this person's cell roles."""
        return frozenset(g.cell for g in self.grants if g.cell is not None)

    def in_cell(self, cell: UUID, *roles: str) -> bool:
        """Whether this person has one of these roles in that very cell."""
        return any(g.cell == cell and g.role in roles for g in self.grants)

    def member_in(self, cell: UUID) -> UUID | None:
        """Which member this person is, by a role in that very cell."""
        return next((g.member for g in self.grants if g.cell == cell and g.member is not None), None)

    def members(self) -> frozenset[UUID]:
        """The members that this account is here: one person, seen from each of their cells."""
        return frozenset(g.member for g in self.grants if g.member is not None)

    def may_see_cell(self, cell: UUID) -> bool:
        """Office, administrators and support see all cells, others their own."""
        return self.sees_all or cell in self.cells()

    def may_know_why(self, cell: UUID) -> bool:
        """Why somebody is exempt or was away is often a matter of health: for who takes the roll and for the office."""
        return self.whole_committee or self.may_mark(cell) != "look"

    def may_open_roll(self, cell: UUID) -> bool:
        """Who leads or records the meeting opens its roll."""
        return self.in_cell(cell, "secretary", "deputy", "recorder")

    def may_close_roll(self, cell: UUID) -> bool:
        """The secretary or the deputy closes a roll, and alone may change it afterwards."""
        return self.in_cell(cell, "secretary", "deputy")

    def may_mark(self, cell: UUID) -> str:
        """``mark`` for everybody of the cell, ``group`` for the own group only, ``look`` for nobody."""
        if self.may_open_roll(cell):
            return "mark"
        return "group" if self.in_cell(cell, "group_leader") else "look"

    def group_in(self, cell: UUID) -> int | None:
        """The number of the group that this person leads in a cell."""
        return next(
            (g.group_number for g in self.grants if g.cell == cell and g.role == "group_leader"), None
        )

    @property
    def role_word(self) -> str:
        """The first role here in Vietnamese, for the head of the page."""
        return ROLE_WORDS[self.grants[0].role] if self.grants else ""
