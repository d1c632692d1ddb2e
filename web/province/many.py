"""Hundreds of committees from a list: chosen, looked at row by row, then founded by a run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from infra.lazy import lazy
from infra.settings import settings
from server.committees import founding_list, founding_many
from server.committees.founding_list import COLUMNS, Row
from server.province import queries
from server.province.actions import province_of
from server.words import Refused, say
from tenants.current import KINDS
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, reader_of
from web.members.imports import workbook
from web.province.changing import to_fleet
from web.province.place import place_of
from web.render import errors, page, translate

_MANY = "/provinces/{province:str}/committees/many"
_LARGEST_UPLOAD = 6_000_000
_template = lazy("server.committees.founding_sheet:template")
_links = lazy("server.committees.founding_sheet:links")
_Rows = msgspec.json.Decoder(list[list[str]])


@get(_MANY, access=province_administrator)
async def show_many(request: Asked, province: FromPath[str]) -> Response[str]:
    """The form that takes a list of committees."""
    return await _form(request, province, {})


async def _form(request: Asked, province: str, faults: dict[str, str]) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
    return page(
        request, "province/many.html", status=422 if faults else 200, place=place_of(found, request), errors=faults,
        most=founding_list.MOST_ROWS, back=to_fleet(request, found.slug),
    )  # fmt: skip


@get(f"{_MANY}/template.xlsx", access=province_administrator)
async def many_template(request: Asked, province: FromPath[str]) -> Response[bytes]:
    """The list to fill in, with the units of the province that have no committee yet."""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        led = await queries.units_led(found.id)
    return workbook(_template(founding_list.suggestions(found, led)), "mau-danh-sach-cap-uy.xlsx")


@post(_MANY, access=province_administrator, request_max_body_size=_LARGEST_UPLOAD)
async def read_many(request: Asked, province: FromPath[str]) -> Response[Any]:
    """Read a list and show what would be founded. Nothing is written."""
    sent = await request.form()
    file = sent.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Refused(file=say("Đồng chí chọn tệp danh sách."))
        rows = founding_list.read(await file.read(), file.filename)
    except Refused as refusal:
        return await _form(request, province, errors(request, refusal))
    return await _preview(request, province, rows, {})


async def _preview(request: Asked, province: str, rows: list[Row], faults: dict[str, str]) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        judged = await founding_list.judge(found, rows)
    ready = [row for row in judged if row.ready]
    return page(
        request, "province/many_preview.html", status=422 if faults else 200, place=place_of(found, request),
        errors=faults, ready=[_shown(request, row) for row in ready],
        faulty=[_shown(request, row) for row in judged if row.faults],
        known=[_shown(request, row) for row in judged if row.known],
        kept=msgspec.json.encode([[getattr(row, name) for name in COLUMNS] for row in ready]).decode(),
        back=(f"/provinces/{found.slug}/committees/many", translate(request, say("Chọn tệp khác"))),
    )  # fmt: skip


def _shown(request: Asked, row: Row) -> dict[str, Any]:
    return {
        "row": row.number, "title": f"{KINDS[row.kind]} {row.name}" if row.kind in KINDS else row.name,
        "slug": row.slug, "unit_code": row.unit_code, "administrator": row.administrator,
        "faults": [translate(request, reason) for reason in row.faults.values()],
    }  # fmt: skip


@post(f"{_MANY}/founding", access=province_administrator)
async def found_many(request: Asked, province: FromPath[str], data: Form) -> Response[Any]:
    """Begin to found what was shown; it is judged again, as if it had just been read."""
    try:
        told = _Rows.decode(data.get("rows", "[]"))
    except msgspec.MsgspecError:
        told = []
    whole = [values for values in told[: founding_list.MOST_ROWS] if len(values) == len(COLUMNS)]
    rows = [
        Row(n, kind, name, code, slug, who) for n, (kind, name, code, slug, who) in enumerate(whole, start=1)
    ]
    async with platform_transaction(read_only=True):
        judged = await founding_list.judge(await province_of(province, reader_of(request)), rows)
    try:
        run = await founding_many.found_many(province, judged, by=reader_of(request))
    except Refused as refusal:
        return await _preview(request, province, rows, errors(request, refusal))
    return Redirect(f"/provinces/{province}/runs/{run}", status_code=303)


@post("/provinces/{province:str}/runs/{run:uuid}/invitations.xlsx", access=province_administrator)
async def many_invitations(request: Asked, province: FromPath[str], run: FromPath[UUID]) -> Response[bytes]:
    """New invitations for the administrators who have not come yet, as a list of links that is made this once."""
    made = await founding_many.invitations(province, run, by=reader_of(request))
    rows = [
        (f"{KINDS[row['kind']]} {row['name']}", f"/{row['slug']}/", row["invited_name"],
         f"{settings().public_url}/invitations/{token}")
        for row, token in made
    ]  # fmt: skip
    return workbook(_links(rows), "loi-moi-quan-tri-cap-uy.xlsx")
