"""Meetings: a month of them, one, a new one, and the one that was not held."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from server import clock
from server.accounts.reader import Reader
from server.assignments.rules import may_give
from server.cells.queries import cells_of
from server.meetings import actions, quality, queries
from server.meetings.rules import KINDS, reported
from server.minutes.rules import may_send
from server.minutes.sent import sent_for
from server.roll_call.queries import summary_and_conflicts
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, Form, date_in, reader_of, uuid_in
from web.meetings.people import ROLES, choices, read_people, secretary_of
from web.render import errors, page, translate
from web.words import day, kind_word, month_switch, read_month, when


def seen_cells(reader: Reader) -> frozenset[UUID] | None:
    """The cells whose meetings a reader sees; None for all."""
    return None if reader.sees_all else reader.cells()


def may_plan(reader: Reader) -> bool:
    """Whether this reader plans meetings anywhere here."""
    return reader.whole_committee or any(reader.may_open_roll(cell) for cell in reader.cells())


@get("/{slug:str}/meetings", access=in_committee, support=True)
async def month_of_meetings(request: Asked, month: FromQuery[str] = "") -> Response[str]:
    """All meetings of a month, cell by cell; a cell without any has not reported."""
    reader = reader_of(request)
    today = clock.today()
    chosen = read_month(month, default=clock.month_of(today))
    async with transaction(read_only=True):
        cells = await cells_of(seen_cells(reader), on=chosen)
        rows = await queries.of_month(chosen, seen_cells(reader))
    shown = [row_of(row, today) for row in rows]
    met = {row["cell"] for row in rows}
    shown += [_nothing(cell) for cell in cells if cell["id"] not in met]
    return page(
        request, "meetings/meetings.html", rows=shown, totals=totals(shown, len(cells)), may_plan=may_plan(reader),
        month=month_switch(request.url.path, chosen, last=clock.month_after(clock.month_of(today), 12)),
        minutes_href=f"/{current().slug}/minutes?month={chosen:%Y-%m}",
    )  # fmt: skip


def row_of(row: Record, today: date) -> dict[str, Any]:
    """A meeting as the lists show it; attendance only of closed rolls."""
    closed = row["closed_at"] is not None
    state = "open" if row["opened_at"] and not closed else reported(
        row["state"], roll_closed=closed, day=row["held_on"], today=today
    )  # fmt: skip
    return {
        "cell_name": row["cell_name"], "cell_id": row["cell"], "id": row["id"], "title": kind_word(row["kind"]),
        "when": when(row["starts_at"]), "state": state, "reason": row["not_held_reason"] or None,
        "roll_closed": closed,
        "attending": row["attending"] if closed else None, "base": row["base"] if closed else None,
    }  # fmt: skip


def _nothing(cell: Record) -> dict[str, Any]:
    return {
        "cell_name": cell["name"], "cell_id": cell["id"], "id": None, "title": None, "when": None,
        "state": "not_reported", "reason": None, "roll_closed": False, "attending": None, "base": None,
    }  # fmt: skip


def totals(rows: list[dict[str, Any]], cells: int) -> dict[str, Any]:
    """Sums of a month: cells that held a meeting of all cells, attendance of closed rolls, cells not reported."""
    closed = [r for r in rows if r["roll_closed"]]
    return {
        "held": len({r["cell_id"] for r in rows if r["state"] == "held"}),
        "due": cells,
        "attending": sum(r["attending"] for r in closed) if closed else None,
        "base": sum(r["base"] for r in closed) if closed else None,
        "not_reported": len({r["cell_id"] for r in rows if r["state"] == "not_reported"}),
    }


@get("/{slug:str}/meetings/new", access=in_committee)
async def new_meeting(request: Asked, cell: FromQuery[str] = "") -> Response[str]:
    """The form for a new meeting."""
    values = {
        "cell": cell,
        "kind": "regular",
        "date": clock.today().isoformat(),
        "time": "19:30",
        "place": "",
    }
    return await _form(request, values, {}, str(uuid4()))


async def _form(
    request: Asked, values: dict[str, str], faults: dict[str, str], nonce: str, status: int = 200
) -> Response[str]:
    reader = reader_of(request)
    async with transaction(read_only=True):
        found = await cells_of(seen_cells(reader), on=clock.today())
        # Whoever chooses among cells names people on the meeting's own page: here they would not fit the choice.
        day = date_in(values["date"]) or clock.today()
        people = await queries.people_of(found[0]["id"], day) if len(found) == 1 else []
    return page(
        request, "meetings/new.html", status=status, errors=faults, nonce=nonce, people=choices(people),
        values={"chair": secretary_of(people), **values},
        cells=[(str(row["id"]), row["name"]) for row in found],
        kinds=[(kind, translate(request, word)) for kind, word in KINDS.items()],
        back=(f"/{current().slug}/meetings", translate(request, say("Cuộc họp"))),
    )  # fmt: skip


@post("/{slug:str}/meetings", access=in_committee)
async def plan(request: Asked, data: Form) -> Response[Any]:
    """Plan a meeting. The form carries the meeting's id: sent twice, it plans once."""
    reader = reader_of(request)
    values = {name: data.get(name, "").strip() for name in (*_TYPED, *ROLES)}
    nonce = data.get("nonce") or str(uuid4())
    try:
        wanted = {**_read_plan(values, reader), **read_people(values)}
        meeting = await actions.plan(uuid_in(nonce) or uuid4(), **wanted, place=values["place"], by=reader)
    except Refused as refusal:
        faults = errors(request, refusal)
        return await _form(
            request, values, {_FIELDS.get(k, k): v for k, v in faults.items()}, nonce, status=422
        )
    return Redirect(f"/{current().slug}/meetings/{meeting}", status_code=303)


