"""What the province wants of a committee, on the first page of its office; and which cells a reminder is about."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromQuery

from server import clock
from server.accounts.reader import Reader
from server.bulletins import queries
from server.province import chased
from server.words import say
from tenants.current import current
from tenants.transactions import as_committee, platform_transaction
from web.access import office
from web.asking import Asked, reader_of
from web.bulletins.routes import leaves_receipts
from web.render import page, translate
from web.words import moment, month_title, read_month


async def from_province(reader: Reader) -> list[dict[str, Any]]:
    """What stands among the things that want attention: text, label, href. To be shown here is to be received."""
    if not reader.sees_all:
        return []
    ref, base = current(), f"/{current().slug}"
    async with platform_transaction(read_only=True):
        months, letters = await chased.reminded_of(ref), await queries.unopened(ref.id)
    if letters["unreceived"] and leaves_receipts(reader):
        async with platform_transaction():
            await queries.note_received(ref.id)
    found = [
        {
            "text": say("Tỉnh nhắc báo cáo {month}: {n} chi bộ chưa báo cáo", month=month_title(row["month"]), n=cells),
            "label": say("{by} nhắc lúc {when}", by=row["by_name"], when=moment(row["at"])),
            "href": f"{base}/silent?month={row['month']:%Y-%m}",
        }
        for row, cells in months
    ]  # fmt: skip
    if letters["n"]:
        found.append({
            "text": say("Tỉnh gửi {n} văn bản chưa mở", n=letters["n"]), "label": letters["title"],
            "href": f"{base}/bulletins",
        })  # fmt: skip
    return found


@get("/{slug:str}/silent", access=office, support=True)
async def show_silent(request: Asked, month: FromQuery[str] = "") -> Response[str]:
    """The cells of a month that have neither met nor said that they did not, and what the province has asked."""
    ref, this_month = current(), clock.month_of(clock.today())
    chosen = min(read_month(month, default=this_month), this_month)
    async with platform_transaction():
        reminded = next((row for row, _ in await chased.reminded_of(ref) if row["month"] == chosen), None)
        if leaves_receipts(reader_of(request)):
            await chased.note_seen(ref.id, chosen)
        async with as_committee(ref):
            cells = await chased.silent_cells(chosen)
    return page(
        request, "bulletins/silent.html", month_title=month_title(chosen),
        cells=[(f"/{ref.slug}/cells/{row['id']}", row["name"]) for row in cells],
        meetings=f"/{ref.slug}/meetings?month={chosen:%Y-%m}",
        reminded=say("{by} nhắc lúc {when}", by=reminded["by_name"], when=moment(reminded["at"])) if reminded else None,
        back=(f"/{ref.slug}/", translate(request, say("Hôm nay"))),
    )  # fmt: skip
