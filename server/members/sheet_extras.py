"""What the other sheets of a member list say: groups, committee, exemptions, registers of cells, a yearly rota."""

import re
from collections import defaultdict
from collections.abc import Iterator

from server.members.sheet_columns import Header, words
from server.members.sheet_dates import read_date
from server.members.sheet_rows import sort_rows
from server.members.sheet_types import (
    CellValue,
    ExemptionLine,
    Extras,
    Fault,
    Grid,
    GroupLine,
    OrganisationLine,
    PostLine,
    Row,
    TurnLine,
)
from server.members.sheet_values import looks_computed, plain, whole_name
from server.names import fold, sort_key

_ILL = re.compile(r"tuoi|suc yeu|benh|om dau|dieu tri|thai san|suc khoe")
_AWAY = re.compile(r"lam an|di lam|lao dong|viec lam|hoc tap|du hoc|nuoc ngoai|\bxa\b|cong tac")

Line = dict[str, CellValue]


class People:
    """Finds the row of the member list that a name on another sheet means; a group helps between namesakes."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row.value:
                self._rows[sort_key(row.value.name)].append(row)

    def find(self, name: str | None, group: str | None = None) -> int | None:
        """The row, if exactly one person fits."""
        fitting = self._rows.get(sort_key(name or ""), [])
        if len(fitting) > 1 and group:
            fitting = [row for row in fitting if row.value and fold(row.value.group or "") == fold(group)]
        return fitting[0].row if len(fitting) == 1 else None


def read_extras(sheets: list[tuple[Grid, Header]], rows: list[Row]) -> tuple[Extras, list[Fault]]:
    """Everything told by `sheets` (those that are not the member list), and what did not fit the list."""
    extras, notes, people = Extras(), list[Fault](), People(rows)
    for grid, header in sheets:
        roles = header.columns.keys()
        if "name" in roles and roles & {"reason", "from"}:
            extras.exemptions += [_exemption(number, line, people) for number, line in _lines(grid, header)]
        elif {"group", "leader"} <= roles:
            extras.groups += [_group(line) for _, line in _lines(grid, header) if _text(line, "group")]
        elif {"month", "prepares"} <= roles:
            extras.rota += [turn for _, line in _lines(grid, header) if (turn := _turn(line))]
        elif "name" in roles and "post" in roles and not header.lists_people:
            extras.committee += [_post(line, people) for _, line in _lines(grid, header)]
        elif roles & {"cell", "organisation_name"} and "name" not in roles:
            extras.organisations += [
                found for _, line in _lines(grid, header) if (found := _organisation(line))
            ]
    lost = [line for line in extras.exemptions if line.member_row is None]
    notes += [Fault("exemption_unmatched", shown=line.name) for line in lost]
    return extras, notes


def _lines(grid: Grid, header: Header) -> Iterator[tuple[int, Line]]:
    """(sheet row, cells by role) of the rows that hold data; a name that is a formula is no name."""
    for place in sort_rows(grid, header):
        cells = grid.rows[place.index]
        line = {
            role: cells[i]
            for role, i in header.columns.items()
            if i < len(cells) and not looks_computed(cells[i])
        }
        named = any(
            plain(line.get(role)) for role in ("name", "group", "cell", "organisation_name", "prepares")
        )
        if named and place.index > header.rows[-1] and place.why in (None, "section") and len(line) > 1:
            yield place.index + 1, line


def _text(line: Line, role: str) -> str | None:
    return plain(line.get(role)) or None


def _person(line: Line, role: str) -> str | None:
    return whole_name(line.get(role))[0] or None


def _count(line: Line, role: str) -> int | None:
    text = plain(line.get(role))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _day(line: Line, role: str) -> str | None:
    read = read_date(line.get(role))
    return read.day.iso if read.day and not read.day.loose else None


def _exemption(number: int, line: Line, people: People) -> ExemptionLine:
    name, group, keeper = _person(line, "name") or "", _text(line, "group"), _person(line, "keeper")
    return ExemptionLine(
        row=number,
        name=name,
        group=group,
        kind=_kind(line),
        from_on=_day(line, "from"),
        to_on=_day(line, "to"),
        keeper=keeper,
        place=_text(line, "place"),
        paper=_text(line, "paper"),
        member_row=people.find(name, group),
        keeper_row=people.find(keeper),
    )


def _kind(line: Line) -> str:
    """
    By the reason; where it says neither, a place of work or an end date means away (long-term ones have
    none).
    """
    reason = words(plain(line.get("reason")))
    if _ILL.search(reason):
        return "age_health"
    return "away_work" if _AWAY.search(reason) or _text(line, "place") or _text(line, "to") else "age_health"


def _group(line: Line) -> GroupLine:
    return GroupLine(_text(line, "group") or "", _person(line, "leader"), _count(line, "member_count"))


def _turn(line: Line) -> TurnLine | None:
    digits = re.sub("[^0-9]", "", plain(line.get("month")))[:2]
    name = _person(line, "prepares")
    return TurnLine(int(digits), name) if name and digits and 1 <= int(digits) <= 12 else None


def _post(line: Line, people: People) -> PostLine:
    name = _person(line, "name") or ""
    posts = tuple(part.strip() for part in plain(line.get("post")).split(",") if part.strip())
    return PostLine(name, posts, people.find(name))


def _organisation(line: Line) -> OrganisationLine | None:
    name = _text(line, "organisation_name") or _text(line, "cell")
    if not name or not plain(line.get("number")):  # without a number it is a sum
        return None
    parent = _text(line, "organisation") if "organisation_name" not in line else None
    kind = _text(line, "organisation_kind")
    return OrganisationLine(name, parent, kind, _count(line, "cell_count"), _count(line, "member_count"))
