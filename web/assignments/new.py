"""Giving work outside a meeting: the form, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4, uuid5

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from server import clock, names
from server.accounts.reader import Reader
from server.assignments import actions, queries, review, rules, saying
from server.assignments.saying import NewChange
from server.cells.queries import cells_of
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, in_committee
from web.asking import Asked, reader_of, uuid_in
from web.assignments import asked, dues
from web.assignments.shown import dates
from web.cells.routes import EXEMPT_WORDS
from web.meetings.routes import seen_cells
from web.render import errors, page, translate

# As many names stand in sight on the form; of more the groups are opened one by one.
FEW = 20


@get("/{slug:str}/assignments/new", access=in_committee)
async def new_work(request: Asked, cell: FromQuery[str] = "") -> Response[str]:
    """The form for giving work outside a meeting."""
    values = {
        "text": "",
        "area": "other",
        "due_other": "",
        "check_by": "",
        "cell": cell,
        "nonce": str(uuid4()),
    }
    return await _form(request, values, frozenset(), {})


async def _form(
    request: Asked,
    values: Mapping[str, str],
    ticked: Iterable[int],
    faults: Mapping[str, str],
    status: int = 200,
) -> Response[str]:
    reader = reader_of(request)
    async with transaction(read_only=True):
        cells = [
            row
            for row in await cells_of(seen_cells(reader), on=clock.today())
            if rules.may_give(reader, row["id"])
        ]
        if not cells and not reader.whole_committee:
            raise NoSuchPage
        chosen = _chosen(values["cell"], cells)
        people = await queries.people(chosen, clock.today()) if chosen else []
        following = await review.meeting_after(chosen, clock.today()) if chosen else None
    offered = dues.for_giving(clock.today(), following)
    return page(
        request, "assignments/new.html", status=status, values=_with_due(values, offered), dues=offered,
        errors=faults, nonce=values["nonce"], cells=[(str(row["id"]), row["name"]) for row in cells],
        cell=str(chosen or ""), areas=list(rules.AREAS.items()), groups=_groups(people, frozenset(ticked)), **dates(),
        back=(f"/{current().slug}/assignments", translate(request, say("Danh sách việc"))),
    )  # fmt: skip


def _with_due(values: Mapping[str, str], offered: Sequence[dues.Choice]) -> dict[str, str]:
    """``values`` with a choice among those ``offered``: the first for who has not chosen, or another day."""
    due = values.get("due", offered[0][0])
    if due not in dict(offered):
        return {**values, "due": "other", "due_other": due}
    return {**values, "due": due}


def _chosen(cell: str, cells: list[Record]) -> UUID | None:
    wanted = uuid_in(cell)
    if len(cells) == 1 and not cell:
        return UUID(str(cells[0]["id"]))
    if cell and wanted not in {row["id"] for row in cells}:
        raise NoSuchPage
    return wanted


def _groups(people: Iterable[Record], ticked: frozenset[int]) -> list[dict[str, Any]]:
    shown = [
        (name, [_person(one, ticked) for one in group])
        for name, group in groupby(people, key=lambda one: one["group_name"])
    ]
    few = sum(len(group) for _, group in shown) <= FEW
    return [
        {"name": name, "people": group, "open": few or any(one["ticked"] for one in group)}
        for name, group in shown
    ]


def _person(one: Record, ticked: frozenset[int]) -> dict[str, Any]:
    family, given = names.split(one["name"])
    notes = [EXEMPT_WORDS.get(one["exempt_kind"], say("miễn sinh hoạt"))] if one["exempt_kind"] else []
    notes += [say("đang sinh hoạt tạm thời nơi khác")] if one["temporary_out"] else []
    notes += [say("dự bị")] if one["probationary"] else []
    return {
        "no": one["no"], "family": family, "given": given, "load": one["open"], "notes": notes,
        "ticked": one["no"] in ticked,
    }  # fmt: skip


@post("/{slug:str}/assignments", access=in_committee)
async def give(request: Asked) -> Response[Any]:
    """Give a piece of work to one or several. The form carries its own number: sent twice, it gives once."""
    reader, form = reader_of(request), await request.form()
    values = {
        name: str(form.get(name, "")).strip()
        for name in ("text", "area", "due", "due_other", "check_by", "cell", "nonce")
    }
    nonce = uuid_in(values["nonce"]) or uuid4()
    ticked = [no for no in map(asked.number, map(str, form.getall("member", []))) if no is not None]
    try:
        changes = _gifts(values, ticked, nonce, reader)
        async with transaction():
            verdict = await actions.say_within(changes, device=nonce, by=reader)
            if verdict.refused:
                raise Refused(**{"": verdict.refused[0][1]})
    except Refused as refusal:
        return await _form(
            request, {**values, "nonce": str(nonce)}, ticked, errors(request, refusal), status=422
        )
    if len(verdict.rows) == 1:
        return Redirect(f"/{current().slug}/assignments/{verdict.rows[0]['no']}", status_code=303)
    return Redirect(f"/{current().slug}/cells/{values['cell']}/assignments?by=person", status_code=303)


def _gifts(values: Mapping[str, str], ticked: Iterable[int], nonce: UUID, reader: Reader) -> list[NewChange]:
    """One gift a member, all of one task. Raises Refused at the fields at fault."""
    cell, (due, undated) = uuid_in(values["cell"]), _due(values)
    if cell is None:
        raise Refused(cell=say("Xin chọn chi bộ."))
    made = [_gift(values, nonce, uuid5(nonce, f"{no}"), no, cell, due) for no in dict.fromkeys(ticked)]
    # What is wrong with the work itself is told of no one in particular; the names are looked at one by one.
    sample = made[0] if made else _gift(values, nonce, nonce, None, cell, due)
    faults: dict[str, Say | str] = {**saying.faults(sample, _ground(cell, reader)), **undated}
    if values["due"] == "other" and "due" in faults:
        faults["due_other"] = faults.pop("due")
    if not made:
        faults["members"] = say("Xin chọn ít nhất một đồng chí.")
    if faults:
        raise Refused(**faults)
    return made


def _due(values: Mapping[str, str]) -> tuple[date | None, dict[str, Say | str]]:
    """The due date, and what is wrong with it at its field."""
    try:
        return dues.chosen(values), {}
    except Refused as refusal:
        return None, refusal.reasons


def _gift(
    values: Mapping[str, str], task: UUID, assignment: UUID, no: int | None, cell: UUID, due: date | None
) -> NewChange:
    return NewChange(
        uuid5(assignment, "given"), assignment, "given", clock.now(), member=no, task=task, cell=cell,
        text=values["text"], area=values["area"], check_by=values["check_by"], due=due,
    )  # fmt: skip


def _ground(cell: UUID, reader: Reader) -> saying.Ground:
    """What a gift is judged on before it is known to whom: that the names are the cell's is found out later."""
    part = rules.part_of(reader, cell, member=None, group=None)
    return saying.Ground(None, part, clock.today(), clock.today(), member=cell)
