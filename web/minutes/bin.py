"""Throwing minutes away and fetching them back; what lies in the bin and what has been erased from it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from infra.settings import settings
from server import clock
from server.accounts.reader import Reader
from server.minutes import bin as bins
from server.minutes import rules
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, in_committee
from web.asking import Asked, Form, reader_of
from web.minutes import shown
from web.minutes.document import show_page
from web.render import errors, page, translate
from web.words import day, kind_word, moment


@get("/{slug:str}/minutes/bin", access=in_committee)
async def show_bin(request: Asked) -> Response[str]:
    """What was thrown away, with the days that are left; what has been erased, and why."""
    cells = _cells(reader_of(request))
    async with transaction(read_only=True):
        binned, erased = await bins.binned(cells), await bins.erased(cells)
    return page(
        request, "minutes/bin.html", days=settings().minutes_bin_days,
        binned=[_binned(row, clock.today()) for row in binned], erased=[_erased(row) for row in erased],
        back=(f"/{current().slug}/minutes", translate(request, say("Biên bản"))),
    )  # fmt: skip


def _cells(reader: Reader) -> frozenset[UUID] | None:
    """The cells whose bin somebody may look into: all (None) for the office, one's own for who leads or records."""
    if reader.whole_committee:
        return None
    own = frozenset(cell for cell in reader.cells() if rules.may_send(reader, cell))
    if not own:
        raise NoSuchPage
    return own


def _title(row: Record) -> Any:
    return say("{kind}, {day}", kind=kind_word(row["kind"]), day=day(row["held_on"]))


def _binned(row: Record, today: date) -> dict[str, Any]:
    return {
        "title": _title(row), "cell_name": row["cell_name"], "href": shown.path_of(row["id"]), "pages": row["pages"],
        "by": row["binned_by"], "when": moment(row["binned_at"]), "reason": row["bin_reason"],
        "left": max(0, (row["erase_on"] - today).days), "erase_on": day(row["erase_on"]),
    }  # fmt: skip


def _erased(row: Record) -> dict[str, Any]:
    return {
        "title": _title(row), "cell_name": row["cell_name"], "pages": row["pages"], "by": row["binned_by"],
        "reason": row["reason"], "sent": moment(row["sent_at"]), "sent_by": row["sent_by"],
        "erased": moment(row["erased_at"]),
    }  # fmt: skip


@post("/{slug:str}/minutes/{minutes:uuid}/binning", access=in_committee)
async def throw_away(request: Asked, minutes: FromPath[UUID], data: Form) -> Response[Any]:
    """Move a document into the bin, with the reason."""
    try:
        await bins.throw_away(minutes, reason=data.get("reason", ""), by=reader_of(request))
    except Refused as refusal:
        if "reason" not in refusal.reasons:
            raise
        asked = shown.Asked(None, "", "1", edit=False)
        return await show_page(
            request, minutes, asked, errors(request, refusal), status=422, reason=data.get("reason", "")
        )
    return Redirect(f"/{current().slug}/minutes/bin", status_code=303)


@post("/{slug:str}/minutes/{minutes:uuid}/restoring", access=in_committee)
async def restore(request: Asked, minutes: FromPath[UUID]) -> Response[Any]:
    """Fetch a document back from the bin."""
    await bins.restore(minutes, by=reader_of(request))
    return Redirect(shown.path_of(minutes), status_code=303)
