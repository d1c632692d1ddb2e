"""Cells: all of a committee for its office, and one: its people, its meetings, its attendance over a year."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from infra.postgres import Record
from server import clock, names
from server.accounts.reader import Reader
from server.assignments import figures
from server.assignments.year import address
from server.cells import queries
from server.contacts import kept_by
from server.meetings.queries import of_month
from server.members.actions import note_look
from server.roll_call.queries import expected
from server.roll_call.rules import Expected
from server.rulebook import lookup
from server.words import say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee, office
from web.asking import Asked, reader_of
from web.charts import attendance_chart, percent
from web.meetings.routes import row_of
from web.render import page, translate
from web.words import month_title

EXEMPT_WORDS = {"age_health": say("tuổi cao, sức yếu"), "away_work": say("đi làm ăn xa")}
SEAT_WORDS = {
    "secretary": say("Bí thư"), "deputy_secretary": say("Phó bí thư"), "committee_member": say("Chi ủy viên"),
}  # fmt: skip
# Of several meetings in a month the one that says most about it.
_TELLING = ("held", "open", "planned", "not_reported", "not_held")


@get("/{slug:str}/cells", access=office, support=True)
async def cells(request: Asked) -> Response[str]:
    """Every cell with its members and how this month's meeting stands."""
    today = clock.today()
    month = clock.month_of(today)
    async with transaction(read_only=True):
        found = await queries.counted_cells(on=today)
        meetings = await of_month(month, None)
    states = _states(row_of(row, today) for row in meetings)
    rows = [_cell(row, states.get(row["id"])) for row in found]
    return page(
        request,
        "cells/cells.html",
        cells=rows,
        totals=_totals(rows),
        month_title=month_title(month),
        may_import=reader_of(request).whole_committee,
    )


def _states(meetings: Iterable[dict[str, Any]]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    for meeting in sorted(meetings, key=lambda m: _TELLING.index(m["state"])):
        found.setdefault(meeting["cell_id"], meeting)
    return found


def _cell(row: Record, meeting: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "id": row["id"], "name": row["name"], "groups": row["groups"], "official": row["official"],
        "probationary": row["probationary"], "exempt": row["exempt"],
        "meeting_state": meeting["state"] if meeting else "not_reported",
        "meeting_when": meeting["when"] if meeting else None,
    }  # fmt: skip


def _totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    held = sum(row["meeting_state"] == "held" for row in rows)
    sums = {name: sum(row[name] for row in rows) for name in ("official", "probationary")}
    return {"cells": len(rows), "held": held, "due": len(rows), **sums}


@get("/{slug:str}/cells/{cell:uuid}", access=in_committee, support=True)
async def cell(request: Asked, cell: FromPath[UUID], view: FromQuery[str] = "members") -> Response[str]:
    """One cell: ``view`` is members, meetings or attendance."""
    reader, today = reader_of(request), clock.today()
    parts = {"meetings": _meetings, "attendance": _attendance}
    chosen = view if view in parts else "members"
    async with transaction(read_only=True):
        row = await queries.cell(cell, reader, on=today)
        shown = await parts.get(chosen, _members)(request, cell, today)
        work = await _work(cell, today)
    if chosen == "members" and reader.whole_committee:
        await note_look(f"cells/{cell}", by=reader)
    back = (f"/{current().slug}/cells", translate(request, say("Chi bộ"))) if reader.sees_all else None
    return page(
        request, "cells/cell.html", view=chosen, back=back, may_plan=_may_plan(reader, cell), cell=dict(row), work=work,
        **{"groups": [], "meetings": [], "months": [], "chart": "", "committee": [], **shown},
    )  # fmt: skip


async def _work(cell: UUID, today: date) -> dict[str, Any]:
    """How the cell's assigned work stands this month, in counts."""
    month = clock.month_of(today)
    total = (await figures.month([cell], month)).total
    late = (await figures.overdue([cell], today)).total
    return {
        "month": month_title(month), "assigned": total["assigned"], "assignable": total["assignable"],
        "done": figures.done(total), "due": total["due"], "overdue": late["overdue"], "live": late["live"],
    }  # fmt: skip


def _may_plan(reader: Reader, cell: UUID) -> bool:
    return reader.whole_committee or reader.may_open_roll(cell)


async def _members(request: Asked, cell: UUID, today: date) -> dict[str, Any]:
    people, leaders = await expected(cell, today), await queries.group_leaders(cell, on=today)
    committee = await queries.committee_of(cell, on=today)
    reader = reader_of(request)
    why, may_open = reader.may_know_why(cell), await _sheets(reader, cell, today)
    return {"committee": [_seated(request, row) for row in committee], "groups": [
        {"number": number, "name": name or translate(request, say("Không chia tổ")), "leader_name": leaders.get(number),
         "members": [_person(request, one, why=why, sheet=may_open(one)) for one in group]}
        for (number, name), group in groupby(people, key=lambda e: (e.person.group_number, e.person.group_name))
    ]}  # fmt: skip


async def _sheets(reader: Reader, cell: UUID, today: date) -> Callable[[Expected], bool]:
    """Of whom the reader may open the sheet of the year."""
    kept = reader.members() | await kept_by(reader, today)
    all_of_them, group = reader.whole_committee or reader.may_close_roll(cell), reader.group_in(cell)
    return lambda one: all_of_them or one.person.member in kept or one.person.group_number == group


def _seated(request: Asked, row: Record) -> dict[str, Any]:
    family, given = names.split(row["name"])
    role = translate(request, SEAT_WORDS[row["role"]])
    return {"family": family, "given": given, "role_word": role, "commune_cadre": row["commune_cadre"]}


def _person(request: Asked, one: Expected, *, why: bool, sheet: bool) -> dict[str, Any]:
    family, given = names.split(one.person.name)
    kind = one.exempt_kind or None
    return {
        "family": family, "given": given, "probationary": one.probationary,
        "href": f"/{current().slug}/{address(one.person.no, clock.today().year)}" if sheet else None,
        "exempt_word": exempt_word(request, kind) if why or not kind else translate(request, say("miễn sinh hoạt")),
    }  # fmt: skip


def exempt_word(request: Asked, kind: str | None) -> str | None:
    """Why somebody is exempt, in the reader's language."""
    return translate(request, EXEMPT_WORDS[kind]) if kind else None


async def _meetings(_: Asked, cell: UUID, today: date) -> dict[str, Any]:
    rows = await queries.meetings_of(cell, since=clock.month_after(clock.month_of(today), -12))
    return {"meetings": [row_of(row, today) for row in rows]}


async def _attendance(request: Asked, cell: UUID, today: date) -> dict[str, Any]:
    last = clock.month_of(today)
    rows = await queries.attendance(cell, first=clock.month_after(last, -11), last=last)
    target = lookup("attendance_target", today).number / 100
    chart = attendance_chart(
        [_point(row) for row in reversed(rows)], target, title=translate(request, say("Tỷ lệ dự sinh hoạt theo tháng")),
        not_reported=translate(request, say("chưa báo cáo")), target_word=translate(request, say("mức")),
    )  # fmt: skip
    return {"chart": chart, "months": [{**row, "title": _month(row)} for row in reversed(rows)]}


def _point(row: Record) -> tuple[str, float | None, str]:
    attending, base = row["attending"], row["base"]
    if not base:
        return _month(row), None, ""
    return _month(row), attending / base, f"{attending}/{base} = {percent(attending / base)}"


def _month(row: Record) -> str:
    month: date = row["month"]
    return f"{month.month}/{month.year}"
