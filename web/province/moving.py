"""Two committees become one, or one becomes two: what would happen is shown first, then it is one press and a run."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from server import clock
from server.committees import merging, moving_cells, splitting
from server.committees.splitting import NewCommittee
from server.committees.units import units_of
from server.names import fold
from server.province.actions import committee_of, province_of
from server.words import Refused
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, date_in, reader_of, uuid_in
from web.province.changing import kinds
from web.province.fleet import tens
from web.province.place import place_of
from web.render import errors, page

_HOME = "/provinces/{province:str}/committees/{committee:str}"


@get(f"{_HOME}/merger", access=province_administrator)
async def show_merger(
    request: Asked, province: FromPath[str], committee: FromPath[str], into: FromQuery[str] = ""
) -> Response[str]:
    """Choose the committee that takes the cells; with one chosen, what would happen."""
    return await _merger(request, province, committee, {"into": into}, {})


async def _merger(
    request: Asked, province: str, slug: str, values: dict[str, str], faults: dict[str, str]
) -> Response[str]:
    merger = None
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        ref = await committee_of(found, slug)
        others = await merging.others(found, ref)
        if values["into"]:
            try:
                merger = await merging.preview(found, slug, values["into"])
            except Refused as refusal:
                faults = errors(request, refusal) | faults
    told = None
    if merger is not None:
        told = {
            "title": merger.target.title, "slug": merger.target.slug, "cells": len(merger.cells),
            "members": tens(merger.members), "same_names": merger.same_names,
        }  # fmt: skip
    today = clock.today().isoformat()
    return page(
        request, "province/merger.html", status=422 if faults else 200, place=place_of(found, request), told=told,
        committee={"slug": ref.slug, "title": ref.title}, today=today, errors=faults,
        others=[(other.slug, other.title) for other in others],
        values={"day": today, "agreed": ""} | values,
        back=(f"/provinces/{found.slug}/committees/{ref.slug}", ref.title),
    )  # fmt: skip


@post(f"{_HOME}/merger", access=province_administrator)
async def merge(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Begin to merge; the answer shows how far it is."""
    sent = {name: data.get(name, "") for name in ("into", "day", "agreed")}
    try:
        run = await merging.merge(
            province, committee, into=sent["into"], day=date_in(sent["day"]), agreed=bool(sent["agreed"]),
            by=reader_of(request),
        )  # fmt: skip
    except Refused as refusal:
        return await _merger(request, province, committee, sent, errors(request, refusal))
    return Redirect(f"/provinces/{province}/runs/{run}", status_code=303)


# So many cells fit a screen or two; above it they can be looked for.
_FEW = 12
_SPLIT = ("kind", "name", "slug", "unit_code", "administrator", "day")


@get(f"{_HOME}/split", access=province_administrator)
async def show_split(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """The form for the new committee and the cells that go there."""
    return await _split(request, province, committee, {}, [], {})


async def _split(
    request: Asked,
    province: str,
    slug: str,
    values: dict[str, str],
    chosen: list[str],
    faults: dict[str, str],
    q: str = "",
) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        ref = await committee_of(found, slug)
        cells = [] if ref.state not in ("active", "suspended") else await moving_cells.cells_of(ref)
    # What is ticked stays on the page whatever is looked for: it is what the form will send.
    seen = [row for row in cells if str(row["id"]) in chosen or fold(q) in fold(row["name"])]
    empty = dict.fromkeys(_SPLIT, "") | {"kind": ref.kind, "day": clock.today().isoformat()}
    return page(
        request, "province/split.html", status=422 if faults else 200, place=place_of(found, request), kinds=kinds(),
        committee={"slug": ref.slug, "title": ref.title}, values=empty | values, errors=faults, chosen=chosen,
        cells=[{"id": str(row["id"]), "name": row["name"], "members": tens(row["members"])} for row in seen],
        q=q, total=len(cells), ticked=sum(str(row["id"]) in chosen for row in cells), many=len(cells) > _FEW,
        units=[(unit.code, f"{unit.code} {unit.name}") for unit in units_of(found.name)],
        today=clock.today().isoformat(), back=(f"/provinces/{found.slug}/committees/{ref.slug}", ref.title),
    )  # fmt: skip


@post(f"{_HOME}/split", access=province_administrator)
async def split(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[Any]:
    """Begin to split; the new committee's page makes the invitation, the run shows how far it is. Or look for cells
    first: in the same form, sent to the same page, for hundreds of ticks are too long for an address.
    """
    sent = await request.form()
    values = {name: str(sent.get(name) or "") for name in _SPLIT}
    chosen = [str(cell) for cell in sent.getall("cell", [])]
    if sent.get("find"):
        looked_for = " ".join(str(sent.get("q") or "").split())[:100]
        return await _split(request, province, committee, values, chosen, {}, looked_for)
    new = NewCommittee(**{name: values[name] for name in _SPLIT if name != "day"})
    cells = {cell for cell in map(uuid_in, chosen) if cell is not None}
    try:
        run, _ = await splitting.split(
            province, committee, new, cells=cells, day=date_in(values["day"]), by=reader_of(request)
        )
    except Refused as refusal:
        return await _split(request, province, committee, values, chosen, errors(request, refusal))
    return Redirect(f"/provinces/{province}/runs/{run}", status_code=303)
