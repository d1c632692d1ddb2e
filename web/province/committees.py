"""One committee and a new one, as the province's administrator sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from infra.postgres import Record
from infra.settings import settings
from server import clock
from server.committees import founding, moving_cells, naming
from server.committees.units import units_of
from server.province import actions, queries
from server.province.actions import committee_of, province_of
from server.words import Refused, say
from tenants.current import KINDS, CommitteeRef
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, reader_of
from web.province.changing import kinds, to_fleet
from web.province.fleet import tens
from web.province.place import place_of
from web.render import errors, page, translate
from web.words import day, moment


@get("/provinces/{province:str}/committees/new", access=province_administrator)
async def new_committee(request: Asked, province: FromPath[str]) -> Response[str]:
    """The form for a new committee."""
    values = {"kind": "commune_committee", "name": "", "slug": "", "administrator": "", "unit_code": ""}
    return await _form(request, province, values, {})


async def _form(
    request: Asked, province: str, values: dict[str, str], faults: dict[str, str], status: int = 200
) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        led = set(await queries.units_led(found.id))
    units = [(unit.code, f"{unit.code} {unit.name}") for unit in units_of(found.name) if unit.code not in led]
    return page(
        request, "province/new_committee.html", status=status, place=place_of(found, request),
        kinds=kinds(), units=units, values=values, errors=faults, nonce="", back=to_fleet(request, found.slug),
    )  # fmt: skip


@post("/provinces/{province:str}/committees", access=province_administrator)
async def found(request: Asked, province: FromPath[str], data: Form) -> Response[Any]:
    """Found a committee; the answer shows the invitation's link, once."""
    values = {name: data.get(name, "") for name in ("kind", "name", "slug", "administrator", "unit_code")}
    try:
        ref, token = await founding.found_committee(province, **values, by=reader_of(request))
    except Refused as refusal:
        return await _form(request, province, values, errors(request, refusal), status=422)
    return await _committee_page(request, province, ref.slug, token=token)


@get("/provinces/{province:str}/committees/{committee:str}", access=province_administrator)
async def show_committee(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """One committee: its state, its invitation, suspending and resuming it."""
    return await _committee_page(request, province, committee)


async def _committee_page(
    request: Asked,
    province: str,
    slug: str,
    *,
    token: str | None = None,
    values: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response[str]:
    reader = reader_of(request)
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader)
        ref = await committee_of(found, slug)
        life, counts = await queries.committee_life(ref.id), await queries.newest_counts(ref.id)
        invited = await queries.administrator_invitation(ref.id)
        names, code = await naming.names_of(ref.id), await naming.code_of(ref.id)
        went, came = await moving_cells.successors(ref.id), await moving_cells.predecessors(ref.id)
        run = await queries.open_run(ref.id)
    return page(
        request, "province/committee.html", part="status", status=422 if faults else 200,
        place=place_of(found, request), committee=_committee(request, ref, life, counts),
        invitation=_invitation(invited, token), values=values or {}, errors=faults or {},
        names=[f"{KINDS[row['kind']]} {row['name']}" for row in names[1:]], code=code,
        went=[_other(row) for row in went], came=[_other(row) for row in came], run=run,
        back=to_fleet(request, found.slug),
    )  # fmt: skip


def _other(row: Record) -> dict[str, Any]:
    title = f"{KINDS[row['committee_kind']]} {row['name']}"
    return {
        "slug": row["slug"],
        "title": title,
        "cells": row["cells"],
        "day": day(row["on_day"]),
        "kind": row["kind"],
    }


def _committee(request: Asked, ref: CommitteeRef, life: Record, counts: Record | None) -> dict[str, Any]:
    steps = [(say("Ghi vào sổ của tỉnh"), "done"), (say("Tạo không gian dữ liệu riêng"), "now"),
             (say("Sẵn sàng cho người quản trị"), "later")]  # fmt: skip
    return {
        "slug": ref.slug, "title": ref.title, "state": ref.state, "founded_at": moment(life["created_at"]),
        "reason": ref.state_reason, "suspended_reason": ref.state_reason, "suspended_at": _at(life["suspended_at"]),
        "cells": counts["cells"] if counts else None, "members": tens(counts["members"]) if counts else None,
        "steps": [(translate(request, words), when) for words, when in steps],
        "problem": translate(request, say("Chưa tạo được; hệ thống sẽ thử lại khi được kỹ thuật viên mở lại việc này."))
        if life["problem"] else None,
    }  # fmt: skip


def _at(value: datetime | None) -> str:
    return moment(value) if value else ""


def _invitation(invited: Record | None, token: str | None) -> dict[str, Any] | None:
    if invited is None:
        return None
    link = f"{settings().public_url}/invitations/{token}" if token else None
    state = "used" if invited["used_at"] else "expired" if invited["expired"] else "pending"
    return {
        "name": invited["invited_name"], "state": state,
        "expires": day(invited["expires_at"].astimezone(clock.VIETNAM)),
        "link": link, "qr": qr(link) if link else None,
    }  # fmt: skip


def qr(link: str) -> Markup:
    """A QR code as inline SVG, without a style of its own."""
    return Markup(segno.make(link, error="m").svg_inline(border=2, dark="#000", light="#fff", omitsize=True))  # noqa: S704


@post("/provinces/{province:str}/committees/{committee:str}/invitation", access=province_administrator)
async def invite_again(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """A new invitation; the old one dies."""
    token = await actions.invite_again(province, committee, by=reader_of(request))
    return await _committee_page(request, province, committee, token=token)


@post("/provinces/{province:str}/committees/{committee:str}/suspension", access=province_administrator)
async def suspend(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Suspend a committee with a reason."""
    reason = data.get("reason", "")
    try:
        await actions.suspend(province, committee, reason=reason, by=reader_of(request))
    except Refused as refusal:
        return await _committee_page(
            request, province, committee, values={"reason": reason}, faults=errors(request, refusal)
        )
    return Redirect(f"/provinces/{province}/committees/{committee}", status_code=303)


@post("/provinces/{province:str}/committees/{committee:str}/resumption", access=province_administrator)
async def resume(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[Any]:
    """Resume a suspended committee."""
    await actions.resume(province, committee, by=reader_of(request))
    return Redirect(f"/provinces/{province}/committees/{committee}", status_code=303)
