"""The roll of a meeting on a phone: the page, the marks of the queue, opening, closing, one person."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4, uuid5

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra import metrics
from server import clock, versions
from server.roll_call import actions, queries
from server.roll_call.actions import NewMark, Verdict
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web import hints
from web.access import in_committee
from web.asking import Asked, Form, reader_of
from web.queued import check_account, decoded, told_time
from web.render import errors, page, translate
from web.roll_call.rows import rows
from web.roll_call.show import Roll, load_entry, load_roll


@get("/{slug:str}/meetings/{meeting:uuid}/roll-call", access=in_committee, support=True)
async def show_roll(request: Asked, meeting: FromPath[UUID]) -> Response[str]:
    """The whole roll."""
    return _page(request, await load_roll(meeting, reader_of(request)))


def _page(request: Asked, roll: Roll, *, status: int = 200, refused: Refused | None = None) -> Response[str]:
    committee = current()
    return page(
        request, "roll_call/roll_call.html", status=status, roll=roll, rows=rows, may_open=roll.may_open,
        may_close=roll.may_close, errors=errors(request, refused) if refused else {},
        back=(f"/{committee.slug}/meetings/{roll.meeting_id}", translate(request, say("Cuộc họp"))),
    )  # fmt: skip


class SentMark(msgspec.Struct):
    """A mark as the phone's queue sends it."""

    id: UUID
    no: Annotated[int, msgspec.Meta(ge=0, le=2_000_000_000)]
    state: Annotated[str, msgspec.Meta(max_length=40)]
    seq: Annotated[int, msgspec.Meta(ge=0, le=2_000_000_000)]
    at: Annotated[str, msgspec.Meta(max_length=40)]
    reason: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    seen: Annotated[list[UUID], msgspec.Meta(max_length=100)] = []
    late_reason: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Batch(msgspec.Struct):
    """What a phone sends at once."""

    device: UUID
    marks: Annotated[list[SentMark], msgspec.Meta(max_length=actions.BATCH_LIMIT)]
    since: Annotated[int, msgspec.Meta(ge=0, le=versions.MOST)] = 0
    open: bool = False
    sent_at: str = ""


_DECODE = msgspec.json.Decoder(Batch)
_ENCODE = msgspec.json.Encoder()


@post("/{slug:str}/meetings/{meeting:uuid}/marks", access=in_committee, status_code=200)
async def add_marks(request: Asked, meeting: FromPath[UUID]) -> Response[Any]:
    """Take a batch of marks: JSON from the queue, or one tap of a plain form."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return await _from_queue(request, meeting)
    return await _from_form(request, meeting)


async def _from_queue(request: Asked, meeting: UUID) -> Response[Any]:
    check_account(request)
    try:
        batch = decoded(_DECODE, await request.body())
        marks = [_mark(sent) for sent in batch.marks]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        message = translate(
            request, say("Lượt ghi không đúng mẫu nên chưa được nhận. Dữ liệu vẫn còn trong máy.")
        )
        return Response({"message": message}, status_code=422)
    verdict = await actions.record(
        meeting,
        marks,
        device=batch.device,
        since=versions.known(batch.since),
        opening=batch.open,
        by=reader_of(request),
    )
    _told(meeting, verdict)
    return _answer(request, verdict)


def _told(meeting: UUID, verdict: Verdict) -> None:
    metrics.MARKS.inc(len(verdict.acked))
    hints.tell(meeting)


def _mark(sent: SentMark) -> NewMark:
    return NewMark(
        sent.id, sent.no, sent.state, sent.seq, told_time(sent.at), (sent.reason or "").strip(), tuple(sent.seen),
        (sent.late_reason or "").strip(),
    )  # fmt: skip


def _answer(request: Asked, verdict: Verdict) -> Response[Any]:
    refused = [{"id": m.id, "no": m.no, "reason": translate(request, why)} for m, why in verdict.refused]
    body = _ENCODE.encode({"acked": verdict.acked, "refused": refused, **verdict.changes})
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _from_form(request: Asked, meeting: UUID) -> Response[Any]:
    """One tap without JavaScript. The page's nonce makes the ids, so sending the form twice marks once."""
    reader = reader_of(request)
    form = await request.form()
    roll = await load_roll(meeting, reader)
    nonce, typed = _uuid(form.get("nonce")), {k: str(v) for k, v in form.items()}
    wanted = _wanted(typed, roll)
    marks = [
        NewMark(
            uuid5(nonce, f"{entry.no}.{state}.{entry.heads}"), entry.no, state, index, clock.now(),
            typed.get("reason", "")[:200] or _reason_of_rival(entry, state),
            tuple(UUID(head) for head in entry.heads.split()), typed.get("late_reason", "")[:200].strip(),
        )
        for index, (entry, state) in enumerate(wanted, start=1)
    ]  # fmt: skip
    # A device of one page: its taps are ordered by what each page had seen, not by a counter.
    verdict = await actions.record(meeting, marks, device=nonce, since=2_000_000_000, by=reader)
    _told(meeting, verdict)
    if verdict.refused:
        refusal = Refused(mark=verdict.refused[0][1])
        return _page(request, await load_roll(meeting, reader), status=422, refused=refusal)
    anchor = f"#m{wanted[0][0].no}" if wanted and "rest" not in typed else ""
    return Redirect(f"/{current().slug}/meetings/{meeting}/roll-call{anchor}", status_code=303)


