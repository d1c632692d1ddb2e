"""The end of a committee on the province's pages: one asks, another confirms; what is left of those that are erased."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server.accounts.reader import Reader
from server.exports import erasing, exporting, restoring
from server.province.actions import committee_of, province_of
from server.words import Refused, say
from tenants.current import KINDS, CommitteeRef
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, reader_of
from web.province.exports import export_shown, megabytes
from web.province.place import place_of
from web.render import errors, page, translate
from web.words import moment


@get("/provinces/{province:str}/committees/{committee:str}/erasure", access=province_administrator)
async def show_erasure(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """Asking for an erasure, confirming it, how far it is; of an erased committee its stone."""
    return await _erasure(request, province, committee)


async def _erasure(
    request: Asked,
    province: str,
    slug: str,
    *,
    values: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response[str]:
    reader = reader_of(request)
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader)
        ref = await committee_of(found, slug)
        asked, stone = await erasing.erasure_of(ref.id), await erasing.tombstone_of(ref.id)
        run = await exporting.under_way(ref.id, "erase", "restore")
        exports = await exporting.exports_of(ref.id)
    if run is None and asked is not None:
        run = asked["run"]
    home, last = f"/provinces/{found.slug}/committees/{ref.slug}", next(iter(exports), None)
    return page(
        request, "province/erasure.html", status=422 if faults else 200, place=place_of(found, request), home=home,
        title=_title(stone) if stone else ref.title, slug=ref.slug, stage=_stage(ref, asked, reader),
        asked=_asked(asked) if asked else None, stone=_stone(stone) if stone else None,
        last=export_shown(request, last) if last else None, days=exporting.KEPT.days,
        run=f"/provinces/{found.slug}/runs/{run}" if run else None,
        values=values or {}, errors=faults or {},
        back=(f"/provinces/{found.slug}/fleet/erased", translate(request, say("Cấp ủy đã xóa hẳn"))) if stone
        else (home, ref.title),
    )  # fmt: skip


def _stage(ref: CommitteeRef, asked: Record | None, reader: Reader) -> str:
    """erased, running, open (its doors first), none (may be asked for), mine (somebody else confirms), theirs."""
    if ref.state == "erased":
        return "erased"
    if asked is not None and asked["run"] is not None:
        return "running"
    if ref.state not in erasing.CLOSED:
        return "open"
    if asked is None:
        return "none"
    return "mine" if asked["asked_by"] == reader.account_id else "theirs"


def _asked(row: Record) -> dict[str, Any]:
    return {"by": row["asked_name"], "at": moment(row["asked_at"]), "reason": row["reason"]}


def _title(stone: Record) -> str:
    return f"{KINDS[stone['kind']]} {stone['name']}"


def _stone(row: Record) -> dict[str, Any]:
    return {
        "title": _title(row), "slug": row["slug"], "reason": row["reason"], "asked": row["asked_name"],
        "confirmed": row["confirmed_name"], "rows": row["rows"], "objects": row["objects"],
        "size": megabytes(row["bytes"]), "sha256": row["export_sha256"], "at": moment(row["erased_at"]),
    }  # fmt: skip


@post("/provinces/{province:str}/committees/{committee:str}/erasure", access=province_administrator)
async def ask_for_erasure(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Ask for an erasure."""
    values = {name: data.get(name, "") for name in ("reason", "typed")}
    try:
        await erasing.ask(province, committee, **values, by=reader_of(request))
    except Refused as refusal:
        return await _erasure(request, province, committee, values=values, faults=errors(request, refusal))
    return _to(province, committee)


@post(
    "/provinces/{province:str}/committees/{committee:str}/erasure/confirmation", access=province_administrator
)
async def confirm_erasure(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Confirm what another administrator has asked for; to its run."""
    typed = data.get("typed", "")
    try:
        run = await erasing.confirm(province, committee, typed=typed, by=reader_of(request))
    except Refused as refusal:
        return await _erasure(
            request, province, committee, values={"typed": typed}, faults=errors(request, refusal)
        )
    return Redirect(f"/provinces/{province}/runs/{run}", status_code=303)


@post(
    "/provinces/{province:str}/committees/{committee:str}/erasure/withdrawal", access=province_administrator
)
async def withdraw_erasure(
    request: Asked, province: FromPath[str], committee: FromPath[str]
) -> Response[Any]:
    """Take an erasure back."""
    try:
        await erasing.withdraw(province, committee, by=reader_of(request))
    except Refused as refusal:
        return await _erasure(request, province, committee, faults=errors(request, refusal))
    return _to(province, committee)


@post("/provinces/{province:str}/committees/{committee:str}/erasure/revival", access=province_administrator)
async def revive(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[Any]:
    """Restore an erased committee from its last file; to the run."""
    try:
        run = await restoring.ask_to_revive(province, committee, by=reader_of(request))
    except Refused as refusal:
        return await _erasure(request, province, committee, faults=errors(request, refusal))
    return Redirect(f"/provinces/{province}/runs/{run}", status_code=303)


def _to(province: str, committee: str) -> Redirect:
    return Redirect(f"/provinces/{province}/committees/{committee}/erasure", status_code=303)


@get("/provinces/{province:str}/fleet/erased", access=province_administrator)
async def show_erased(request: Asked, province: FromPath[str]) -> Response[str]:
    """What is left of the committees that were erased."""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        stones = await erasing.tombstones(found.id)
    return page(
        request, "province/erased.html", place=place_of(found, request),
        stones=[_stone(row) | {"path": row["path"]} for row in stones],
        back=(f"/provinces/{found.slug}/fleet", translate(request, say("Cấp ủy"))),
    )  # fmt: skip
