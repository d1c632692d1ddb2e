"""What reading a member list gives: rows with verdicts, and what else the sheets of the file say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

Verdict = Literal["accept", "accept_with_warning", "reject", "skip"]
Why = Literal["title", "header", "column_numbers", "section", "blank", "totals", "footer"]


class Formula(str):
    """The text of a spreadsheet formula; it is never computed."""

    __slots__ = ()


CellValue = str | int | float | bool | datetime | date | time | timedelta | None
Cells = Sequence[CellValue]


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How much of a file is read: bytes as sent, bytes unpacked, filled rows, columns, sheets, letters in a
    cell.
    """

    size: int = 10_000_000
    unpacked: int = 48_000_000
    rows: int = 20_000
    columns: int = 100
    sheets: int = 40
    letters: int = 500


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet as a table of cells; `hidden` are the indexes of its hidden columns."""

    title: str
    rows: list[Cells]
    hidden: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing to tell the user: its code, the heading of the column it is in, what stands there, a row it is
    about.
    """

    code: str
    column: str = ""
    shown: str = ""
    of_row: int | None = None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """
    A member as the row should be stored. Dates are ISO text and may be partial (`1957`, `1978-05`).

    `status`: official, probationary, exempt, left, deceased. `exempt_kind`: age_health, away_work, None.
    `seats` are read from `post`: secretary, deputy_secretary, committee_member, group_leader.
    """

    name: str
    sex: str | None
    born_on: str | None
    card_number: str | None
    admitted_on: str | None
    official_on: str | None
    cell: str
    group: str | None
    post: str | None
    phone: str | None
    status: str
    note: str | None
    organisation: str | None = None
    exempt_kind: str | None = None
    seats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """
    One sheet row (numbered as in the spreadsheet, from 1) and what is to become of it; `raw`: role -> text as it
    stood there, of the roles that a person is shown.
    """

    row: int
    verdict: Verdict
    why: Why | None = None
    rejects: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    of_row: int | None = None
    value: MemberRow | None = None
    codes: tuple[Fault, ...] = ()
    raw: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A party group: its name, leader, and how many members the sheet says it has."""

    name: str
    leader: str | None
    members: int | None


@dataclass(frozen=True, slots=True)
class PostLine:
    """
    A member of the cell's committee with the posts as written; `member_row` is the row of the list, if one
    fits.
    """

    name: str
    posts: tuple[str, ...]
    member_row: int | None


@dataclass(frozen=True, slots=True)
class ExemptionLine:
    """An exemption: kind age_health or away_work, from and to as ISO text, who stays in touch; rows of the list."""

    row: int
    name: str
    group: str | None
    kind: str
    from_on: str | None
    to_on: str | None
    keeper: str | None
    place: str | None
    paper: str | None
    member_row: int | None
    keeper_row: int | None


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """A cell or a body of cells from a register in the file, with the counts that it states."""

    name: str
    parent: str | None
    kind: str | None
    cells: int | None
    members: int | None


@dataclass(frozen=True, slots=True)
class TurnLine:
    """Who prepares what in a month of the year (a yearly rota)."""

    month: int
    name: str


@dataclass(slots=True)
class Extras:
    """What other sheets of the same file say."""

    groups: list[GroupLine] = field(default_factory=list)
    committee: list[PostLine] = field(default_factory=list)
    exemptions: list[ExemptionLine] = field(default_factory=list)
    organisations: list[OrganisationLine] = field(default_factory=list)
    rota: list[TurnLine] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """A member list that was read. `columns`: role -> heading found; `unread`: headings (never values) left out."""

    sheet_name: str
    rows: list[Row]
    columns: dict[str, str]
    unread: tuple[str, ...]
    notes: tuple[Fault, ...]
    extras: Extras

    @property
    def tally(self) -> dict[str, int]:
        """{verdict: rows}."""
        counted = Counter(row.verdict for row in self.rows)
        return {verdict: counted[verdict] for verdict in ("accept", "accept_with_warning", "reject", "skip")}

    @property
    def tally_by_code(self) -> dict[str, int]:
        """{code of a warning or rejection: rows that have it}."""
        return dict(Counter(code for row in self.rows for code in (*row.rejects, *row.warnings)))

    @property
    def members(self) -> list[MemberRow]:
        """The values of all accepted rows, in the order of the list."""
        return [row.value for row in self.rows if row.value is not None]
