"""One member row judged: what is stored, what is doubtful, what cannot be taken, and whom it repeats."""

import re
from dataclasses import dataclass, field
from datetime import date

from server.members.legacy_text import to_unicode
from server.members.sheet_cells import KnownCells
from server.members.sheet_columns import Header
from server.members.sheet_dated import PROBATION_MONTHS, Dates, judge_dates
from server.members.sheet_dates import add_months
from server.members.sheet_shown import ROLES, as_written
from server.members.sheet_twins import Twins
from server.members.sheet_types import Cells, CellValue, Fault, Formula, MemberRow, Row, Verdict
from server.members.sheet_values import (
    Found,
    card,
    looks_computed,
    name_fixes,
    note,
    phone,
    plain,
    seats,
    sex,
    status,
    whole_name,
)

_LONGEST_NAME = 80
# Letters with their marks, joined by blanks, apostrophes, hyphens; a number or bracket may tell namesakes
# apart.
_NAME = re.compile(r"[^\W\d_](?:[^\W_]|[\u0300-\u036f]|[ '’‘.,()\-])*")
_NOT_IN_NAMES = re.compile(r"[\u00a1-\u00bf×÷ÿþßøåæ]|&")
# Cards with 12 digits came with 38-HD/BTCTW (2025); on a list of an earlier day 8 digits are nothing to
# remark.
_TWELVE_DIGITS_FROM = date(2025, 1, 1)
_CONVERTED = ("name", "family", "given", "cell", "organisation", "group", "post", "status", "note")
_TEXTS = ("organisation", "group", "post", "note")


@dataclass(slots=True)
class _Case:
    """A row while it is being judged."""

    cells: dict[str, CellValue]
    rejects: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    fixes: set[str] = field(default_factory=set)


