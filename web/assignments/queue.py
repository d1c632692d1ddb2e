"""What a phone has to say of work, on line or after a night without signal: one address, batches, repeats harmless."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, post

from server import versions
from server.assignments import actions
from server.assignments.actions import NewChange, Verdict
from server.words import say
from web.access import in_committee
from web.asking import Asked, reader_of
from web.queued import check_account, decoded, told_time
from web.render import translate

_Number = Annotated[int, msgspec.Meta(ge=0, le=2_000_000_000)]
_Word = Annotated[str, msgspec.Meta(max_length=40)]
# Longer than any text that is taken: what is too long is refused by its own sentence, at its field.
_Text = Annotated[str, msgspec.Meta(max_length=5_000)]


class SentChange(msgspec.Struct):
    """A change as the phone's queue sends it; what a kind does not need is left out."""

    id: UUID
    assignment: UUID
    kind: _Word
    at: _Word = ""
    seen: Annotated[int, msgspec.Meta(ge=0, le=versions.MOST)] = 0
    after: Annotated[list[UUID], msgspec.Meta(max_length=100)] = []
    meeting: UUID | None = None
    note: _Text | None = None
    member: _Number | None = None
    text: _Text | None = None
    area: _Word | None = None
    check_by: _Text | None = None
    due: _Word | msgspec.UnsetType | None = msgspec.UNSET
    result: _Word | None = None
    register: _Word | None = None
    value: Any = None
    task: UUID | None = None
    cell: UUID | None = None
    usual_work: UUID | None = None


class Batch(msgspec.Struct):
    """What a phone sends at once."""

    device: UUID
    changes: Annotated[list[SentChange], msgspec.Meta(max_length=actions.BATCH_LIMIT)]
    sent_at: str = ""


_DECODE = msgspec.json.Decoder(Batch)
_ENCODE = msgspec.json.Encoder()


@post("/{slug:str}/assignments/changes", access=in_committee, status_code=200)
async def add_changes(request: Asked) -> Response[Any]:
    """Take a batch of changes from the queue."""
    check_account(request)
    try:
        batch = decoded(_DECODE, await request.body())
    except (msgspec.MsgspecError, ValueError, RecursionError):
        message = say("Nội dung gửi lên không đúng mẫu nên chưa được nhận. Dữ liệu vẫn còn trong máy.")
        return Response({"message": translate(request, message)}, status_code=422)
    changes = [_change(sent) for sent in batch.changes]
    verdict = await actions.say_all(changes, device=batch.device, by=reader_of(request))
    return _answer(request, verdict)


def _change(sent: SentChange) -> NewChange:
    return NewChange(
        sent.id, sent.assignment, sent.kind, told_time(sent.at), versions.seen(sent.seen), tuple(sent.after),
        meeting=sent.meeting, note=sent.note or "", member=sent.member, text=sent.text or "", area=sent.area or "",
        check_by=sent.check_by or "", due=_due(sent.due), result=sent.result or "",
        register=sent.register or "", value=sent.value, task=sent.task, cell=sent.cell, usual_work=sent.usual_work,
    )  # fmt: skip


def _due(sent: str | msgspec.UnsetType | None) -> Any:
    if sent is msgspec.UNSET:
        return ...
    try:
        return date.fromisoformat(sent) if sent else None
    except ValueError:
        return date.max  # a year of five digits, say: told at its change and not to the whole batch


def _answer(request: Asked, verdict: Verdict) -> Response[Any]:
    refused = [{"id": c.id, "reason": translate(request, why)} for c, why in verdict.refused]
    body = _ENCODE.encode({"acked": verdict.acked, "refused": refused, "rows": verdict.rows})
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
