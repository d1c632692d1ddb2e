"""A member's year on one sheet to read and print, and the form that puts down a contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server import clock, contacts
from server.accounts.reader import Reader
from server.assignments import year as years
from server.assignments.rules import AREAS
from server.assignments.year import Sheet
from server.members.actions import note_look
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, Form, date_in, reader_of, uuid_in
from web.assignments.shown import standing
from web.cells.routes import EXEMPT_WORDS
from web.render import errors, page, translate
from web.words import day, kind_word

_ABSENT = {"absent_excused": say("vắng có lý do"), "absent_unexcused": say("vắng không lý do")}
# The outcomes of deadlines in the order in which a sheet tells them.
_OUTCOMES = {
    "better": say("tốt hơn yêu cầu"), "on_time": say("đúng hạn"), "late": say("chậm hạn"),
    "not_done": say("không hoàn thành"), "moved": say("quá hạn rồi đổi hạn"), "undecided": say("quá hạn, chưa xong"),
}  # fmt: skip


def year_href(no: int, year: int | None = None) -> str:
    """The address of a member's sheet; of this year's where none is given."""
    return f"/{current().slug}/{years.address(no, year or clock.today().year)}"


@get("/{slug:str}/members/{no:int}/years/{year:int}", access=in_committee)
async def show_year(request: Asked, no: FromPath[int], year: FromPath[int]) -> Response[str]:
    """The sheet of one year; who looked at somebody else's is written down."""
    return await _show(request, no, year, {}, {})


@post("/{slug:str}/members/{no:int}/contacts", access=in_committee)
async def add_contact(request: Asked, no: FromPath[int], data: Form) -> Response[Any]:
    """Put down a contact. The form carries its id: sent twice, it is put down once."""
    typed = {name: data.get(name, "").strip() for name in ("held_on", "channel", "summary", "nonce")}
    held_on = date_in(typed["held_on"])
    try:
        await contacts.add(
            uuid_in(typed["nonce"]) or uuid4(), no=no, held_on=held_on, channel=typed["channel"],
            summary=typed["summary"], by=reader_of(request),
        )  # fmt: skip
    except Refused as refusal:
        return await _show(request, no, clock.today().year, typed, errors(request, refusal), status=422)
    assert held_on is not None
    return Redirect(f"{year_href(no, held_on.year)}#contacts", status_code=303)


async def _show(
    request: Asked, no: int, year: int, typed: Mapping[str, str], faults: Mapping[str, str], status: int = 200
) -> Response[str]:
    reader, today = reader_of(request), clock.today()
    async with transaction(read_only=True):
        found = await years.sheet(no, year, reader)
    if not found.sight.own:
        await note_look(years.address(no, year), by=reader, action="member_year_viewed")
    return page(
        request, "assignments/year.html", status=status, sheet=_sheet(found, today), errors=faults,
        member=_member(found.member), year=_years(found, today), back=_back(request, found, reader),
        contacts=[_contact(row) for row in found.contacts], may_contact=found.sight.contact,
        values={"held_on": today.isoformat(), "channel": "", "summary": "", "nonce": str(uuid4()), **typed},
        channels=[(code, translate(request, words)) for code, words in contacts.CHANNELS.items()],
        today=today.isoformat(), longest=contacts.LONGEST_SUMMARY, printed=day(today),
    )  # fmt: skip


def _member(member: Record) -> dict[str, Any]:
    official = member["official_on"]
    return {
        "no": member["no"], "name": member["name"], "cell_name": member["cell_name"],
        "group_name": member["group_name"], "probationary": official is None or official > clock.today(),
    }  # fmt: skip


def _years(found: Sheet, today: date) -> dict[str, Any]:
    no, year = found.member["no"], found.year
    return {
        "number": year, "previous": year_href(no, year - 1), "so_far": year == today.year,
        "next": year_href(no, year + 1) if year < today.year else None,
    }  # fmt: skip


def _back(request: Asked, found: Sheet, reader: Reader) -> tuple[str, str]:
    base, cell = f"/{current().slug}", found.member["cell"]
    if reader.whole_committee:
        return f"{base}/members", translate(request, say("Đảng viên"))
    if found.sight.own:
        return f"{base}/work", translate(request, say("Việc của tôi"))
    return (f"{base}/cells/{cell}" if cell else f"{base}/"), translate(request, say("Chi bộ"))


def _sheet(found: Sheet, today: date) -> dict[str, Any] | None:
    """All of the year but the contacts; None for those who only keep in touch."""
    if not found.sight.whole:
        return None
    due = found.due
    return {
        "works": [_work(row, today) for row in found.works], "done": found.done, "due": due["due"],
        "outcomes": [(words, due[name]) for name, words in _OUTCOMES.items() if due[name]], "ahead": found.ahead,
        "attendance": found.attendance, "rolls": found.rolls,
        "away": [(day(row["held_on"]), kind_word(row["kind"]), _ABSENT[row["state"]]) for row in found.away],
        "exemptions": [_exemption(row, why=found.sight.why) for row in found.exemptions],
    }  # fmt: skip


def _work(row: Record, today: date) -> dict[str, Any]:
    href = f"/{current().slug}/assignments/{row['no']}"
    return {
        "no": row["no"], "href": href, "text": row["text"], "area": AREAS[row["area"]], "given": day(row["given_on"]),
        "due": day(row["due_on"]) if row["due_on"] else say("thường xuyên"),
        "standing": standing({**row, "asked_due": None}, today),
        "ended": day(row["ended_on"]) if row["ended_on"] else None,
        "files": [f"{href}/files/{file}" for file in row["files"] or ()],
    }  # fmt: skip


def _exemption(row: Record, *, why: bool) -> dict[str, Any]:
    until: Say | str = day(row["to_on"]) if row["to_on"] else say("nay")
    return {
        "time": say("từ {first} đến {last}", first=day(row["from_on"]), last=until),
        "why": EXEMPT_WORDS[row["kind"]] if why else None, "keeper": row["keeper"],
    }  # fmt: skip


def _contact(row: Record) -> dict[str, Any]:
    return {
        "day": day(row["held_on"]), "channel": contacts.CHANNELS[row["channel"]], "summary": row["summary"],
        "by": row["by_name"],
    }  # fmt: skip
