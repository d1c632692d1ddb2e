"""From the verdicts on a list's rows to what will be stored of them. Pure.

Dates that the data needs whole are taken at their latest possible day, so that nobody counts as official too early.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from server.cells.rules import cell_order, full_name, group_key, kind_of, short_body
from server.members.sheet_cells import KnownCells
from server.members.sheet_dated import PROBATION_MONTHS
from server.members.sheet_dates import add_months
from server.members.sheet_shown import one_line, shown_cells
from server.members.sheet_types import ExemptionLine, Fault, MemberRow, Row, Sheet
from server.members.sheet_values import seats as seats_of
from server.names import fold, sort_key
from server.words import Refused, say

NEW_CELLS_LIMIT = 500
_LONGEST_CELL = 120
_LONGEST_TEXT = 120
_SEXES = {"Nam": "male", "Nữ": "female"}


@dataclass(frozen=True)
class Options:
    """How a list is to be read: the day it was made, the cell of rows that name none, whether cells that do not
    exist are made from it; ``own`` is the committee's unit and name, which lists may name as the body above.
    """

    as_of: date
    known_cells: tuple[str, ...] = ()
    only_cell: str | None = None
    create: bool = False
    own: str = ""

    @property
    def readable_cells(self) -> Collection[str] | None:
        """What the reader may take for a cell: with or without the body that follows a cell's name."""
        if self.create:
            return None
        return {*self.known_cells, *(name.rpartition(", ")[0] or name for name in self.known_cells)}


@dataclass
class Prepared:
    """A list ready to be kept: its rows as JSON values, the cells it would make, what to tell about the file."""

    rows: list[dict[str, Any]]
    new_cells: list[dict[str, str]]
    tally: dict[str, int]
    notes: list[list[Any]]
    unread: list[str]


def prepare(sheet: Sheet, options: Options) -> Prepared:
    """Each row that names a person with its verdict and what would be stored. Raises Refused(file=…, create=…)."""
    cells = CellFinder(sheet.members, options)
    extras = _Extras.of(sheet)
    rows = [_row(row, cells, extras, sheet, options) for row in sheet.rows if row.verdict != "skip"]
    if not rows:
        raise Refused(file=say("Tệp không có dòng đảng viên nào. Đồng chí xem lại trang tính đã chọn."))
    tally = Counter(row["verdict"] for row in rows)
    return Prepared(
        rows, cells.new, {name: tally[name] for name in ("accept", "accept_with_warning", "reject")},
        [_fault(note) for note in sheet.notes], [clean(heading)[:80] for heading in sheet.unread][:40],
    )  # fmt: skip


class CellFinder:
    """The cell that a row means, among those there are; where asked, a new one for a name that is not known."""

    def __init__(self, members: Collection[MemberRow], options: Options) -> None:
        self._options = options
        self._known = KnownCells(options.known_cells)
        bodies = Counter(cell for _, cell in {(m.organisation, fold(m.cell)) for m in members})
        self._shared = {cell for cell, number in bodies.items() if number > 1}
        self._found: dict[tuple[str | None, str], str | None] = {}
        self._made = KnownCells(())
        self.new: list[dict[str, str]] = []

    def find(self, organisation: str | None, cell: str) -> str | None:
        """The cell's own name, or None where there is no such cell and none may be made."""
        key = (organisation, cell)
        if key not in self._found:
            self._found[key] = self._look(organisation, cell)
        return self._found[key]

    def _look(self, organisation: str | None, cell: str) -> str | None:
        body = short_body(clean(organisation or ""), own=self._options.own)
        name = full_name(clean(cell), body)
        known = self._known.find(name) or self._made.find(name)
        if known is None and fold(cell) not in self._shared:
            known = self._known.find(cell)
        if known is None and self._options.create and len(name) <= _LONGEST_CELL:
            return self._make(name, body)
        return known

    def _make(self, name: str, body: str) -> str:
        if len(self.new) >= NEW_CELLS_LIMIT:
            raise Refused(
                create=say(
                    "Danh sách nêu hơn {n} chi bộ chưa có. Đồng chí xem lại cột chi bộ.", n=NEW_CELLS_LIMIT
                )
            )
        self.new.append({"name": name, "sort_key": cell_order(name, body), "kind": kind_of(name)})
        self._made = KnownCells([cell["name"] for cell in self.new])
        return name


