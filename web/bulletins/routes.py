"""What the province has sent to a committee, as its office reads it. Whoever only looks leaves no receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from server.accounts.reader import Reader
from server.bulletins import queries
from server.meetings.queries import NotFound
from server.words import say
from tenants.current import current
from tenants.transactions import platform_transaction
from web.access import office
from web.asking import Asked, reader_of, uuid_in
from web.bulletins.shown import further, head_of, sent_file, whole_of
from web.render import page, translate


@get("/{slug:str}/bulletins", access=office, support=True)
async def show_sent(request: Asked, before: FromQuery[str] = "") -> Response[str]:
    """Everything, newest first; to see that it is there is to receive it."""
    async with platform_transaction():
        rows = await queries.sent_to(current().id, before=uuid_in(before))
        if leaves_receipts(reader_of(request)):
            await queries.note_received(current().id)
    shown, next_href = further(rows, _base())
    return page(
        request, "bulletins/list.html", next_href=next_href,
        rows=[head_of(row, _base()) | {"opened": row["opened_at"] is not None} for row in shown],
        back=(f"/{current().slug}/", translate(request, say("Hôm nay"))),
    )  # fmt: skip


def _base() -> str:
    return f"/{current().slug}/bulletins"


def leaves_receipts(reader: Reader) -> bool:
    """Whether what this person sees counts as seen by the committee's office."""
    return reader.whole_committee and not reader.only_looks


@get("/{slug:str}/bulletins/{bulletin:uuid}", access=office, support=True)
async def open_sent(request: Asked, bulletin: FromPath[UUID]) -> Response[str]:
    """One, which is opened by this; of one that is taken back, the reason alone."""
    async with platform_transaction():
        row = await queries.sent_one(current().id, bulletin)
        if leaves_receipts(reader_of(request)) and row["taken_back_at"] is None:
            await queries.note_opened(current().id, bulletin)
    return page(
        request, "bulletins/one.html", bulletin=whole_of(row, _base()),
        back=(_base(), translate(request, say("Văn bản của tỉnh"))),
    )  # fmt: skip


@get("/{slug:str}/bulletins/{bulletin:uuid}/file", access=office)
async def download_sent(request: Asked, bulletin: FromPath[UUID]) -> Response[Any] | Stream:
    """Its file; none of one that is taken back."""
    async with platform_transaction():
        row = await queries.sent_one(current().id, bulletin)
        if row["taken_back_at"] is not None:
            raise NotFound(bulletin)
        if leaves_receipts(reader_of(request)):
            await queries.note_opened(current().id, bulletin)
    return await sent_file(row)