class Judge:
    """Judges the rows of one list in order, and remembers those accepted so that it sees repetitions."""

    def __init__(
        self,
        header: Header,
        as_of: date,
        known: KnownCells,
        only_cell: str | None,
        titled: str | None,
        letters: int,
    ) -> None:
        self._header = header
        self._headings = {role: header.column(role) for role in header.columns}
        if {"born_male", "born_female"} & header.columns.keys():
            self._headings.setdefault(
                "born", self._headings.get("born_male") or self._headings["born_female"]
            )
        self._as_of = as_of
        self._known = known
        self._only_cell = only_cell
        self._titled = titled
        self._letters = letters
        self._twins = Twins()

    def row(self, number: int, cells: Cells, section_cell: str | None) -> Row:
        """The verdict on sheet row `number` (from 1)."""
        case = _Case(self._by_role(cells))
        name = self._name(case)
        dates = judge_dates(case.cells, self._headings, self._as_of)
        case.rejects += dates.rejects
        case.warnings += dates.warnings
        case.fixes |= dates.fixes
        value = self._value(case, name, dates, section_cell)
        twin = None if case.rejects else self._twins.find(value, dates.born, self._headings.get("card", ""))
        if twin:
            (case.rejects if twin.rejects else case.warnings).append(twin.fault)
        if not case.rejects:
            self._twins.remember(number, value)
        return _row(number, case, value, twin.fault.of_row if twin else None)

    def _by_role(self, cells: Cells) -> dict[str, CellValue]:
        by_role = {role: cells[i] for role, i in self._header.columns.items() if i < len(cells)}
        for role, person in (("born_male", "Nam"), ("born_female", "Nữ")):
            if plain(by_role.get(role)):
                by_role["born"] = by_role[role]
                by_role.setdefault("sex", person)
        if plain(by_role.get("female")):
            by_role.setdefault("sex", "Nữ")
        if "name" not in by_role:
            parts = [by_role.get("family"), by_role.get("given")]
            computed = next((part for part in parts if looks_computed(part)), None)
            by_role["name"] = computed or " ".join(str(part) for part in parts if part is not None)
        return by_role

    def _name(self, case: _Case) -> str:
        raw = case.cells.get("name")
        name, _ = whole_name(raw)
        column = self._headings.get("name") or self._headings.get("family", "")
        if code := _name_refusal(raw, name):
            case.rejects.append(
                Fault(code, column, "" if code == "name_missing" else plain(raw)[:_LONGEST_NAME])
            )
        converted = [
            role for role in _CONVERTED if to_unicode(str(case.cells.get(role) or "")[: self._letters])[1]
        ]
        if converted:
            shown = name if "name" in converted else plain(case.cells[converted[0]], self._letters)
            case.warnings.append(Fault("legacy_encoding", self._headings.get(converted[0], column), shown))
        elif name and isinstance(raw, str):
            case.fixes.update(name_fixes(raw, name))
        return name

    def _value(self, case: _Case, name: str, dates: Dates, section_cell: str | None) -> MemberRow:
        texts = {role: self._take(case, role, note(case.cells.get(role), self._letters)) for role in _TEXTS}
        number = self._card(case)
        standing, exempt_kind = self._status(case, dates)
        unusable = any(fault.code == "card_unusable" for fault in case.warnings)
        if standing == "official" and "card" in self._headings and not number and not unusable:
            case.warnings.append(Fault("card_missing", self._headings["card"]))
        return MemberRow(
            name=name,
            sex=sex(case.cells.get("sex")),
            born_on=dates.born.iso if dates.born else None,
            card_number=number,
            admitted_on=dates.admitted.iso if dates.admitted else None,
            official_on=dates.official.iso if dates.official else None,
            cell=self._cell(case, section_cell),
            group=texts["group"],
            post=texts["post"],
            phone=self._take(case, "phone", phone(case.cells.get("phone"))),
            status=standing,
            note=texts["note"],
            organisation=texts["organisation"],
            exempt_kind=exempt_kind,
            seats=seats(texts["post"]),
        )

    def _take(self, case: _Case, role: str, found: Found) -> str | None:
        for code in (found.code, found.more):
            if code:
                shown = (
                    found.value if code.startswith("card_") and found.value else plain(case.cells.get(role))
                )
                case.warnings.append(Fault(code, self._headings.get(role, ""), (shown or "")[:_LONGEST_NAME]))
        if found.fix:
            case.fixes.add(found.fix)
        return found.value

    def _card(self, case: _Case) -> str | None:
        raw = case.cells.get("card")
        if isinstance(raw, Formula) or (looks_computed(raw) and plain(raw).strip("-")):
            case.rejects.append(Fault("formula", self._headings.get("card", ""), plain(raw)[:_LONGEST_NAME]))
            return None
        found = card(raw)
        if found.code == "card_old_form" and self._as_of < _TWELVE_DIGITS_FROM:
            found = Found(found.value, None, found.fix)
        return self._take(case, "card", found)

    def _status(self, case: _Case, dates: Dates) -> tuple[str, str | None]:
        """(status, exempt kind): what the word says, unless the dates say otherwise; the dates are believed."""
        shown = plain(case.cells.get("status"))[:_LONGEST_NAME]
        said = status(shown) if shown else None
        column = self._headings.get("status", "")
        if shown and said is None:
            case.warnings.append(Fault("status_unknown", column, shown))
        if said in ("left", "deceased"):
            case.warnings.append(Fault("not_active", column, shown))
            return said, None
        if dates.official:
            standing = "official"
            if said == "probationary":
                case.warnings.append(Fault("status_disagrees", column, shown))
        else:
            standing = self._without_official_date(
                case, dates, said, Fault("status_disagrees", column, shown)
            )
        kind = {"exempt": "age_health", "away": "away_work"}.get(said or "")
        return ("exempt", kind) if kind else (standing, None)

    def _without_official_date(self, case: _Case, dates: Dates, said: str | None, disagrees: Fault) -> str:
        overdue = bool(dates.admitted and add_months(dates.admitted.last, PROBATION_MONTHS) < self._as_of)
        if "official" not in self._headings:
            return said if said in ("official", "probationary") else "official" if overdue else "probationary"
        if said == "official" and not dates.planned:
            if overdue:
                case.warnings.append(Fault("official_missing", self._headings["official"]))
                return "official"
            case.warnings.append(disagrees)
        if overdue:
            case.warnings.append(Fault("probation_overdue", self._headings["official"]))
        return "probationary"

    def _cell(self, case: _Case, section_cell: str | None) -> str:
        raw = case.cells.get("cell")
        column = self._headings.get("cell") or "Chi bộ"
        written = plain(raw, self._letters)
        if looks_computed(raw):
            case.rejects.append(Fault("formula", column, written[:_LONGEST_NAME]))
            return ""
        named = written or section_cell or self._only_cell or self._titled
        if not named:
            case.rejects.append(Fault("cell_missing", column))
            return ""
        found = self._known.find(named)
        if found is None and not written and named == self._only_cell:
            return named
        if found is None:
            case.rejects.append(Fault("unknown_cell", column, named[:_LONGEST_NAME]))
            return ""
        if written and found != raw:
            case.fixes.add("cell_spelling")
        return found


def _name_refusal(raw: CellValue, name: str) -> str | None:
    if isinstance(raw, Formula):
        return "formula"
    if not name.strip("-–_.,*/\\ "):
        return "name_missing"
    if looks_computed(raw) or looks_computed(name):
        return "formula"
    if "?" in name or "\ufffd" in name or _NOT_IN_NAMES.search(name) or not _NAME.fullmatch(name):
        return "name_garbled"
    return "name_too_long" if len(name) > _LONGEST_NAME else None


def _row(number: int, case: _Case, value: MemberRow, of_row: int | None) -> Row:
    rejects = tuple(sorted({fault.code for fault in case.rejects}))
    raw = {role: as_written(case.cells[role]) for role in ROLES if role in case.cells}
    if rejects:
        return Row(
            number,
            "reject",
            None,
            rejects,
            (),
            tuple(sorted(case.fixes)),
            of_row,
            None,
            tuple(case.rejects),
            raw,
        )
    warnings = tuple(sorted({fault.code for fault in case.warnings}))
    verdict: Verdict = "accept_with_warning" if warnings else "accept"
    fixes = tuple(sorted(case.fixes))
    return Row(number, verdict, None, (), warnings, fixes, of_row, value, tuple(case.warnings), raw)
