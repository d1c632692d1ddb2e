"""Whom to tell today: the list that a group leader or secretary goes through with those who have no phone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from server import clock, names
from server.accounts.reader import Reader
from server.assignments import telling
from server.assignments.pushing import MOST_ATTEMPTS
from server.assignments.reminders import counted
from server.cells.queries import cells_of
from server.meetings.queries import NotFound
from server.words import Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, in_committee
from web.asking import Asked, Form, date_in, reader_of, uuid_in
from web.render import page, translate
from web.words import day as day_words
from web.words import moment

TELLERS = ("secretary", "deputy", "recorder", "group_leader")


@get("/{slug:str}/reminders", access=in_committee)
async def show_told(request: Asked, day: FromQuery[str] = "", cell: FromQuery[str] = "") -> Response[str]:
    """The reminders of a day (today's) in a cell (one's own), or the choice of a cell."""
    reader, on = reader_of(request), _day(day)
    async with transaction(read_only=True):
        cells = await cells_of(None if reader.whole_committee else _own(reader), on=on)
        counts = await telling.by_cell(on)
        chosen = _chosen(cell, cells)
        group = telling.group_told_by(reader, chosen["id"]) if chosen else None
        rows = await telling.of_members(on, chosen["id"], group) if chosen else []
    return page(
        request, "assignments/told.html", day=on.isoformat(), day_words=day_words(on), today=clock.today().isoformat(),
        cell=str(chosen["id"]) if chosen else "", cell_name=chosen["name"] if chosen else None,
        group_name=rows[0]["group_name"] if rows and group is not None else None,
        cells=_choice(cells, counts, on),
        groups=_by_group(rows, phones=reader.whole_committee),
        told=sum(1 for row in rows if row["told_at"] or row["pushed_at"]), people=len(rows),
        back=(f"/{current().slug}/assignments", translate(request, say("Danh sách việc"))),
    )  # fmt: skip


def _day(text: str) -> date:
    """A day that has been planned: today for none, for nonsense, and for what is still to come."""
    found = date_in(text)
    return found if found is not None and found < clock.today() else clock.today()


def _own(reader: Reader) -> frozenset[UUID]:
    """The cells whose people a reader tells. Raises NoSuchPage for who tells nobody."""
    cells = frozenset(cell for cell in reader.cells() if reader.in_cell(cell, *TELLERS))
    if not cells:
        raise NoSuchPage
    return cells


def _chosen(cell: str, cells: list[Record]) -> Record | None:
    """The cell that was asked for, or the only one there is. Raises NotFound for one that is not among them."""
    if not cell:
        return cells[0] if len(cells) == 1 else None
    found = next((row for row in cells if str(row["id"]) == cell), None)
    if found is None:
        raise NotFound(cell)
    return found


def _choice(cells: list[Record], counts: Mapping[UUID, tuple[int, int]], on: date) -> list[dict[str, Any]]:
    """Several cells, those first in which somebody is to be told; one's only cell is no choice."""
    shown = [_cell(row, counts, on) for row in cells] if len(cells) > 1 else []
    return sorted(shown, key=lambda one: not one["people"])


def _cell(row: Record, counts: Mapping[UUID, tuple[int, int]], on: date) -> dict[str, Any]:
    people, told = counts.get(row["id"], (0, 0))
    return {
        "id": str(row["id"]), "name": row["name"], "people": people, "told": told,
        "href": f"/{current().slug}/reminders?cell={row['id']}&day={on.isoformat()}",
    }  # fmt: skip


def _by_group(rows: list[Record], *, phones: bool) -> list[dict[str, Any]]:
    groups: dict[Any, dict[str, Any]] = {}
    for row in rows:
        group = groups.setdefault(row["group_number"], {"name": row["group_name"], "people": []})
        group["people"].append(_person(row, phones=phones))
    return list(groups.values())


def _person(row: Record, *, phones: bool) -> dict[str, Any]:
    family, given = names.split(row["name"])
    works = json.loads(row["works"] or "[]")
    return {
        "no": row["no"], "family": family, "given": given, "counts": counted(row),
        # A member's number is the office's to see, as in the register.
        "phone": row["phone"] if phones else None,
        "works": [
            {"text": w["text"], "due": day_words(date.fromisoformat(w["due"])) if w["due"] else None} for w in works
        ],
        "told": row["told_at"] is not None, "how": _how(row),
    }  # fmt: skip


def _how(row: Mapping[str, Any]) -> Say:
    if row["told_at"] is not None:
        return say("{by} đã báo lúc {when}", by=row["told_by"], when=moment(row["told_at"]))
    if row["pushed_at"] is not None:
        return say("đã gửi tới máy lúc {when}", when=moment(row["pushed_at"]))
    return say("chưa báo được") if row["push_attempts"] >= MOST_ATTEMPTS else say("chưa báo")


@post("/{slug:str}/reminders/telling", access=in_committee)
async def tell(request: Asked, data: Form) -> Response[Any]:
    """Write down that somebody has been told, or take that back."""
    reader = reader_of(request)
    cell, no, on = uuid_in(data.get("cell", "")), data.get("no", ""), _day(data.get("day", ""))
    if cell is None or not (no.isascii() and no.isdigit() and len(no) < 10):
        raise NotFound(cell)
    group = telling.group_told_by(reader, cell)
    async with transaction():
        if not await telling.tick_told(
            on, cell, group, int(no), told=data.get("told") == "1", by=reader.name
        ):
            raise NotFound(no)
    return Redirect(f"/{current().slug}/reminders?cell={cell}&day={on.isoformat()}#p-{no}", status_code=303)
