"""The three dates of a member (born, admitted, official) judged against each other and the day of the list."""

from dataclasses import dataclass, field
from datetime import date

from server.members.sheet_dates import Day, Written, add_months, choose_centuries, read_date
from server.members.sheet_types import CellValue, Fault

# Charter: a member is at least 18 at admission; probation lasts 12 months.
_AGE_MONTHS = 18 * 12
PROBATION_MONTHS = 12
ROLES = ("born", "admitted", "official")


@dataclass(slots=True)
class Dates:
    """The dates as they will be stored, and what is wrong (`rejects`) or doubtful (`warnings`) about them."""

    born: Day | None = None
    admitted: Day | None = None
    official: Day | None = None
    rejects: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    fixes: set[str] = field(default_factory=set)
    planned: bool = False  # the official date is still to come


def judge_dates(cells: dict[str, CellValue], headings: dict[str, str], as_of: date) -> Dates:
    """`cells` and `headings` by role; a role that the list has no column for is absent from `headings`."""
    written = {role: read_date(cells.get(role)) for role in ROLES}
    found = Dates()
    for role in ROLES:
        _judge_reading(role, written[role], headings, found)
    days = [written[role].day for role in ROLES]
    if any(day and day.loose for day in days):
        loose = next(role for role in ROLES if (day := written[role].day) and day.loose)
        found.warnings.append(Fault("two_digit_year", headings.get(loose, ""), written[loose].shown))
        days = choose_centuries(days[0], days[1], days[2], as_of)
    found.born, found.admitted, found.official = days
    _Order(found, written, headings, as_of).judge()
    return found


def _judge_reading(role: str, read: Written, headings: dict[str, str], found: Dates) -> None:
    column = headings.get(role, "")
    refusal = {"impossible": "impossible_date", "unreadable": "date_unreadable", "formula": "formula"}.get(
        read.kind
    )
    if refusal:
        found.rejects.append(Fault(refusal, column, read.shown))
    if read.kind == "missing" and role == "admitted":
        found.rejects.append(Fault("admission_missing", column or "Ngày vào Đảng"))
    if read.kind == "missing" and role == "born" and role in headings:
        found.warnings.append(Fault("born_missing", column))
    if read.day and not read.day.whole:
        found.warnings.append(Fault(f"{role}_partial", column, read.shown))
    if read.fix:
        found.fixes.add(read.fix)


@dataclass(slots=True)
class _Order:
    """Compares dates; a partial date is given the benefit of the doubt."""

    found: Dates
    written: dict[str, Written]
    headings: dict[str, str]
    as_of: date

    def judge(self) -> None:
        found = self.found
        if found.official and found.official.first > self.as_of:
            self._warn("official_in_future", "official")
            found.official, found.planned = None, True
        if not found.admitted:
            return
        if found.admitted.first > self.as_of:
            self._reject("admission_in_future", "admitted")
        if found.born:
            self._judge_age(found.born, found.admitted)
        if found.official:
            self._judge_probation(found.admitted, found.official)

    def _judge_age(self, born: Day, admitted: Day) -> None:
        if admitted.last < born.first:
            self._reject("admitted_before_birth", "admitted")
        elif add_months(born.first, _AGE_MONTHS) > admitted.last:
            self._warn("admitted_under_18", "admitted")

    def _judge_probation(self, admitted: Day, official: Day) -> None:
        if official.last < admitted.first:
            self._reject("official_before_admission", "official")
        elif add_months(admitted.first, PROBATION_MONTHS) > official.last:
            self._warn("probation_short", "official")

    def _reject(self, code: str, role: str) -> None:
        self.found.rejects.append(Fault(code, self.headings.get(role, ""), self.written[role].shown))

    def _warn(self, code: str, role: str) -> None:
        self.found.warnings.append(Fault(code, self.headings.get(role, ""), self.written[role].shown))
