"""A committee as a file: asked for, followed, fetched by the province's administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from infra.postgres import Record
from server.exports import exporting
from server.minutes.names import attachment
from server.province.actions import committee_of, province_of
from server.words import Refused, say
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, reader_of
from web.province.place import place_of
from web.render import errors, page, translate
from web.words import day, moment

_REASONS = {"person": say("theo yêu cầu"), "erasure": say("lần cuối trước khi xóa hẳn")}


@get("/provinces/{province:str}/committees/{committee:str}/exports", access=province_administrator)
async def show_exports(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """The exports of a committee, and the form that asks for one."""
    return await _exports(request, province, committee)


async def _exports(
    request: Asked, province: str, slug: str, *, faults: dict[str, str] | None = None
) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        ref = await committee_of(found, slug)
        rows = await exporting.exports_of(ref.id)
        run = await exporting.under_way(ref.id, "export")
    home = f"/provinces/{found.slug}/committees/{ref.slug}"
    return page(
        request, "province/exports.html", status=422 if faults else 200, place=place_of(found, request), home=home,
        title=ref.title, exports=[export_shown(request, row) for row in rows], errors=faults or {},
        may_ask=ref.state in exporting.WHOLE, days=exporting.KEPT.days,
        run=f"/provinces/{found.slug}/runs/{run}" if run else None, back=(home, ref.title),
    )  # fmt: skip


def export_shown(request: Asked, row: Record) -> dict[str, Any]:
    """An export as the pages show it; ``until``: the last day of its file, None where it is gone."""
    return {
        "id": str(row["id"]), "made_at": moment(row["made_at"]), "by": row["by_name"],
        "why": translate(request, _REASONS[row["reason"]]), "rows": row["rows"], "pages": row["pages"],
        "with_pages": row["with_pages"], "size": megabytes(row["bytes"]), "sha256": row["sha256"],
        "tested_at": moment(row["tested_at"]) if row["tested_at"] else None, "fault": bool(row["test_fault"]),
        "until": day(row["made_at"] + exporting.KEPT) if row["removed_at"] is None else None,
    }  # fmt: skip


def megabytes(size: int) -> str:
    """12,3 MB; a small one in KB."""
    if size < 100_000:
        return f"{-(-size // 1000)} KB"
    return f"{size / 1_000_000:.1f}".replace(".", ",") + " MB"


@post("/provinces/{province:str}/committees/{committee:str}/exports", access=province_administrator)
async def ask_for_export(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Begin an export; to its run."""
    try:
        run = await exporting.ask(
            province, committee, with_pages=bool(data.get("with_pages")), by=reader_of(request)
        )
    except Refused as refusal:
        return await _exports(request, province, committee, faults=errors(request, refusal))
    return Redirect(f"/provinces/{province}/runs/{run}", status_code=303)


@get(
    "/provinces/{province:str}/committees/{committee:str}/exports/{export:uuid}/file",
    access=province_administrator,
)
async def fetch_export(
    request: Asked, province: FromPath[str], committee: FromPath[str], export: FromPath[UUID]
) -> Stream:
    """The file, piece by piece; who took it is written into the province's record and into the committee's own."""
    row, pieces = await exporting.fetch(province, committee, export, by=reader_of(request))
    return Stream(
        pieces, media_type="application/zip",
        headers={
            "Content-Disposition": attachment(f"{committee}-{row['made_at']:%Y%m%d}-{row['sha256'][:8]}.zip"),
            "Content-Length": str(row["bytes"]), "Cache-Control": "private, no-store",
        },
    )  # fmt: skip
