"""Pages of minutes on their way in: from a phone, one after the other, or from a plain form, all at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID, uuid4, uuid5

import msgspec
from litestar import Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from infra.settings import LARGEST_MB
from server.fleet.quotas import Full
from server.meetings.queries import meeting as find_meeting
from server.minutes import actions, queries, rules, uploads
from server.minutes.names import shown_name
from server.minutes.receiving import Again, Unfit, received
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of, uuid_in
from web.queued import bare_file, check_account
from web.render import errors, page, translate

# A form without a script sends all its files in one request; the library keeps them on the disk meanwhile.
LARGEST_FORM = LARGEST_MB * 1_000_000 + 1_000_000
_PIECE = 256 * 1024
_NO_STORE = {"Cache-Control": "no-store"}


class Arrangement(msgspec.Struct):
    """Which files belong to a document, in order."""

    meeting: UUID
    files: Annotated[list[UUID], msgspec.Meta(max_length=500)]


_DECODE = msgspec.json.Decoder(Arrangement)
_ENCODE = msgspec.json.Encoder()


@put("/{slug:str}/minutes/{minutes:uuid}", access=in_committee)
async def arrange(request: Asked, minutes: FromPath[UUID]) -> Response[Any]:
    """Say which files a document has: the first thing that a phone sends, and again whenever that changes."""
    check_account(request)
    try:
        sent = _DECODE.decode(await request.body())
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return told(
            request, 422, say("Lượt gửi không đúng mẫu nên chưa được nhận. Trang vẫn còn trong máy."), ""
        )
    try:
        done = await actions.arrange(minutes, meeting=sent.meeting, files=sent.files, by=reader_of(request))
    except Refused as refusal:
        return refused(request, refusal)
    return _answer(done)


# No limit of the framework's: ours is a setting, and counts what really comes.
@put("/{slug:str}/minutes/{minutes:uuid}/files/{file:uuid}", access=in_committee, request_max_body_size=None)
async def take_file(request: Asked, minutes: FromPath[UUID], file: FromPath[UUID]) -> Response[Any]:
    """Take one file as it is, without any form around it."""
    try:
        sent = bare_file(request)
        done = await uploads.take(
            minutes,
            file,
            sent.body,
            sha256=sent.sha256,
            size=sent.size,
            name=sent.name,
            by=reader_of(request),
        )
    except Refused as refusal:
        return refused(request, refusal)
    return _answer(done)


@get("/{slug:str}/minutes/{minutes:uuid}/receipt", access=in_committee)
async def show_receipt(request: Asked, minutes: FromPath[UUID]) -> Response[Any]:
    """What the server has of a document."""
    async with transaction(read_only=True):
        found = await queries.receipt(minutes, reader_of(request))
    return _answer(found)


def _answer(found: queries.Receipt) -> Response[Any]:
    base = f"/{current().slug}/minutes"
    same = [
        {"file": s.file, "how": s.how, "minutes": s.minutes, "decided": s.decided,
         "url": f"{base}/{s.minutes}" + (f"?page={s.other}" if s.other else ""),
         "decide": f"{base}/{found.minutes}?page={s.page}"}
        for s in found.same
    ]  # fmt: skip
    told = {
        "minutes": found.minutes,
        "state": found.state,
        "wanted": found.wanted,
        "safe": found.safe,
        "same": same,
    }
    return Response(_ENCODE.encode(told), media_type="application/json", headers=_NO_STORE)


def refused(request: Asked, refusal: Refused) -> Response[Any]:
    """A refusal as the phone's courier understands it: 409 send the arrangement again, 413 too large, 423 no room now
    (keep it, and try again when asked), 422 for good.
    """
    code = getattr(refusal, "code", "refused")
    status = {"broken": 409, "unknown": 409, "too_large": 413, "full": 423}.get(code, 422)
    return told(request, status, " ".join(errors(request, refusal).values()), code)


def told(request: Asked, status: int, message: str, code: str) -> Response[Any]:
    """A sentence for the person and a code for the script."""
    told = {"message": translate(request, message), "code": code}
    return Response(told, status_code=status, headers=_NO_STORE)


@post("/{slug:str}/meetings/{meeting:uuid}/minutes", access=in_committee, request_max_body_size=LARGEST_FORM)
async def send_form(request: Asked, meeting: FromPath[UUID]) -> Response[Any]:
    """Take all files of a form. One that is refused holds back the others: the person still has the paper at hand."""
    async with transaction(read_only=True):
        rules.check_may_send(reader_of(request), (await find_meeting(meeting, reader_of(request)))["cell"])
    form = await request.form()
    sent = [one for one in form.getall("pages", []) if isinstance(one, UploadFile) and one.filename]
    try:
        rules.check_arrangement([uuid4() for _ in sent], limits=queries.limits(), first=True)
        hashes, faults = await _looked_at(request, sent)
    except Refused as refusal:
        hashes, faults = [], [("", " ".join(errors(request, refusal).values()))]
    if faults:
        return page(request, "minutes/refused.html", status=422, faults=faults, meeting=meeting)
    nonce = uuid_in(str(form.get("minutes", ""))) or uuid4()
    return await _send(request, meeting, nonce, dict(zip(hashes, sent, strict=True)))


async def _looked_at(request: Asked, sent: Sequence[UploadFile]) -> tuple[list[str], list[tuple[str, str]]]:
    """The hash of each file, and what is wrong with those that can't be taken: (name, why)."""
    hashes, faults = [], []
    for one in sent:
        try:
            async with received(pieces(one)) as arrived:
                await uploads.look(arrived)
            hashes.append(arrived.sha256)
        except Unfit as unfit:
            faults.append((shown_name(one.filename), errors(request, unfit)["file"]))
    return hashes, faults


async def _send(request: Asked, meeting: UUID, nonce: UUID, sent: dict[str, UploadFile]) -> Response[Any]:
    # The page's nonce and what is in the files make the ids: the form sent twice is one document, other files another.
    minutes = uuid5(nonce, sha256("".join(sent).encode()).hexdigest())
    files = {uuid5(minutes, digest): (digest, one) for digest, one in sent.items()}
    try:
        await actions.arrange(minutes, meeting=meeting, files=list(files), by=reader_of(request))
        for file, (digest, one) in files.items():
            await uploads.take(
                minutes,
                file,
                pieces(one),
                sha256=digest,
                size=None,
                name=one.filename,
                by=reader_of(request),
            )
    except (Unfit, Again, Full) as refusal:
        faults = [(shown_name(one.filename), " ".join(errors(request, refusal).values()))]
        return page(request, "minutes/refused.html", status=422, faults=faults, meeting=meeting)
    return Redirect(f"/{current().slug}/minutes/{minutes}", status_code=303)


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """The bytes of a file that a form brought, a piece at a time."""
    await file.seek(0)
    while piece := await file.read(_PIECE):
        yield piece
