"""What the province publishes: the list, a new document, one bulletin with its receipts, taking back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Stream

from infra.postgres import Record
from server.bulletins import publishing, queries
from server.bulletins.addressing import Addressed, addressed
from server.bulletins.files import forget, keep_pdf
from server.bulletins.preview import changes, others_of
from server.bulletins.publishing import Kept, Told
from server.province.actions import READERS, Province, province_of
from server.words import Refused, say
from tenants.current import KINDS
from tenants.transactions import platform_transaction
from web.access import province_administrator, province_reader
from web.asking import Asked, Form, reader_of, uuid_in
from web.bulletins.shown import change_of, further, head_of, rules_of, sent_file, whole_of
from web.minutes.upload import LARGEST_FORM, pieces
from web.province.place import administers, place_of
from web.render import errors, page, translate
from web.words import moment


@get("/provinces/{province:str}/bulletins", access=province_reader)
async def show_bulletins(
    request: Asked, province: FromPath[str], before: FromQuery[str] = ""
) -> Response[str]:
    """Everything published, newest first, with how many have received and opened it."""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        rows = await queries.bulletins(found.id, before=uuid_in(before))
    base = f"/provinces/{found.slug}/bulletins"
    shown, next_href = further(rows, base)
    return page(
        request, "province/bulletins.html", place=place_of(found, request), next_href=next_href,
        rows=[head_of(r, base) | {n: r[n] for n in ("addressed", "received", "opened")} for r in shown],
        may_publish=administers(request, found),
    )  # fmt: skip


@get("/provinces/{province:str}/bulletins/new", access=province_administrator)
async def new_bulletin(request: Asked, province: FromPath[str]) -> Response[str]:
    """The form for a document."""
    return await _form(request, province, {"to": "all", "nonce": str(uuid4())}, {})


async def _form(
    request: Asked, province: str, values: Mapping[str, str], faults: Mapping[str, str], status: int = 200
) -> Response[str]:
    found, committees = await recipients(request, province)
    return page(
        request, "province/bulletin_new.html", status=status, place=place_of(found, request), values=values,
        errors=faults, committees=committees, back=back_to_list(request, found),
    )  # fmt: skip


async def recipients(request: Asked, province: str) -> tuple[Province, list[Addressed]]:
    """The province, and every committee that something may be published to."""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        try:
            return found, await addressed(found.id, None)
        except Refused:
            return found, []


def back_to_list(request: Asked, province: Province) -> tuple[str, str]:
    """The way back to everything published."""
    return f"/provinces/{province.slug}/bulletins", translate(request, say("Văn bản"))


def told_in(values: Mapping[str, str]) -> Told:
    """What a form says of a bulletin; its committees are ticked as ``c-<slug>``."""
    ticked = [name.removeprefix("c-") for name in values if name.startswith("c-")]
    return Told(
        values.get("number", ""), values.get("title", ""), values.get("body", ""),
        ticked if values.get("to") == "some" else None,
    )  # fmt: skip


@post(
    "/provinces/{province:str}/bulletins", access=province_administrator, request_max_body_size=LARGEST_FORM
)
async def publish(request: Asked, province: FromPath[str]) -> Response[Any]:
    """Publish a document; its nonce is its id, so that a form sent twice publishes once."""
    form = await request.form()
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    bulletin = uuid_in(values.get("nonce", "")) or uuid4()
    sent, file = form.get("file"), None
    try:
        if isinstance(sent, UploadFile) and sent.filename:
            file = await _file(request, province, bulletin, sent, told_in(values))
        await publishing.publish_document(province, bulletin, told_in(values), file, by=reader_of(request))
    except Refused as refusal:
        await forget(file)
        return await _form(
            request, province, {"nonce": str(bulletin), **values}, errors(request, refusal), status=422
        )
    return Redirect(f"/provinces/{province}/bulletins/{bulletin}", status_code=303)


async def _file(request: Asked, province: str, bulletin: UUID, sent: UploadFile, told: Told) -> Kept:
    """The form's file in the store; what is wrong with the form itself is said before any of it is read."""
    publishing.tidy(told)
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        await addressed(found.id, told.slugs)
    return await keep_pdf(found.id, bulletin, pieces(sent), name=sent.filename)


@get("/provinces/{province:str}/bulletins/{bulletin:uuid}", access=province_reader)
async def show_bulletin(request: Asked, province: FromPath[str], bulletin: FromPath[UUID]) -> Response[str]:
    """One bulletin, and who has received and opened it."""
    return await _one(request, province, bulletin, {}, {})


async def _one(
    request: Asked, province: str, bulletin: UUID, values: Mapping[str, str], faults: Mapping[str, str]
) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        row, to = await queries.bulletin(found.id, bulletin), await queries.receipts(bulletin)
        left = await queries.left_out(found.id, bulletin)
        others = await others_of([r["id"] for r in to], besides=bulletin) if row["kind"] == "rules" else {}
    stands = [change_of(c) for c in changes(rules_of(row), [_addressed(r) for r in to], others)]
    return page(
        request, "province/bulletin.html", status=422 if faults else 200, place=place_of(found, request),
        bulletin=whole_of(row, f"/provinces/{found.slug}/bulletins"), receipts=[_receipt(r) for r in to],
        received=sum(r["received_at"] is not None for r in to), opened=sum(r["opened_at"] is not None for r in to),
        left=left, changes=stands, may_publish=administers(request, found), values=values, errors=faults,
        longest=publishing.LONGEST_REASON, back=back_to_list(request, found),
    )  # fmt: skip


def _addressed(row: Record) -> Addressed:
    return Addressed(row["id"], row["slug"], row["schema_name"], f"{KINDS[row['kind']]} {row['name']}")


def _receipt(row: Record) -> dict[str, Any]:
    return {
        "title": f"{KINDS[row['kind']]} {row['name']}",
        "received": moment(row["received_at"]) if row["received_at"] else None,
        "opened": moment(row["opened_at"]) if row["opened_at"] else None,
    }


@get("/provinces/{province:str}/bulletins/{bulletin:uuid}/file", access=province_reader)
async def download(
    request: Asked, province: FromPath[str], bulletin: FromPath[UUID]
) -> Response[Any] | Stream:
    """The file of a bulletin, of one that is taken back too."""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        row = await queries.bulletin(found.id, bulletin)
    return await sent_file(row)


@post("/provinces/{province:str}/bulletins/{bulletin:uuid}/further", access=province_administrator)
async def send_further(request: Asked, province: FromPath[str], bulletin: FromPath[UUID]) -> Response[Any]:
    """Publish it to the committees that do not have it."""
    await publishing.send_further(province, bulletin, by=reader_of(request))
    return Redirect(f"/provinces/{province}/bulletins/{bulletin}", status_code=303)


@post("/provinces/{province:str}/bulletins/{bulletin:uuid}/taking-back", access=province_administrator)
async def take_back(
    request: Asked, province: FromPath[str], bulletin: FromPath[UUID], data: Form
) -> Response[Any]:
    """Take it back, with a reason."""
    reason = data.get("reason", "")
    try:
        await publishing.take_back(province, bulletin, reason=reason, by=reader_of(request))
    except Refused as refusal:
        return await _one(request, province, bulletin, {"reason": reason}, errors(request, refusal))
    return Redirect(f"/provinces/{province}/bulletins/{bulletin}", status_code=303)
