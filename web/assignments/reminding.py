"""Reminding as pages show it: the office's settings, its one tap for a cell, the notice at home, the line of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra import push
from infra.postgres import Record
from server import clock
from server.accounts.reader import Reader
from server.assignments import nudging, reminding
from server.assignments.reminders import counted, of_today
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import office
from web.asking import Asked, Form, reader_of
from web.render import errors, page, translate
from web.words import day, moment

_FIELDS = ("days_before", "overdue_every", "quiet_from", "quiet_to")


@get("/{slug:str}/assignments/reminding", access=office)
async def show_reminding(request: Asked, saved: FromQuery[str] = "") -> Response[str]:
    """When the committee's people are reminded."""
    async with transaction(read_only=True):
        now = await reminding.reminding()
    values = {
        "days_before": ", ".join(map(str, now.days_before)), "overdue_every": str(now.overdue_every),
        "quiet_from": f"{now.quiet_from:%H:%M}", "quiet_to": f"{now.quiet_to:%H:%M}",
    }  # fmt: skip
    return _page(request, values, {}, saved=saved == "1")


def _page(
    request: Asked, values: Mapping[str, str], faults: dict[str, str], *, saved: bool = False
) -> Response[str]:
    return page(
        request, "assignments/reminding.html", status=422 if faults else 200, values=values, errors=faults,
        saved=saved, pushes=push.public_key() is not None, told_href=f"/{current().slug}/reminders",
        back=(f"/{current().slug}/assignments", translate(request, say("Danh sách việc"))),
    )  # fmt: skip


@post("/{slug:str}/assignments/reminding", access=office)
async def set_reminding(request: Asked, data: Form) -> Response[Any]:
    """Change it."""
    values = {name: data.get(name, "").strip() for name in _FIELDS}
    try:
        await reminding.set_reminding(values, by=reader_of(request))
    except Refused as refusal:
        return _page(request, values, errors(request, refusal))
    return Redirect(f"{request.url.path}?saved=1", status_code=303)


@post("/{slug:str}/cells/{cell:uuid}/reminding", access=office)
async def remind_cell(request: Asked, cell: FromPath[UUID], data: Form) -> Response[Any]:
    """Remind those who lead a cell, and come back to where the button stands: the cell's board, or the figures."""
    await nudging.nudge(cell, by=reader_of(request))
    base = f"/{current().slug}"
    at_figures = data.get("back") == "figures"
    return Redirect(
        f"{base}/assignments/figures#c-{cell}" if at_figures else f"{base}/cells/{cell}/assignments",
        status_code=303,
    )


def nudged_words(last: Record | None) -> Say | None:
    """đã nhắc lúc … bởi …, of a row of nudging.last_nudges."""
    return say("đã nhắc lúc {when} bởi {by}", when=moment(last["at"]), by=last["by_name"]) if last else None


async def notices(reader: Reader) -> list[dict[str, Any]]:
    """What the office has asked of the cells that a reader leads: text, when, href. Needs a transaction."""
    led = [cell for cell in reader.cells() if reader.in_cell(cell, "secretary", "deputy")]
    return [
        {
            "text": say("Văn phòng nhắc: {n} việc quá hạn", n=row["overdue"]),
            "label": say(
                "{cell}, {by} nhắc lúc {when}", cell=row["cell_name"], by=row["by_name"], when=moment(row["at"])
            ),
            "href": f"/{current().slug}/assignments?cell={row['cell']}&due=overdue",
        }
        for row in (await nudging.nudges_shown(led) if led else [])
    ]  # fmt: skip


async def today_line(reader: Reader) -> Say | None:
    """Today's reminder of the person who reads, in one line; None where there is none. Needs a transaction."""
    row = await of_today(reader.members())
    return (
        None
        if row is None
        else say("Nhắc việc ngày {day}: {what}.", day=day(clock.today()), what=counted(row))
    )