def _wanted(typed: dict[str, str], roll: Roll) -> list[tuple[Any, str]]:
    everybody = [(number, entry) for number, _, people in roll.groups for entry in people]
    if rest := typed.get("rest"):
        return [
            (e, "present")
            for number, e in everybody
            if str(number) == rest and e.state == "not_called" and not e.rivals
        ]
    no, _, state = typed.get("m", "").partition(".")
    found = [(e, state) for _, e in everybody if str(e.no) == no]
    if not found:
        raise Refused(mark=say("Người này không có trong danh sách điểm danh của cuộc họp."))
    return found


def _reason_of_rival(entry: Any, state: str) -> str:
    """Who settles by choosing what one of them wrote keeps the reason that was written."""
    return next((r["reason"] for r in entry.rivals if r["state"] == state), "")


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        return uuid4()


@get("/{slug:str}/meetings/{meeting:uuid}/changes", access=in_committee, support=True)
async def changes(request: Asked, meeting: FromPath[UUID], since: FromQuery[int] = 0) -> Response[bytes]:
    """What changed after a version: for phones that can't hold a stream open."""
    body = await changes_since(meeting, since, reader_of(request))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


async def changes_since(meeting: UUID, since: int, reader: Any) -> bytes:
    """The changes after a version that a phone was told, as JSON; the whole roll for ``since`` 0. Raises NotFound."""
    async with transaction(read_only=True):
        held = await queries.meeting(meeting, reader)
        if held["opened_at"] is None:
            return _ENCODE.encode(queries.planned())
        rows = await queries.changed(meeting, versions.known(since))
    changed = queries.changes(
        rows,
        closed=held["closed_at"] is not None,
        version=held["version"],
        why=reader.may_know_why(held["cell"]),
    )
    return _ENCODE.encode(changed)


@post("/{slug:str}/meetings/{meeting:uuid}/opening", access=in_committee)
async def open_roll(request: Asked, meeting: FromPath[UUID]) -> Response[Any]:
    """Open the roll: write down who is expected today."""
    try:
        await actions.open_roll(meeting, by=reader_of(request))
    except Refused as refusal:
        roll = await load_roll(meeting, reader_of(request))
        return _page(request, roll, status=422, refused=refusal)
    hints.tell(meeting)
    return Redirect(f"/{current().slug}/meetings/{meeting}/roll-call", status_code=303)


@post("/{slug:str}/meetings/{meeting:uuid}/closing", access=in_committee)
async def close_roll(request: Asked, meeting: FromPath[UUID], data: Form) -> Response[Any]:
    """Close the roll: the meeting counts as held."""
    reader = reader_of(request)
    try:
        await actions.close_roll(meeting, rest_absent=data.get("rest_absent") == "1", by=reader)
    except Refused as refusal:
        return _page(request, await load_roll(meeting, reader), status=422, refused=refusal)
    hints.tell(meeting)
    return Redirect(f"/{current().slug}/meetings/{meeting}", status_code=303)


@get("/{slug:str}/meetings/{meeting:uuid}/entries/{no:int}", access=in_committee)
async def show_entry(request: Asked, meeting: FromPath[UUID], no: FromPath[int]) -> Response[str]:
    """One person: the states to choose from, and the history of marks."""
    roll, entry, mine, history = await load_entry(meeting, no, reader_of(request))
    return page(
        request,
        "roll_call/entry.html",
        roll=roll,
        entry=entry,
        mine=mine,
        history=history,
        errors={},
        typed={},
    )