@dataclass
class _Extras:
    """What the other sheets of the file say, by the row of the member list."""

    exemptions: dict[int, list[ExemptionLine]] = field(default_factory=lambda: defaultdict(list))
    seats: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    leaders: set[tuple[str, str]] = field(default_factory=set)
    secretaries: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, sheet: Sheet) -> _Extras:
        found = cls()
        for line in sheet.extras.exemptions:
            if line.member_row is not None:
                found.exemptions[line.member_row].append(line)
        for post in sheet.extras.committee:
            if post.member_row is not None:
                found.seats[post.member_row] += seats_of(", ".join(post.posts))
        found.leaders = {(group_key(g.name), sort_key(g.leader)) for g in sheet.extras.groups if g.leader}
        return found

    def seats_in(self, row: int, member: MemberRow, cell: str) -> list[str]:
        """All seats that the file gives a member; a cell has one secretary, the first who is named."""
        seats = [*member.seats, *self.seats[row]]
        if member.group and (group_key(member.group), sort_key(member.name)) in self.leaders:
            seats.append("group_leader")
        if "secretary" in seats and cell in self.secretaries:
            seats = [seat for seat in seats if seat != "secretary"]
        elif "secretary" in seats:
            self.secretaries.add(cell)
        return [*dict.fromkeys(seats)]


def _row(row: Row, cells: CellFinder, extras: _Extras, sheet: Sheet, options: Options) -> dict[str, Any]:
    cell = cells.find(row.value.organisation, row.value.cell) if row.value else None
    if row.value and cell:
        codes, verdict = [*row.warnings], row.verdict
        value = _value(row.row, row.value, cell, extras, options.as_of)
        faults = list(row.codes)
    else:
        verdict, value = "reject", {"name": clean(one_line(row.raw.get("name", "")))}
        unknown = Fault(
            "unknown_cell", sheet.columns.get("cell") or "Chi bộ", row.value.cell if row.value else ""
        )
        codes, faults = ([*row.rejects], list(row.codes)) if row.rejects else (["unknown_cell"], [unknown])
    value["faults"] = [_fault(fault) for fault in faults]
    value["cells"] = {
        role: {**told, "raw": clean(told["raw"])}
        for role, told in shown_cells(row.raw, faults, value if cell else {}, sheet.columns).items()
    }
    return {"row": row.row, "verdict": verdict, "codes": codes, "of_row": row.of_row, "value": value}


def _value(row: int, member: MemberRow, cell: str, extras: _Extras, as_of: date) -> dict[str, Any]:
    active = member.status not in ("left", "deceased")
    group = clean(member.group)[:_LONGEST_TEXT] if member.group else None
    return {
        "name": clean(member.name), "sort_key": sort_key(member.name), "folded": fold(member.name),
        "sex": _SEXES.get(member.sex or "", ""), "born": member.born_on, "admitted": member.admitted_on,
        "official_on": _iso(official_on(member, as_of)), "card_number": member.card_number, "phone": member.phone,
        "post": clean(member.post or "")[:_LONGEST_TEXT], "cell": cell, "active": active,
        "status": "away" if member.exempt_kind == "away_work" else member.status,
        "group": group, "group_key": group_key(group) if group else None,
        "exemptions": exemptions(member, extras.exemptions[row], as_of) if active else [],
        "seats": extras.seats_in(row, member, cell) if active else [],
    }  # fmt: skip


def official_on(member: MemberRow, as_of: date) -> date | None:
    """The day from which a member is official; None while on probation.

    A list may call somebody official (or exempt) and give no date: then the end of the twelve months of probation
    counts (Party statutes, article 5), as long as it has passed.
    """
    if member.official_on:
        return latest(member.official_on)
    if member.status == "probationary" or not member.admitted_on:
        return None
    due = add_months(latest(member.admitted_on), PROBATION_MONTHS)
    return due if due <= as_of else as_of if member.status == "official" else None


def exemptions(member: MemberRow, lines: Collection[ExemptionLine], as_of: date) -> list[dict[str, Any]]:
    """A member's exemptions: those with dates from a sheet of their own, else the status from ``as_of`` on."""
    told = [
        {"kind": line.kind, "from_on": _iso(start), "to_on": _iso(end), "keeper_row": line.keeper_row}
        for line in lines
        if (start := earliest(line.from_on) if line.from_on else as_of)
        <= (end := latest(line.to_on) if line.to_on else date.max)
    ]
    if not told and member.exempt_kind:
        told = [{"kind": member.exempt_kind, "from_on": as_of.isoformat(), "to_on": None, "keeper_row": None}]
    return told


def earliest(text: str) -> date:
    """The first day that a partial ISO date can mean."""
    year, month, day = ([int(part) for part in text.split("-")] + [1, 1])[:3]
    return date(year, month, day)


def latest(text: str) -> date:
    """The last day that a partial ISO date can mean."""
    parts = text.split("-")
    if len(parts) == 3:
        return date.fromisoformat(text)
    first = date(int(parts[0]), int(parts[1]) if len(parts) == 2 else 12, 1)
    return date.fromordinal(add_months(first, 1).toordinal() - 1)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day and day != date.max else None


def _fault(fault: Fault) -> list[Any]:
    return [fault.code, clean(fault.column)[:80], clean(fault.shown)[:120], fault.of_row]


def clean(text: str) -> str:
    """Text that JSON in PostgreSQL takes: no NUL, no half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
