"""One's own work, to be told from a phone; and the work of others in the group or the cell whom somebody writes for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery

from infra.postgres import Record
from server import clock, names
from server.accounts.reader import Reader
from server.assignments import queries, rules
from server.assignments.fold import LIVE
from server.assignments.listing import SOON, Filter, listed
from server.assignments.sight import sight_of
from server.words import Say, say
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of
from web.assignments import moves
from web.assignments.chips import chips
from web.assignments.reminding import today_line
from web.assignments.shown import card, dates, places, standing_of
from web.render import page

OWN = rules.Part(own=True)
PARTS: dict[str, Say] = {
    "overdue": say("Quá hạn"),
    "soon": say("Sắp đến hạn"),
    "open": say("Còn thời gian"),
    "lasting": say("Việc thường xuyên"),
    "reported": say("Đã báo xong, chờ nhận"),
    "ended": say("Xong trong năm nay"),
}


@dataclass(frozen=True)
class Typed:
    """What somebody typed into a form of this page that was refused: of which assignment, why, and what."""

    no: int = 0
    faults: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


@get("/{slug:str}/work", access=in_committee)
async def work(request: Asked, member: FromQuery[str] = "") -> Response[str]:
    """One's own work by what is to be done first; ``member``: the number of somebody who is written for."""
    return await show_work(request, member=member)


async def show_work(
    request: Asked, *, member: str = "", refused: Typed | None = None, status: int = 200
) -> Response[str]:
    """The page; what was refused stands in its form with the reason."""
    reader, today, typed = reader_of(request), clock.today(), refused or Typed()
    async with transaction(read_only=True):
        sight = await sight_of(reader)
        own = (await listed(Filter(mine=True), reader, limit=None)).rows if reader.members() else []
        if typed.no and typed.no not in {row["no"] for row in own}:
            member = str((await queries.row(typed.no, reader))["member_no"])
        people = [one for cell in reader.cells() for one in await _others(cell, reader, member, typed)]
        reminded = await today_line(reader)
    stand = {name: [_task(row, OWN, typed) for row in own if part_of(row, today) == name] for name in PARTS}
    return page(
        request, "assignments/work.html", status=status, links=places(reader, "work", sight.cells),
        parts=[{"name": name, "title": PARTS[name], "tasks": tasks} for name, tasks in stand.items() if tasks],
        whose=bool(reader.members()), may_behalf=any(_behalf(cell, reader) for cell in reader.cells()), people=people,
        reminded=reminded, choices={}, **dates(), errors=_errors(typed), chips=chips(),
    )  # fmt: skip


def _errors(typed: Typed) -> dict[str, str]:
    """A refusal's reasons under the ids of the page's fields."""
    kind = typed.form.get("kind")
    return {f"{typed.no}-{kind}-{name}" if name else "": why for name, why in typed.faults.items()}


def part_of(row: Mapping[str, Any], today: date) -> str:
    """Which part of the page an assignment stands in: a key of PARTS, or empty for what is over."""
    if row["state"] not in LIVE:
        return "ended" if row["ended_on"].year == today.year and row["state"] != "cancelled" else ""
    if row["state"] == "reported":
        return "reported"
    if row["due_on"] is None:
        return "lasting"
    if row["due_on"] < today:
        return "overdue"
    return "soon" if row["due_on"] <= today + SOON else "open"


def _task(row: Record, part: rules.Part, typed: Typed, *, behalf: bool = False) -> dict[str, Any]:
    """A card with what its assignee, or who writes for them, may say of it now."""
    of_this = typed if typed.no == row["no"] else Typed()
    kinds = [kind for kind in rules.moves(standing_of(row), part) if rules.MOVES[kind].own]
    first, others = moves.forms(
        row, kinds, typed=of_this.form, errors=of_this.faults, key=f"{row['no']}-", own=True
    )
    return {**card(row, clock.today()), "forms": [*first, *others], "behalf": behalf}


def _behalf(cell: UUID, reader: Reader) -> rules.Part | None:
    """As what somebody writes for others of a cell; None for who writes for nobody."""
    part = rules.Part(
        manages=reader.in_cell(cell, "secretary", "deputy"), records=reader.in_cell(cell, "recorder"),
        leads=reader.group_in(cell) is not None,
    )  # fmt: skip
    return part if part.any else None


async def _others(cell: UUID, reader: Reader, member: str, typed: Typed) -> list[dict[str, Any]]:
    """The others with live work for whom somebody writes in a cell; of the chosen one, the work itself."""
    part = _behalf(cell, reader)
    if part is None:
        return []
    group = None if part.manages or part.records else reader.group_in(cell)
    found = []
    for one in await queries.people(cell, clock.today()):
        if not one["open"] or one["id"] in reader.members() or group not in (None, one["group_number"]):
            continue
        family, given = names.split(one["name"])
        chosen, tasks = str(one["no"]) == member, list[dict[str, Any]]()
        if chosen:
            rows = (await listed(Filter(cell=cell, who=one["no"], state="live"), reader, limit=None)).rows
            tasks = [_task(row, part, typed, behalf=True) for row in rows]
        found.append(
            {
                "no": one["no"],
                "family": family,
                "given": given,
                "load": one["open"],
                "chosen": chosen,
                "tasks": tasks,
            }
        )
    return found
