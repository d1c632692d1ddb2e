"""How one committee is: what it weighs and may have, what failed, and what can be done about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server.accounts.reader import Reader
from server.fleet import granting, health
from server.fleet.failed import JOB_WORDS, failed_jobs, retry
from server.fleet.queries import facts_of
from server.fleet.quotas import Quota, deployment, quota_of
from server.province.actions import committee_of, province_of
from server.words import Refused
from tenants import runs
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, reader_of, uuid_in
from web.province.fleet import row_of
from web.province.place import place_of
from web.province.runs import run_row
from web.render import errors, page, translate
from web.words import moment

RECENT_RUNS = 5


@get("/provinces/{province:str}/committees/{committee:str}/health", access=province_administrator)
async def show_health(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """One committee's health, limits and failed jobs."""
    return await _health(request, province, committee)


async def _health(
    request: Asked,
    province: str,
    slug: str,
    *,
    values: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response[str]:
    reader: Reader = reader_of(request)
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader)
        ref = await committee_of(found, slug)
        facts, quota = await facts_of(found.id, ref.id), await quota_of(ref.id)
        failed, recent = (
            await failed_jobs(ref),
            await runs.runs(found.id, committee=ref.id, limit=RECENT_RUNS),
        )
    home = f"/provinces/{found.slug}/committees/{ref.slug}"
    return page(
        request, "province/health.html", status=422 if faults else 200, place=place_of(found, request), home=home,
        title=ref.title, facts=row_of(request, facts), failed=[_job(request, row) for row in failed],
        recent=[run_row(request, row) for row in recent],
        usual=deployment(), values=values if values is not None else _own(quota), errors=faults or {},
        back=(home, ref.title),
    )  # fmt: skip


def _own(quota: Quota) -> dict[str, str]:
    return {name: str(getattr(quota, name)) for name in quota.own}


def _job(request: Asked, row: Record) -> dict[str, Any]:
    return {
        "id": str(row["id"]), "what": translate(request, JOB_WORDS.get(row["job"], row["job"])), "error": row["error"],
        "attempts": row["attempts"], "asked_at": moment(row["created_at"]), "dead_at": moment(row["dead_at"]),
    }  # fmt: skip


@post("/provinces/{province:str}/committees/{committee:str}/quota", access=province_administrator)
async def set_quota(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Set what the committee may have at most."""
    values = {name: data.get(name, "") for name in granting.HIGHEST}
    try:
        await granting.set_quota(province, committee, values, by=reader_of(request))
    except Refused as refusal:
        return await _health(request, province, committee, values=values, faults=errors(request, refusal))
    return _back(province, committee)


@post("/provinces/{province:str}/committees/{committee:str}/measuring", access=province_administrator)
async def measure_one(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[Any]:
    """Have the committee measured now."""
    await health.ask(province, [committee], by=reader_of(request))
    return _back(province, committee)


@post("/provinces/{province:str}/committees/{committee:str}/failed-jobs", access=province_administrator)
async def retry_failed(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Try failed jobs again: the one that is named, or all."""
    only: UUID | None = uuid_in(data.get("job", ""))
    await retry(province, committee, [only] if only else [], by=reader_of(request))
    return _back(province, committee)


def _back(province: str, committee: str) -> Response[Any]:
    return Redirect(f"/provinces/{province}/committees/{committee}/health", status_code=303)
