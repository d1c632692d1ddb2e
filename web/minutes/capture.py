"""Photographing minutes: the desk of one meeting, and where files go that other apps hand over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath

from infra.settings import settings
from server import clock
from server.accounts.queries import places_of
from server.accounts.reader import COMMITTEE_ROLES, Reader
from server.cells.queries import cells_of
from server.meetings import queries
from server.meetings.queries import NotFound
from server.minutes.rules import may_send
from server.words import say
from tenants.current import CommitteeRef, current, using
from tenants.registry import ref_of
from tenants.transactions import transaction
from web.access import anyone, in_committee, signed_in
from web.asking import Asked, reader_of
from web.render import page, translate
from web.words import kind_word, when

# Meetings offered for files that another app hands over.
SHARE_DAYS, SHARE_MEETINGS, SHARE_COMMITTEES = 45, 12, 5
SENDING_ROLES = ("secretary", "deputy", "recorder")


@get("/{slug:str}/meetings/{meeting:uuid}/minutes/new", access=in_committee)
async def new_minutes(request: Asked, meeting: FromPath[UUID]) -> Response[str]:
    """The desk on which the minutes of a meeting are photographed. Raises NotFound, also for who may only read."""
    reader = reader_of(request)
    async with transaction(read_only=True):
        row = await queries.meeting(meeting, reader)
    if not may_send(reader, row["cell"]):
        raise NotFound(meeting)
    shown = {
        "id": meeting, "title": translate(request, kind_word(row["kind"])), "cell_name": row["cell_name"],
        "when": translate(request, when(row["starts_at"])),
    }  # fmt: skip
    back = (f"/{current().slug}/meetings/{meeting}", translate(request, say("Cuộc họp")))
    return page(
        request, "minutes/capture.html", meeting=shown, nonce=uuid4(), back=back,
        largest_mb=settings().minutes_largest_mb,
    )  # fmt: skip


@get("/share", access=signed_in)
async def choose_for_shared(request: Asked) -> Response[str]:
    """Which meeting the files belong to that the phone has taken from another app."""
    reader, found = reader_of(request), []
    for ref, whole in (await _sending_places(reader)).values():
        with using(ref):
            found += await _recent(ref, reader, whole=whole)
    found.sort(key=lambda meeting: meeting["at"], reverse=True)
    return page(request, "minutes/share.html", meetings=found[:SHARE_MEETINGS])


async def _sending_places(reader: Reader) -> dict[str, tuple[CommitteeRef, bool]]:
    """The committees where somebody sends minutes, by slug, and whether those of all cells."""
    found: dict[str, tuple[CommitteeRef, bool]] = {}
    for row in await places_of(reader.account_id):
        whole = row["role"] in COMMITTEE_ROLES
        if not whole and row["role"] not in SENDING_ROLES:
            continue
        ref = ref_of(row)
        if ref.state == "active" and (ref.slug in found or len(found) < SHARE_COMMITTEES):
            found[ref.slug] = (ref, whole or found.get(ref.slug, (ref, False))[1])
    return found


async def _recent(ref: CommitteeRef, reader: Reader, *, whole: bool) -> list[dict[str, Any]]:
    today = clock.today()
    async with transaction(read_only=True):
        cells = {grant.cell for grant in reader.grants if grant.cell and grant.role in SENDING_ROLES}
        if whole:
            cells |= {row["id"] for row in await cells_of(None, on=today)}
        rows = await queries.upcoming(cells, today - timedelta(days=SHARE_DAYS), today)
    return [
        {
            "href": f"/{ref.slug}/meetings/{row['id']}/minutes/new#shared", "title": kind_word(row["kind"]),
            "cell_name": row["cell_name"], "when": when(row["starts_at"]), "at": row["starts_at"],
        }
        for row in rows
    ]  # fmt: skip


@post("/share", access=anyone, status_code=200)
async def share_missed(request: Asked) -> Response[str]:
    """What the phone's app should have taken: nothing is read or kept, and the page says so."""
    return page(request, "minutes/share_missed.html")
