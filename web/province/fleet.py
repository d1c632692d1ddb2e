"""The province's committees as a fleet: what state each is in, and which need attention."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from server import clock
from server.fleet import health
from server.fleet.queries import FILTERS, Fleet, fleet
from server.province.actions import province_of
from server.words import Say, say
from tenants.current import KINDS
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, reader_of
from web.province.place import place_of
from web.render import page, translate
from web.words import day, moment

_ALL: dict[str, Say] = {"": say("Tất cả"), "attention": say("Cần chú ý"), **FILTERS}
LONGEST_NAME = 100


@get("/provinces/{province:str}/fleet", access=province_administrator)
async def show_fleet(
    request: Asked,
    province: FromPath[str],
    need: FromQuery[str] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[str]:
    """A page of the province's committees, by path, all or those that need attention."""
    need, q = need if need in _ALL else "", q[:LONGEST_NAME]
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        told = await fleet(found.id, chosen=need, name=q, after=after, before=before)
    here = f"/provinces/{found.slug}/fleet"
    return page(
        request, "province/fleet.html", place=place_of(found, request), here=here, need=need, q=q,
        filters=_filters(request, here, told, need, q), rows=[row_of(request, row) for row in told.rows],
        found=told.found, previous=_link(here, need, q, before=told.before),
        next=_link(here, need, q, after=told.after),
    )  # fmt: skip


def _filters(request: Asked, here: str, told: Fleet, need: str, q: str) -> list[tuple[str, str, int, bool]]:
    """The filters that find somebody, the chosen one, and the two that are always there."""
    counts = {**told.counts, "": told.counts["all"]}
    return [
        (_link(here, key, q, first=True) or here, translate(request, words), counts[key], key == need)
        for key, words in _ALL.items()
        if counts[key] or key in ("", "attention", need)
    ]


def _link(here: str, need: str, q: str, *, first: bool = False, **at: str | None) -> str | None:
    if not first and not any(at.values()):
        return None
    asked = {key: value for key, value in {"need": need, "q": q, **at}.items() if value}
    return f"{here}?{urlencode(asked)}" if asked else here


def row_of(request: Asked, row: Record) -> dict[str, Any]:
    """What pages show of one committee; ``needs``: why it needs attention, in words."""
    return {
        "slug": row["slug"], "title": f"{KINDS[row['kind']]} {row['name']}", "state": row["state"],
        "needs": [translate(request, words) for key, words in FILTERS.items() if row[key]],
        "version": row["version"], "behind": row["behind"], "error": row["migration_error"], "drift": row["drift"],
        "active": _day(row["active_at"]), "members": tens(row["members"]), "most_members": row["most_members"],
        "accounts": row["accounts"], "most_accounts": row["most_accounts"],
        "database": _megabytes(row["database_bytes"]), "objects": _megabytes(row["object_bytes"]),
        "most_objects": row["most_object_bytes"] // 10**6, "lag": _since(row["waiting_since"]),
        "failed": row["failed_jobs"], "exported": _day(row["exported_at"]), "tested": _day(row["tested_at"]),
        "backed": moment(row["backed_at"]) if row["backed_at"] else None,
        "computed": moment(row["computed_at"]) if row["computed_at"] else None, "dirty": _since(row["dirty_since"]),
        "checked": _day(row["checked_at"]), "differing": row["differing"],
        "measured": moment(row["measured_at"]) if row["measured_at"] else None,
    }  # fmt: skip


def tens(members: int | None) -> int | None:
    """Members, rounded up: beside the figures of a month the number itself would tell what is hidden there."""
    return None if members is None else -(-members // 10) * 10


def _day(at: datetime | None) -> str | None:
    return day(at.astimezone(clock.VIETNAM).date()) if at else None


def _megabytes(size: int | None) -> int | None:
    # Rounded up: what is there is never nothing.
    return None if size is None else -(-size // 10**6)


def _since(at: datetime | None) -> Say | None:
    """How long something waits, in words; None for what does not wait."""
    if at is None:
        return None
    waited = clock.now() - at
    if waited < timedelta(hours=1):
        return say("{n} phút", n=max(0, int(waited.total_seconds() // 60)))
    if waited < timedelta(days=2):
        return say("{n} giờ", n=int(waited.total_seconds() // 3600))
    return say("{n} ngày", n=waited.days)


@post("/provinces/{province:str}/fleet/measuring", access=province_administrator)
async def measure_fleet(request: Asked, province: FromPath[str]) -> Response[Any]:
    """Have all committees measured now."""
    await health.ask(province, by=reader_of(request))
    return Redirect(f"/provinces/{province}/runs", status_code=303)
