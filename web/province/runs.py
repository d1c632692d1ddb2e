"""Long work as the province's administrators see it: what runs and what ran, one run with its items, and its verbs."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from server.fleet.kinds import FAULTS, TITLES
from server.fleet.running import act, may, run_in
from server.province.actions import province_of
from server.words import Refused, Say, from_json, say
from tenants import runs
from tenants.current import KINDS
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, reader_of
from web.province.place import place_of
from web.render import errors, page, translate
from web.words import moment

ON_A_PAGE = 50
# A sign and a word for how a run stands, and for how an item does; the signs are those of parts/page.html.
_STATES: dict[str, tuple[str, Say]] = {
    "open": ("open", say("đang chạy")),
    "paused": ("suspended", say("tạm dừng")),
    "failed": ("rejected", say("có mục lỗi, chờ xử lý")),
    "stopped": ("ended", say("đã dừng hẳn")),
    "done": ("active", say("đã xong")),
}
_ITEM_STATES: dict[str, tuple[str, Say]] = {
    "waiting": ("planned", say("đang chờ")),
    "held": ("open", say("đang làm")),
    "again": ("pending", say("sẽ thử lại")),
    "failed": ("rejected", say("lỗi")),
    "skipped": ("ended", say("bỏ qua")),
    "done": ("active", say("xong")),
}
_TABS: tuple[tuple[str, Say], ...] = (
    ("", say("Tất cả")), ("failed", say("Lỗi")), ("waiting", say("Đang chờ")), ("done", say("Đã xong")),
)  # fmt: skip


@get("/provinces/{province:str}/runs", access=province_administrator)
async def show_runs(request: Asked, province: FromPath[str]) -> Response[str]:
    """What runs now and what ran lately."""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        rows = await runs.runs(found.id, limit=ON_A_PAGE)
    return page(
        request, "province/runs.html", place=place_of(found, request), runs=[run_row(request, row) for row in rows],
        back=(f"/provinces/{found.slug}/fleet", translate(request, say("Cấp ủy"))),
    )  # fmt: skip


@get("/provinces/{province:str}/runs/{run:uuid}", access=province_administrator)
async def show_run(
    request: Asked,
    province: FromPath[str],
    run: FromPath[UUID],
    items: FromQuery[str] = "",
    after: FromQuery[int] = 0,
) -> Response[str]:
    """One run: how far it is, what failed and why, and what can be done about it."""
    return await _run_page(request, province, run, items=items, after=after)


async def _run_page(
    request: Asked,
    province: str,
    run: UUID,
    *,
    items: str = "",
    after: int = 0,
    faults: dict[str, str] | None = None,
) -> Response[str]:
    chosen = items if items in dict(_TABS) else ""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        row = await run_in(found, run)
        listed = await runs.items(
            run, states=[chosen] if chosen else (), after=min(max(after, 0), 10**9), limit=ON_A_PAGE + 1
        )
    here = f"/provinces/{found.slug}/runs/{run}"
    more = f"{here}?items={chosen}&after={listed[ON_A_PAGE - 1]['no']}" if len(listed) > ON_A_PAGE else None
    return page(
        request, "province/run.html", part="status", status=422 if faults else 200, place=place_of(found, request),
        # Whoever watches has buttons of a run that goes on: when it does no longer, the page comes anew.
        headers={"HX-Refresh": "true"} if row["state"] != "open" and "HX-Request" in request.headers else None,
        run=run_row(request, row), here=here, may=may(row), errors=faults or {},
        items=[_item(request, item) for item in listed[:ON_A_PAGE]],
        tabs=[(f"{here}?items={key}", translate(request, words), key == chosen) for key, words in _TABS],
        more=more, first=here if after else None,
        back=(f"/provinces/{found.slug}/runs", translate(request, say("Việc đang chạy"))),
    )  # fmt: skip


def run_row(request: Asked, row: Record) -> dict[str, Any]:
    """What pages show of a run."""
    sign, words = _STATES[row["state"]]
    about = f"{KINDS[row['committee_kind']]} {row['committee_name']}" if row["slug"] else None
    return {
        "id": str(row["id"]), "title": translate(request, TITLES.get(row["kind"], row["kind"])), "about": about,
        "founds": row["kind"] == "found_committees",
        "about_slug": row["slug"], "state": row["state"], "sign": sign, "word": translate(request, words),
        "total": row["items"], "done": row["done"], "failed": row["failed"], "by": row["by_name"],
        "created_at": moment(row["created_at"]), "ended_at": moment(row["ended_at"]) if row["ended_at"] else None,
    }  # fmt: skip


def _item(request: Asked, row: Record) -> dict[str, Any]:
    again = row["state"] == "waiting" and row["error"]
    sign, words = _ITEM_STATES["held" if row["held"] else "again" if again else row["state"]]
    return {
        "no": row["no"], "subject": row["subject"], "sign": sign, "word": translate(request, words),
        "error": _why(request, row), "attempts": row["attempts"],
        "ended_at": moment(row["ended_at"]) if row["ended_at"] else None,
    }  # fmt: skip


def _why(request: Asked, row: Record) -> str:
    """Why an item was not done, in the reader's language where it was kept in sentences of ours."""
    said = json.loads(row["result"]).get("said", ()) if row["state"] in ("failed", "skipped") else ()
    if said:
        return " ".join(translate(request, from_json(one)) for one in said)
    return translate(request, FAULTS.get(row["error"], row["error"]))


@post("/provinces/{province:str}/runs/{run:uuid}/{what:str}", access=province_administrator)
async def act_on_run(
    request: Asked, province: FromPath[str], run: FromPath[UUID], what: FromPath[str]
) -> Response[Any]:
    """Pause a run, go on with it, try again what failed, go on without it, end it."""
    try:
        await act(province, run, what, by=reader_of(request))
    except Refused as refusal:
        return await _run_page(request, province, run, faults=errors(request, refusal))
    return Redirect(f"/provinces/{province}/runs/{run}", status_code=303)
