"""A cell's work on one page, by how it stands or by person; and whether the members see all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from server import clock
from server.accounts.reader import Reader
from server.assignments import actions, figures, queries, rules
from server.assignments.nudging import last_nudges
from server.assignments.sight import sight_of
from server.words import Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, Form, reader_of
from web.assignments.reminding import nudged_words
from web.assignments.rows import rows
from web.assignments.shown import places
from web.render import page, translate

# What stands first needs somebody.
_STANDS: dict[str, tuple[str, str, Say]] = {
    "unclear": ("rejected", "≠", say("Ghi khác nhau")),
    "reported": ("pending", "◔", rules.STATES["reported"]),
    "asked": ("pending", "◔", rules.MOVES["asked_time"].word),
    "overdue": ("rejected", "!", say("Quá hạn")),
    "open": ("planned", "○", rules.STATES["open"]),
}


@get("/{slug:str}/cells/{cell:uuid}/assignments", access=in_committee, support=True)
async def board(request: Asked, cell: FromPath[UUID], by: FromQuery[str] = "state") -> Response[str]:
    """The live work of a cell that the reader may see; ``by`` state or person."""
    reader, today = reader_of(request), clock.today()
    async with transaction(read_only=True):
        held = await queries.cell(cell, reader)
        sight = await sight_of(reader)
        found = await queries.board(cell, sight)
        nudged = (await last_nudges([cell])).get(cell) if reader.whole_committee else None
        month = await figures.coverage(cell, clock.month_of(today)) if sight.sees_all(cell) else None
    told = _words(request)
    shown = _by_person(found, told, today) if by == "person" else _by_state(found, told, today)
    base = f"/{current().slug}/cells/{cell}"
    return page(
        request, "assignments/board.html", cell={"id": cell, "name": held["name"]}, back=_back(request, cell, reader),
        links=places(reader, "board", sight.cells), sections=shown, live=len(found), month=month,
        overdue=sum(_overdue(row, today) for row in found),
        tabs=[
            (f"{base}/assignments", say("Theo tình trạng"), by != "person"),
            (f"{base}/assignments?by=person", say("Theo người"), by == "person"),
        ],
        nudge_href=f"{base}/reminding" if reader.whole_committee else None, nudged=nudged_words(nudged),
        give_href=f"/{current().slug}/assignments/new?cell={cell}" if rules.may_give(reader, cell) else None,
        may_set=rules.may_manage(reader, cell), members_see=held["members_see_assignments"],
        more=[(f"{base}/usual-work", say("Việc thường kỳ và việc mẫu"))] if rules.may_manage(reader, cell) else [],
    )  # fmt: skip


def _back(request: Asked, cell: UUID, reader: Reader) -> tuple[str, str] | None:
    if not reader.sees_all:
        return None
    return f"/{current().slug}/cells/{cell}", translate(request, say("Chi bộ"))


def _words(request: Asked) -> dict[str, str]:
    """What the rows say, in the reader's language."""
    words = {
        "late": say("quá hạn {n} ngày", n="{n}"), "none": say("thường xuyên"), "reported": rules.STATES["reported"],
        "asked": rules.MOVES["asked_time"].word, "unclear": say("Ghi khác nhau"),
    }  # fmt: skip
    return {name: translate(request, said) for name, said in words.items()}


def _stands(row: Mapping[str, Any], today: date) -> str:
    """Under which head a live assignment stands: a key of _STANDS."""
    if row["rivals"]:
        return "unclear"
    if row["state"] == "reported":
        return "reported"
    if row["asked_due"]:
        return "asked"
    return "overdue" if _overdue(row, today) else "open"


def _overdue(row: Mapping[str, Any], today: date) -> bool:
    """Whether its day is over and nobody has reported it: as the list, the office's figures and reminders count, also
    where it stands under another head.
    """
    return row["state"] == "open" and row["due_on"] is not None and row["due_on"] < today


def _by_state(found: Iterable[Record], told: Mapping[str, str], today: date) -> list[dict[str, Any]]:
    heaps: dict[str, list[Record]] = {name: [] for name in _STANDS}
    for row in found:
        heaps[_stands(row, today)].append(row)
    return [
        _section(name, None, heap, told, today, chip=_STANDS[name], person=True)
        for name, heap in heaps.items()
        if heap
    ]


def _by_person(found: Iterable[Record], told: Mapping[str, str], today: date) -> list[dict[str, Any]]:
    people = groupby(
        sorted(found, key=itemgetter("sort_key", "member_no")), key=itemgetter("member_no", "member_name")
    )
    return [_section(f"p{no}", name, [*heap], told, today, person=False) for (no, name), heap in people]


def _section(
    name: str, title: str | None, heap: list[Record], told: Mapping[str, str], today: date, *, person: bool,
    chip: tuple[str, str, Say] | None = None,
) -> dict[str, Any]:  # fmt: skip
    made = rows(heap, told, base=f"/{current().slug}/assignments/", today=today, person=person)
    return {"id": name, "title": title, "chip": chip, "n": len(heap), "rows": made}


@post("/{slug:str}/cells/{cell:uuid}/assignments/seeing", access=in_committee)
async def set_seeing(request: Asked, cell: FromPath[UUID], data: Form) -> Response[Any]:
    """Let members see all of the cell's work, or each their own."""
    await actions.show_to_members(cell, data.get("see") == "1", by=reader_of(request))
    return Redirect(f"/{current().slug}/cells/{cell}/assignments", status_code=303)
