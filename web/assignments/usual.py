"""Usual work of a cell: its list, one of them with its next occurrences, and the forms that change them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server import clock
from server.assignments import periods, usual, usual_changing
from server.assignments.rules import AREAS, may_manage
from server.assignments.usual_changing import Wanted
from server.cells import queries as cells
from server.roll_call.queries import expected
from server.roll_call.rules import Expected
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, Form, date_in, reader_of, uuid_in
from web.render import errors, page, translate
from web.words import day

_TYPED = ("text", "area", "check_by", "every", "due_day", "due_month", "from_on")
# Whom the work is for: one tick a member, by number.
_MEMBER = re.compile(r"m(\d{1,9})")


@get("/{slug:str}/cells/{cell:uuid}/usual-work", access=in_committee)
async def show_usual(request: Asked, cell: FromPath[UUID]) -> Response[str]:
    """The usual work of a cell, and the form for more of it."""
    today = clock.today().isoformat()
    return await _list(request, cell, {"every": "", "from_on": today}, set(), {}, str(uuid4()))


async def _list(
    request: Asked, cell: UUID, values: dict[str, str], ticked: set[int], faults: dict[str, str], nonce: str,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    reader, today = reader_of(request), clock.today()
    async with transaction(read_only=True):
        here = await cells.cell(cell, reader, on=today)
        rows = await usual.of_cell(cell, reader)
        manages = may_manage(reader, cell)
        people = await expected(cell, today) if manages else []
    return page(
        request, "assignments/usual.html", status=status, cell={"id": cell, "name": here["name"]},
        works=[_line(row, today) for row in rows], may_manage=manages, values=values, errors=faults, nonce=nonce,
        form=_choices(request, people, ticked, row=None),
        back=(f"/{current().slug}/cells/{cell}/assignments", translate(request, say("Việc của chi bộ"))),
    )  # fmt: skip


def _line(row: Record, today: date) -> dict[str, Any]:
    rule = usual.rule_of(row) if row["every"] else None
    coming = periods.coming(rule, today, usual.SHOWN_AHEAD) if rule and not row["ended_at"] else []
    following = next((one for one in coming if one.due_on), None)
    return {
        "id": row["id"], "text": row["text"], "area": AREAS[row["area"]], "people": len(row["members"]),
        "when": periods.due_word(rule) if rule else None, "ended": row["ended_at"] is not None,
        "next": _occurrence(row["every"], following) if following else None,
    }  # fmt: skip


def _occurrence(every: str, one: periods.Occurrence) -> dict[str, Any]:
    return {
        "period": one.period.isoformat(), "word": periods.period_word(every, one.period), "given": day(one.given_on),
        "due": day(one.due_on) if one.due_on else None, "usual_due": day(one.usual_due),
        "moved": one.due_on is not None and one.due_on != one.usual_due,
    }  # fmt: skip


def _choices(
    request: Asked, people: list[Expected], ticked: set[int], *, row: Record | None
) -> dict[str, Any]:
    """What the form offers: areas, ways to come again, and the members of today with a tick."""
    members = set(row["members"]) if row is not None else set()
    return {
        "areas": [(key, translate(request, word)) for key, word in AREAS.items()],
        "every": [(key, translate(request, word)) for key, word in periods.EVERY.items()],
        "months": [(str(n), str(n)) for n in range(1, 13)],
        "people": [
            {"no": one.person.no, "name": one.person.name, "group": one.person.group_name,
             "exempt": one.base == "exempt", "ticked": one.person.no in ticked or one.person.member in members}
            for one in people
        ],
    }  # fmt: skip


def _read(data: Form) -> tuple[dict[str, str], set[int]]:
    """What was typed, and the numbers of the members who were ticked."""
    ticked = {int(found[1]) for name in data if (found := _MEMBER.fullmatch(name))}
    return {name: data.get(name, "").strip() for name in _TYPED}, ticked


def _wanted(values: dict[str, str], ticked: set[int]) -> Wanted:
    """What was typed as the service takes it. Raises Refused(from_on=…) for a day that is none."""
    start = date_in(values["from_on"]) if values["from_on"] else None
    if values["from_on"] and start is None and values["every"]:
        raise Refused(from_on=say("Ngày bắt đầu không đúng, xin ghi như 03/11/2026."))
    return Wanted(
        values["text"], values["area"], values["check_by"], values["every"], _number(values["due_day"]),
        _number(values["due_month"]), tuple(sorted(ticked)), start,
    )  # fmt: skip


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def _faults(request: Asked, refusal: Refused) -> dict[str, str]:
    return {"" if name == "usual_work" else name: told for name, told in errors(request, refusal).items()}


@post("/{slug:str}/cells/{cell:uuid}/usual-work", access=in_committee)
async def add_usual(request: Asked, cell: FromPath[UUID], data: Form) -> Response[Any]:
    """Write usual work down. The form carries its id: sent twice, it is written once."""
    values, ticked = _read(data)
    nonce = data.get("nonce") or str(uuid4())
    try:
        wanted = _wanted(values, ticked)
        work = await usual_changing.add(
            uuid_in(nonce) or uuid4(), cell=cell, wanted=wanted, by=reader_of(request)
        )
    except Refused as refusal:
        return await _list(request, cell, values, ticked, _faults(request, refusal), nonce, status=422)
    return Redirect(f"/{current().slug}/usual-work/{work}", status_code=303)


@get("/{slug:str}/usual-work/{work:uuid}", access=in_committee)
async def show_one(request: Asked, work: FromPath[UUID]) -> Response[str]:
    """One usual work: when it comes next, for whom, and what has been given."""
    return await _one(request, work, None, set(), {})


async def _one(
    request: Asked, work: UUID, values: dict[str, str] | None, ticked: set[int], faults: dict[str, str],
    status: int = 200, opened: str = "", typed: str = "",
) -> Response[str]:  # fmt: skip
    reader, today = reader_of(request), clock.today()
    async with transaction(read_only=True):
        row = await usual.find(work, reader)
        may_change = may_manage(reader, row["cell"]) and row["ended_at"] is None
        people = await expected(row["cell"], today)
        rounds = await usual.ahead(row, after=today)
        given = await usual.made(work)
    kept = _kept(row) if values is None else values
    return page(
        request, "assignments/usual_one.html", status=status, work=_shown(row, people),
        rounds=[_round(row["every"], one) for one in rounds],
        made=[{**dict(one), "word": periods.period_word(row["every"], one["period"]), "due": day(one["due_on"])}
              for one in given if row["every"]],
        may_change=may_change, values=kept, errors=faults, opened=opened, typed=typed,
        form=_choices(request, people, ticked, row=row if values is None else None),
        back=(f"/{current().slug}/cells/{row['cell']}/usual-work", translate(request, say("Việc thường kỳ"))),
    )  # fmt: skip


def _shown(row: Record, people: list[Expected]) -> dict[str, Any]:
    members = set(row["members"])
    here = [one for one in people if one.person.member in members]
    return {
        "id": row["id"], "cell_name": row["cell_name"], "text": row["text"], "area": AREAS[row["area"]],
        "check_by": row["check_by"] or None, "by": row["created_by"],
        "when": periods.due_word(usual.rule_of(row)) if row["every"] else None,
        "people": [{"name": one.person.name, "exempt": one.base == "exempt"} for one in here],
        "gone": len(members) - len(here),
        "ended": day(row["to_on"]) if row["ended_at"] and row["to_on"] else None, "ended_by": row["ended_by"],
    }  # fmt: skip


def _round(every: str, one: usual.Round) -> dict[str, Any]:
    return _occurrence(every, one.occurrence) | {
        "to": [person.person.name for person in one.given],
        "exempt": [person.person.name for person in one.exempt],
    }


def _kept(row: Record) -> dict[str, str]:
    """The form as it stands in the database."""
    return {name: str(row[name] or "") for name in _TYPED}


@post("/{slug:str}/usual-work/{work:uuid}", access=in_committee)
async def change_usual(request: Asked, work: FromPath[UUID], data: Form) -> Response[Any]:
    """Change the words, the rule or the people; what has been given stays."""
    values, ticked = _read(data)
    try:
        await usual_changing.change(work, wanted=_wanted(values, ticked), by=reader_of(request))
    except Refused as refusal:
        return await _one(
            request, work, values, ticked, _faults(request, refusal), status=422, opened="change"
        )
    return Redirect(f"/{current().slug}/usual-work/{work}", status_code=303)


@post("/{slug:str}/usual-work/{work:uuid}/ending", access=in_committee)
async def end_usual(request: Asked, work: FromPath[UUID]) -> Response[Any]:
    """No more of it from today on."""
    try:
        await usual_changing.end(work, by=reader_of(request))
    except Refused as refusal:
        return await _one(request, work, None, set(), _faults(request, refusal), status=422)
    return Redirect(f"/{current().slug}/usual-work/{work}", status_code=303)


@post("/{slug:str}/usual-work/{work:uuid}/exceptions", access=in_committee)
async def except_usual(request: Asked, work: FromPath[UUID], data: Form) -> Response[Any]:
    """Another way for one coming period: none, another due date, or as usual again."""
    period = date_in(data.get("period", ""))
    at = period.isoformat() if period else ""
    typed, how = data.get(f"due-{at}", "").strip(), data.get("how", "")
    try:
        if period is None:
            raise Refused(usual_work=say("Xin chọn một kỳ trong danh sách."))
        due = date_in(typed) if how == "moved" else None
        if how == "moved" and due is None:
            raise Refused(due=say("Hạn khác không đúng, xin ghi như 03/11/2026."))
        await usual_changing.make_exception(
            work, period=period, left_out=how == "left_out", due=due, by=reader_of(request)
        )
    except Refused as refusal:
        faults = {
            f"due-{at}" if name == "due" else "": told for name, told in _faults(request, refusal).items()
        }
        return await _one(request, work, None, set(), faults, status=422, opened=at, typed=typed)
    return Redirect(f"/{current().slug}/usual-work/{work}", status_code=303)