_TYPED = ("cell", "kind", "date", "time", "place")
# What the service calls a field → what the form calls it.
_FIELDS = {"day": "date", "at": "time", "meeting": ""}


def _read_plan(values: dict[str, str], reader: Reader) -> dict[str, Any]:
    faults: dict[str, Say] = {}
    cell = uuid_in(values["cell"]) or next(
        iter(reader.cells()) if len(reader.cells()) == 1 else iter(()), None
    )
    if cell is None:
        faults["cell"] = say("Xin chọn chi bộ.")
    day, at = date_in(values["date"]), _time(values["time"])
    if day is None:
        faults["day"] = say("Ngày họp không đúng, xin ghi như 03/11/2026.")
    if at is None:
        faults["at"] = say("Giờ họp không đúng, xin ghi như 19:30.")
    if faults:
        raise Refused(**faults)
    return {"cell": cell, "kind": values["kind"], "day": day, "at": at}


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


@get("/{slug:str}/meetings/{meeting:uuid}", access=in_committee, support=True)
async def show(request: Asked, meeting: FromPath[UUID]) -> Response[str]:
    """One meeting with its one main action."""
    return await _show(request, meeting, {}, {})


async def _show(
    request: Asked, meeting: UUID, values: dict[str, str], faults: dict[str, str], status: int = 200
) -> Response[str]:
    reader = reader_of(request)
    async with transaction(read_only=True):
        row = await queries.meeting(meeting, reader)
        summary = (await summary_and_conflicts(meeting))[0] if row["opened_at"] else None
        closed = row["closed_at"] is not None
        plans = reader.may_open_roll(row["cell"]) or reader.whole_committee
        may_name = plans and not closed and row["state"] != "not_held"
        people = await queries.people_of(row["cell"], row["held_on"]) if may_name else []
        minutes = await sent_for(meeting)
    base = f"/{current().slug}/meetings"
    roll = "closed" if closed else "open" if row["opened_at"] else "planned"
    shown = {
        "id": row["id"], "title": kind_word(row["kind"]), "kind_word": kind_word(row["kind"]),
        "cell_name": row["cell_name"], "when": when(row["starts_at"]), "where": row["place"] or None,
        "state": "open" if roll == "open" else row["state"], "reason": row["not_held_reason"], "roll_state": roll,
        "attending": summary["attending"] if summary else None, "base": summary["base"] if summary else None,
        "summary": summary, "chair": row["chair_name"], "recorder": row["recorder_name"],
    }  # fmt: skip
    named = {role: str(row[role] or "") for role in ROLES}
    named["points"] = "" if row["quality"] is None else str(row["quality"])
    return page(
        request, "meetings/meeting.html", status=status, meeting=shown, values={**named, **values}, errors=faults,
        action=main_action(request, row, roll, reader), people=choices(people), may_name=may_name,
        may_cancel=plans and roll == "planned" and row["state"] == "planned",
        may_put_back=plans and row["state"] == "not_held",
        back=(f"{base}?month={row['held_on']:%Y-%m}", translate(request, say("Cuộc họp"))),
        minutes=[dict(one) for one in minutes], capture=_desk(row, reader), keep=_kept(row, roll, reader),
        quality=_quality(row, reader),
    )  # fmt: skip


