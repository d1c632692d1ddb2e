"""The province's pages: figures of a month, a new committee in one form, one committee."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from markupsafe import Markup

from infra.postgres import Record
from infra.settings import settings
from server import clock
from server.province import actions, queries
from server.province.actions import Province, committee_of, province_of
from server.words import Refused, Say, say
from tenants.current import KINDS, CommitteeRef
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, reader_of
from web.render import Place, errors, page, translate
from web.words import day, moment, month_switch, read_month


def place_of(province: Province, request: Asked) -> Place:
    """The head of the province's pages."""
    home = f"/provinces/{province.slug}/"
    nav = [(home, translate(request, say("Số liệu")), "figures", True)]
    nav.append((f"{home}committees/new", translate(request, say("Thêm cấp ủy")), "plus", False))
    at = request.url.path.rstrip("/")
    return Place(
        province.name, f"provinces/{province.slug}", [(h, w, i, at == h.rstrip("/")) for h, w, i, _ in nav]
    )


@get("/provinces/{province:str}", access=province_administrator)
async def figures(request: Asked, province: FromPath[str], month: FromQuery[str] = "") -> Response[str]:
    """All committees of the province for a month: counts with their base, never people."""
    this_month = clock.month_of(clock.today())
    chosen = read_month(month, default=this_month)
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        rows = [_row(row) for row in await queries.figures(found.id, chosen)]
    return page(
        request, "province/figures.html", place=place_of(found, request), rows=rows, totals=_totals(rows),
        may_found=True, month=month_switch(request.url.path, chosen, last=this_month),
    )  # fmt: skip


# Below this many people a rate says who was there: the province reads "fewer than 5" instead.
SMALLEST_SHOWN = 5


def _row(row: Record) -> dict[str, Any]:
    reported = row["computed_at"] is not None
    few = bool(row["rolls_closed"]) and row["base"] < SMALLEST_SHOWN
    rolls = bool(row["rolls_closed"]) and not few
    return {
        "slug": row["slug"], "title": f"{KINDS[row['kind']]} {row['name']}", "state": row["state"],
        "reported": reported, "cells": row["cells"], "official": row["official"],
        "probationary": row["probationary"], "held": row["cells_met"], "due": row["cells"],
        "meetings": row["meetings_held"], "unmet": row["cells_not_met"], "silent": row["cells_not_reported"],
        "attending": say("dưới {n} người", n=SMALLEST_SHOWN) if few else row["attending"] if rolls else None,
        "base": row["base"] if rolls else None,
        **_shown(row, "work_done", "work_due", say("dưới {n} việc", n=SMALLEST_SHOWN)),
        "work_late": row["work_late"] if (row["work_due"] or 0) >= SMALLEST_SHOWN else None,
        "work_live": row["work_live"],
        **_shown(row, "assigned", "assignable", say("dưới {n} người", n=SMALLEST_SHOWN)),
        "computed_at": moment(row["computed_at"]) if reported else None, "stale": row["waiting"],
    }  # fmt: skip


def _shown(row: Record, part: str, base: str, few: Say) -> dict[str, Any]:
    """A count and its base as the page shows them: a small base hides both, and one never counted is no base."""
    if row[base] is not None and 0 < row[base] < SMALLEST_SHOWN:
        return {part: few, base: None}
    return {part: row[part] or 0, base: row[base] or 0}


_SUMS = (
    "cells",
    "official",
    "probationary",
    "held",
    "due",
    "meetings",
    "attending",
    "base",
    "work_done",
    "work_due",
    "work_late",
    "work_live",
    "assigned",
    "assignable",
    "unmet",
    "silent",
)


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums over the committees that have figures; attendance over those that show theirs, so that what is hidden for
    being small can't be had by subtraction.
    """
    told = [r for r in rows if r["reported"]]

    def total(name: str) -> int | None:
        known = [r[name] for r in told if isinstance(r[name], int)]
        return sum(known) if known else None

    return {"committees": len(rows), "reported": len(told), **{name: total(name) for name in _SUMS}}


@get("/provinces/{province:str}/committees/new", access=province_administrator)
async def new_committee(request: Asked, province: FromPath[str]) -> Response[str]:
    """The form for a new committee."""
    values = {"kind": "commune_committee", "name": "", "slug": "", "administrator": ""}
    return await _form(request, province, values, {})


async def _form(
    request: Asked, province: str, values: dict[str, str], faults: dict[str, str], status: int = 200
) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
    kinds = [
        (kind, words if kind != "agency_committee" else f"{words} cơ quan") for kind, words in KINDS.items()
    ]
    return page(
        request, "province/new_committee.html", status=status, place=place_of(found, request), kinds=kinds,
        values=values, errors=faults, nonce="",
        back=(f"/provinces/{found.slug}/", translate(request, say("Số liệu"))),
    )  # fmt: skip


@post("/provinces/{province:str}/committees", access=province_administrator)
async def found(request: Asked, province: FromPath[str], data: Form) -> Response[Any]:
    """Found a committee; the answer shows the invitation's link, once."""
    values = {name: data.get(name, "") for name in ("kind", "name", "slug", "administrator")}
    try:
        ref, token = await actions.found_committee(province, **values, by=reader_of(request))
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
    return page(
        request, "province/committee.html", part="status", status=422 if faults else 200,
        place=place_of(found, request), committee=_committee(request, ref, life, counts),
        invitation=_invitation(invited, token), values=values or {}, errors=faults or {},
        back=(f"/provinces/{found.slug}/", translate(request, say("Số liệu"))),
    )  # fmt: skip


def _committee(request: Asked, ref: CommitteeRef, life: Record, counts: Record | None) -> dict[str, Any]:
    steps = [(say("Ghi vào sổ của tỉnh"), "done"), (say("Tạo không gian dữ liệu riêng"), "now"),
             (say("Sẵn sàng cho người quản trị"), "later")]  # fmt: skip
    return {
        "slug": ref.slug, "title": ref.title, "state": ref.state, "founded_at": moment(life["created_at"]),
        "suspended_reason": ref.state_reason, "suspended_at": _at(life["suspended_at"]),
        "cells": counts["cells"] if counts else None, "members": counts["members"] if counts else None,
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
