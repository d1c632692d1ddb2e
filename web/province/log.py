"""The province's record: filtered by person, act, committee and days, fifty at a time, and as a file to keep."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from infra.lazy import lazy
from infra.postgres import Record
from server import clock
from server.province import log
from server.province.actions import ADMINISTRATORS, AUDITORS, Province, province_of, record_event
from server.province.log import PAGE, Wanted
from server.province.log_words import ACTIONS, detail_words, shows_subject, subject_words
from server.words import Say, say
from tenants import registry
from tenants.current import KINDS
from tenants.transactions import platform_transaction
from web.access import province_auditor
from web.asking import Asked, date_in, reader_of, uuid_in
from web.members.imports import workbook
from web.province.place import place_of
from web.render import page, translate
from web.words import moment

_as_csv = lazy("server.province.log_file:as_csv")
_as_workbook = lazy("server.province.log_file:as_workbook")
_NAMES = ("who", "action", "committee", "since", "until")
_HEAD = (say("Lúc"), say("Ai"), say("Việc"), say("Cấp ủy"), say("Về"))


@get("/provinces/{province:str}/log", access=province_auditor)
async def show_log(request: Asked, province: FromPath[str], before: FromQuery[str] = "") -> Response[str]:
    """The record, newest first. ``who``: an account; ``committee``: its path; ``since`` and ``until``: days."""
    given = {name: request.query_params.get(name, "")[:100] for name in _NAMES}
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=AUDITORS)
        wanted = await _wanted(found, given)
        last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        rows = await log.events(found.id, wanted, before=last)
        people = await log.people(found.id)
    shown, more = rows[:PAGE], len(rows) > PAGE
    home = f"/provinces/{found.slug}/log"
    values = {**given, "since": _iso(wanted.since), "until": _iso(wanted.until)}
    return page(
        request, "province/log.html", place=place_of(found, request), home=home, values=values,
        rows=[_row(request, found, row) for row in shown], filtered=any(given.values()),
        people=[(str(one["account"]), one["name"]) for one in people],
        actions=sorted(((key, translate(request, words)) for key, words in ACTIONS.items()), key=lambda one: one[1]),
        errors={name: say("Ngày không đúng, xin ghi như 03/11/2026.") for name in ("since", "until")
                if given[name] and date_in(given[name]) is None}
        | ({"committee": say("Tỉnh không có cấp ủy nào ở đường dẫn này.")} if _unknown(given, wanted) else {}),
        next_href=_link(home, {**given, "before": str(shown[-1]["id"])}) if more else None,
        first_href=_link(home, given) if last else None, people_href=f"/provinces/{found.slug}/people",
        files=[(_link(f"{home}.{kind}", given), kind) for kind in ("xlsx", "csv")],
    )  # fmt: skip


def _iso(day: Any) -> str:
    return day.isoformat() if day else ""


def _unknown(given: dict[str, str], wanted: Wanted) -> bool:
    return bool(given["committee"]) and wanted.committee is None


async def _wanted(province: Province, given: dict[str, str]) -> Wanted:
    path = given["committee"].strip().strip("/")
    ref = await registry.find(path) if path else None
    own = ref is not None and ref.province_id == province.id
    return Wanted(
        uuid_in(given["who"]), given["action"], ref.id if ref is not None and own else None, date_in(given["since"]),
        date_in(given["until"]),
    )  # fmt: skip


def _link(home: str, given: dict[str, str]) -> str:
    query = urlencode({key: value for key, value in given.items() if value})
    return f"{home}?{query}" if query else home


def _committee(row: Record) -> str | None:
    return f"{KINDS[row['kind']]} {row['name']}" if row["committee"] else None


def _row(request: Asked, province: Province, row: Record) -> dict[str, Any]:
    # An auditor manages no committee, and finds its counts.
    page_of = "committees" if reader_of(request).has(*ADMINISTRATORS) else "figures"
    shows = shows_subject(row["action"], row["subject"], row["slug"])
    return {
        "when": moment(row["at"]), "who": row["by_name"], "what": ACTIONS.get(row["action"], row["action"]),
        "committee": _committee(row), "committee_href": f"/provinces/{province.slug}/{page_of}/{row['slug']}",
        "subject": subject_words(row["subject"]) if shows else None,
        "detail": detail_words(row["action"], row["detail"]),
    }  # fmt: skip


@get("/provinces/{province:str}/log.csv", access=province_auditor)
async def log_csv(request: Asked, province: FromPath[str]) -> Response[bytes]:
    """What the filter shows, comma-separated; who took it is written down."""
    lines = await _lines(request, province, "csv")
    made = await asyncio.to_thread(_as_csv, _head(request), lines)
    name = f"nhat-ky-{province}-{clock.today():%Y-%m-%d}.csv"
    return Response(
        made, media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )  # fmt: skip


@get("/provinces/{province:str}/log.xlsx", access=province_auditor)
async def log_xlsx(request: Asked, province: FromPath[str]) -> Response[bytes]:
    """What the filter shows, as a workbook; who took it is written down."""
    lines = await _lines(request, province, "xlsx")
    made = await asyncio.to_thread(_as_workbook, _head(request), lines)
    return workbook(made, f"nhat-ky-{province}-{clock.today():%Y-%m-%d}.xlsx")


def _head(request: Asked) -> list[str]:
    return [translate(request, words) for words in _HEAD]


async def _lines(request: Asked, province: str, kind: str) -> list[list[str]]:
    given = {name: request.query_params.get(name, "")[:100] for name in _NAMES}
    async with platform_transaction():
        found = await province_of(province, reader_of(request), roles=AUDITORS)
        rows = await log.events(found.id, await _wanted(found, given), limit=log.LONGEST_FILE)
        await record_event(
            found, reader_of(request), "log_exported", f"{kind}, {len(rows)}", urlencode(given)
        )
    return [_line(request, row) for row in rows]


def _line(request: Asked, row: Record) -> list[str]:
    words: Say | str = ACTIONS.get(row["action"], row["action"])
    shows = shows_subject(row["action"], row["subject"], row["slug"])
    about = [translate(request, subject_words(row["subject"])) if shows else ""]
    about.append(translate(request, detail_words(row["action"], row["detail"])))
    return [
        moment(row["at"]), row["by_name"], translate(request, words), _committee(row) or "",
        " · ".join(part for part in about if part),
    ]  # fmt: skip