def _quality(row: Record, reader: Reader) -> dict[str, Any] | None:
    """The points of a meeting that was held, and the band in which they are on its day."""
    if row["state"] != "held":
        return None
    told = row["quality"] is not None
    band = quality.band(row["quality"], row["held_on"]) if told else None
    return {
        "points": row["quality"], "band": quality.BANDS[band] if band else None, "by": row["quality_by"],
        "at": day(row["quality_at"].astimezone(clock.VIETNAM)) if told else None,
        "may": quality.may_score(reader, row["cell"]), "most": quality.MOST_POINTS,
    }  # fmt: skip


def _desk(row: Record, reader: Reader) -> str | None:
    """Where the minutes of a meeting are photographed, for who may send them."""
    if row["state"] == "not_held" or not may_send(reader, row["cell"]):
        return None
    return f"/{current().slug}/meetings/{row['id']}/minutes/new"


def _kept(row: Record, roll: str, reader: Reader) -> list[str]:
    """The meeting's pages that a phone holds for a hall without signal. The office has no such phone."""
    if row["state"] == "not_held":
        return []
    rolls = [f"/{current().slug}/meetings/{row['id']}/roll-call"] if roll != "closed" else []
    desk = None if reader.whole_committee else _desk(row, reader)
    gives = may_give(reader, row["cell"]) and not reader.whole_committee
    work = [f"/{current().slug}/meetings/{row['id']}/assignments"] if gives else []
    return [*rolls, *([desk] if desk else []), *work]


def main_action(request: Asked, row: Record, roll: str, reader: Reader) -> tuple[str, str] | None:
    """The one main thing to do with a meeting: take, go on with, or read its roll."""
    if row["state"] == "not_held":
        return None
    words = (
        say("Điểm danh")
        if reader.may_mark(row["cell"]) != "look" and roll != "closed"
        else say("Xem điểm danh")
    )
    return f"/{current().slug}/meetings/{row['id']}/roll-call", translate(request, words)


@post("/{slug:str}/meetings/{meeting:uuid}/not-held", access=in_committee)
async def call_off(request: Asked, meeting: FromPath[UUID], data: Form) -> Response[Any]:
    """Say that a meeting was not held, and why."""
    try:
        await actions.call_off(meeting, reason=data.get("reason", ""), by=reader_of(request))
    except Refused as refusal:
        values = {"reason": data.get("reason", "")}
        return await _show(request, meeting, values, errors(request, refusal), status=422)
    return Redirect(f"/{current().slug}/meetings/{meeting}", status_code=303)


@post("/{slug:str}/meetings/{meeting:uuid}/people", access=in_committee)
async def name_people(request: Asked, meeting: FromPath[UUID], data: Form) -> Response[Any]:
    """Say who chairs a meeting and who records it."""
    values = {role: data.get(role, "").strip() for role in ROLES}
    try:
        await actions.name_people(meeting, **read_people(values), by=reader_of(request))
    except Refused as refusal:
        faults = {_FIELDS.get(k, k): v for k, v in errors(request, refusal).items()}
        return await _show(request, meeting, values, faults, status=422)
    return Redirect(f"/{current().slug}/meetings/{meeting}", status_code=303)


@post("/{slug:str}/meetings/{meeting:uuid}/quality", access=in_committee)
async def score(request: Asked, meeting: FromPath[UUID], data: Form) -> Response[Any]:
    """Write down the points that a cell gives its meeting; none takes them back."""
    points = data.get("points", "").strip()
    try:
        await quality.score(meeting, points=points, by=reader_of(request))
    except Refused as refusal:
        return await _show(request, meeting, {"points": points}, errors(request, refusal), status=422)
    return Redirect(f"/{current().slug}/meetings/{meeting}#quality", status_code=303)


@post("/{slug:str}/meetings/{meeting:uuid}/planned", access=in_committee)
async def put_back(request: Asked, meeting: FromPath[UUID]) -> Response[Any]:
    """Take back that a meeting was not held."""
    await actions.put_back(meeting, by=reader_of(request))
    return Redirect(f"/{current().slug}/meetings/{meeting}", status_code=303)


__all__ = ["main_action", "may_plan", "row_of", "seen_cells", "totals"]
