"""What is said on a meeting's page without JavaScript: work is given, last time's work is gone through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server import clock
from server.accounts.reader import Reader
from server.assignments import actions, usual
from server.assignments.actions import NewChange
from server.meetings import queries as meetings
from server.meetings.queries import NotFound
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of, uuid_in
from web.assignments import dues
from web.assignments.meeting import Desk, load, meeting_page
from web.assignments.moves import seen_in

GIVING = ("text", "due", "due_other", "area", "check_by", "usual")
REVIEWING = ("move", "seen", "due", "due_other", "note", "nonce")
REVIEW_MOVES = frozenset({"accepted", "reported", "carried", "not_done", "returned", "settled"})
# More than any cell has.
MOST_MEMBERS = 500


@post("/{slug:str}/meetings/{meeting:uuid}/assignments", access=in_committee)
async def give(request: Asked, meeting: FromPath[UUID]) -> Response[Any]:
    """Give work without JavaScript: one sentence, one member or several. Sent twice, it gives once."""
    reader = reader_of(request)
    form = await request.form()
    typed: dict[str, Any] = {name: str(form.get(name, "")).strip() for name in GIVING}
    typed["members"] = [_number(str(no)) for no in form.getall("member", [])][:MOST_MEMBERS]
    nonce = uuid_in(str(form.get("nonce", ""))) or uuid4()
    try:
        await actions.say_together(await _given(meeting, typed, nonce, reader), device=nonce, by=reader)
    except Refused as refusal:
        return meeting_page(request, await load(meeting, reader), typed=typed, refused=refusal)
    return Redirect(f"/{current().slug}/meetings/{meeting}/assignments#given", status_code=303)


async def _given(meeting: UUID, typed: Mapping[str, Any], nonce: UUID, reader: Reader) -> list[NewChange]:
    """One change a member. Raises NotFound, Refused at its field."""
    async with transaction(read_only=True):
        cell = (await meetings.meeting(meeting, reader))["cell"]
        template = next((t for t in await usual.templates(cell) if str(t["id"]) == typed["usual"]), None)
    if not typed["members"]:
        raise Refused(member=say("Xin chọn ít nhất một đồng chí."))
    # A template gives the words where none were typed.
    text = typed["text"] or (template["text"] if template else "")
    what = {
        "text": text, "area": template["area"] if template and not typed["text"] else typed["area"],
        "check_by": typed["check_by"] or (template["check_by"] if template else ""), "due": dues.chosen(typed),
        "usual_work": template["id"] if template else None,
    }  # fmt: skip
    said = json.dumps([typed[name] for name in GIVING])
    return [
        NewChange(
            uuid5(nonce, f"given {no} {said}"), uuid5(nonce, f"{no} {said}"), "given", clock.now(), meeting=meeting,
            cell=cell, task=uuid5(nonce, said), member=no, **what,
        )
        for no in typed["members"]
    ]  # fmt: skip


@post("/{slug:str}/meetings/{meeting:uuid}/assignments/{no:int}/changes", access=in_committee)
async def review_one(request: Asked, meeting: FromPath[UUID], no: FromPath[int]) -> Response[Any]:
    """Say how one task came out, without JavaScript: a button, or the forms of "not done"."""
    reader = reader_of(request)
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in REVIEWING}
    desk = await load(meeting, reader)
    row = next((one for one in desk.reviewed if one["no"] == no), None)
    if row is None:
        raise NotFound(no)
    nonce = uuid_in(typed["nonce"]) or uuid4()
    try:
        await actions.say_one(_reviewed(desk, row, typed, nonce), device=nonce, by=reader)
    except Refused as refusal:
        desk = await load(meeting, reader)
        return meeting_page(request, desk, undone=no, typed=typed, refused=refusal)
    return Redirect(f"/{current().slug}/meetings/{meeting}/assignments#a{no}", status_code=303)


def _reviewed(desk: Desk, row: Record, typed: Mapping[str, str], nonce: UUID) -> NewChange:
    """What a form says of one task: ``move`` is kind.detail.seen, or the kind alone. Raises Refused."""
    kind, *more = typed["move"].split(".")
    seen = more.pop() if more and more[-1] else typed["seen"]
    knew = seen_in(seen)
    if kind not in REVIEW_MOVES or knew is None:
        raise Refused(**{"": say("Thao tác không hợp lệ.")})
    said: dict[str, Any] = {}
    if kind == "settled":
        register, chosen = (*more, "", "")[:2]
        sayings = desk.rivals.get(row["id"], {}).get(register, [])
        said = {
            "register": register,
            "value": next((r["value"] for r in sayings if r["change"] == chosen), None),
        }
    elif kind == "accepted":
        said = {"result": more[0] if more else ""}
    elif kind == "carried":
        said = {"due": dues.chosen(typed)}
    same = json.dumps([row["no"], seen, *(typed[name] for name in REVIEWING if name != "nonce")])
    return NewChange(
        uuid5(nonce, same), row["id"], kind, clock.now(), seen=knew, meeting=desk.held["id"],
        note=typed["note"], **said,
    )  # fmt: skip


def _number(text: str) -> int:
    """A number that a form carries; -1, which nobody has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
