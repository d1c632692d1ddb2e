"""Evidence over HTTP: from a phone as it is, from a plain form, and back without where and with what it was taken."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Stream

from server.assignments import evidence
from server.minutes.actions import note_look
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, Form, reader_of
from web.assignments.moves import id_in
from web.assignments.one import show_one
from web.minutes.originals import sent_bare
from web.minutes.pictures import picture
from web.minutes.upload import LARGEST_FORM, pieces, refused
from web.queued import bare_file
from web.render import errors


# No limit of the framework's: ours is a setting, and counts what really comes.
@put("/{slug:str}/assignments/{no:int}/files/{file:uuid}", access=in_committee, request_max_body_size=None)
async def take_file(request: Asked, no: FromPath[int], file: FromPath[UUID]) -> Response[Any]:
    """Take one file as it is, without any form around it."""
    try:
        sent = bare_file(request)
        await evidence.take(
            no, file, sent.body, sha256=sent.sha256, size=sent.size, name=sent.name, by=reader_of(request)
        )
    except Refused as refusal:
        return refused(request, refusal)
    return Response({"safe": str(file)}, headers={"Cache-Control": "no-store"})


@post("/{slug:str}/assignments/{no:int}/files", access=in_committee, request_max_body_size=LARGEST_FORM)
async def send_file(request: Asked, no: FromPath[int]) -> Response[Any]:
    """Take the file of a plain form; its nonce makes the id, so that a form sent twice brings it once."""
    form = await request.form()
    sent = form.get("file")
    try:
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise Refused(file=say("Xin chọn một ảnh hoặc một tệp PDF."))
        await evidence.take(
            no, id_in(str(form.get("nonce", ""))), pieces(sent), sha256=None, size=None, name=sent.filename,
            by=reader_of(request),
        )  # fmt: skip
    except Refused as refusal:
        return await show_one(request, no, faults=errors(request, refusal), status=422)
    return Redirect(f"/{current().slug}/assignments/{no}#files", status_code=303)


@get("/{slug:str}/assignments/{no:int}/files/{file:uuid}", access=in_committee)
async def download(
    request: Asked, no: FromPath[int], file: FromPath[UUID], small: FromQuery[str] = ""
) -> Response[Any] | Stream:
    """A bare copy of a file under a name of ours, and a note of who took it; with ``small``, its little picture."""
    reader = reader_of(request)
    async with transaction(read_only=bool(small)):
        found = await evidence.stored(no, file, reader)
        if not small:
            await note_look(file, "assignment_file_downloaded", by=reader)
    if small:
        return await picture(request, evidence.thumb_key(found["object_key"]))
    return await sent_bare(found, evidence.download_name(no, found))


@post("/{slug:str}/assignments/{no:int}/files/{file:uuid}/removal", access=in_committee)
async def remove_file(request: Asked, no: FromPath[int], file: FromPath[UUID], data: Form) -> Response[Any]:
    """Take a file away, with a reason."""
    try:
        await evidence.remove(no, file, why=data.get("why", ""), by=reader_of(request))
    except Refused as refusal:
        faults = {
            f"why-{file}" if name == "why" else name: why for name, why in errors(request, refusal).items()
        }
        return await show_one(
            request, no, faults=faults, typed={f"why-{file}": data.get("why", "")}, status=422
        )
    return Redirect(f"/{current().slug}/assignments/{no}#files", status_code=303)
