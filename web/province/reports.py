"""Monthly reports: the list of months, one month on the screen, as .xlsx and .pdf; and .xlsx of the figures' page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from infra.lazy import lazy
from infra.postgres import Record
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.minutes.names import attachment
from server.names import fold
from server.province import report_text, reports
from server.province.actions import READERS, Province, province_of, record_event
from server.province.figures import months
from server.province.reports import PARTS, Report, Reported, indicators_of
from server.rollups.indicators import INDICATORS
from server.words import say
from tenants.transactions import platform_transaction
from web.access import province_reader
from web.asking import Asked, reader_of
from web.province import choosing
from web.province.figures import ways
from web.province.place import place_of
from web.render import page, translate
from web.words import moment, month_title

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_write_sheet: Callable[..., bytes] = lazy("server.province.report_sheet:write")
_KINDS: dict[str, tuple[str, Callable[[Report], bytes]]] = {
    "pdf": ("application/pdf", lazy("server.province.report_pdf:write")),
    "xlsx": (_EXCEL, _write_sheet),
}
# Reports that a process makes at once: each takes a core for as long as its committees are many.
_MAKING = asyncio.Semaphore(2)


@get("/provinces/{province:str}/reports", access=province_reader)
async def show_reports(request: Asked, province: FromPath[str]) -> Response[str]:
    """The months: closed with their proof and how much was corrected since, or still open."""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        rows = await reports.report_months(found.id)
    this_month = choosing.this_month()
    return page(
        request, "province/reports.html", place=place_of(found, request), ways=ways(found, this_month, "reports"),
        rows=[_row(row, f"/provinces/{found.slug}/reports") for row in rows],
    )  # fmt: skip


def _row(row: Record, base: str) -> dict[str, Any]:
    return {
        "href": f"{base}/{row['month']:%Y-%m}", "title": month_title(row["month"]),
        "closed": moment(row["closed_at"]) if row["closed_at"] else None, "corrections": row["corrections"],
        "reported": row["reported"], "committees": row["committees"],
    }  # fmt: skip


@get("/provinces/{province:str}/reports/{month:str}", access=province_reader)
async def show_report(
    request: Asked, province: FromPath[str], month: FromPath[str], part: FromQuery[str] = ""
) -> Response[str]:
    """One month: the province's figures, each committee's a part at a time, corrections, the proof."""
    found, report = await _report(request, province, month)
    path, chosen = request.url.path, int(part) if part in {"1", "2", "3"} else 0
    return page(
        request, "province/report.html", place=place_of(found, request), report=report,
        month_title=month_title(report.month), standing=report_text.standing(report), path=path,
        totals=[(one, report.totals[one.key]) for one in INDICATORS if one.key in report.totals],
        parts=[(f"{path}?part={n}#each", title, n == chosen) for n, (title, _) in enumerate(PARTS)],
        columns=indicators_of(PARTS[chosen]), corrections=[_correction(each) for each in report.corrections],
        back=(f"/provinces/{found.slug}/reports", translate(request, say("Báo cáo tháng"))),
    )  # fmt: skip


def _correction(each: reports.Correction) -> dict[str, Any]:
    return {
        "title": each.title, "number": each.number, "at": moment(each.at), "causes": each.causes,
        "changed": report_text.changed_words(each),
    }  # fmt: skip


async def _report(request: Asked, province: str, month: str) -> tuple[Province, Report]:
    of = _month(month)
    async with platform_transaction(read_only=True, snapshot=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        return found, await reports.report(found, of)


def _month(text: str) -> date:
    """The month of an address. Raises NotFound for what is none."""
    if not re.fullmatch("(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise NotFound(text)
    return date(int(text[:4]), int(text[5:]), 1)


@get(
    [f"/provinces/{{province:str}}/reports/{{month:str}}/report.{kind}" for kind in _KINDS],
    access=province_reader,
)
async def take_report(request: Asked, province: FromPath[str], month: FromPath[str]) -> Response[bytes]:
    """The same as a file; who took it is written down."""
    kind = request.url.path.rpartition(".")[2]
    found, report = await _report(request, province, month)
    media_type, write = _KINDS[kind]
    async with _MAKING:
        content = await asyncio.to_thread(write, report)
    await _note(found, reader_of(request), f"{month}.{kind}")
    return _file(content, media_type, f"bao-cao-{found.slug}-{month}.{kind}")


async def _note(province: Province, by: Reader, what: str) -> None:
    async with platform_transaction():
        await record_event(province, by, "report_taken", what)


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    return Response(
        content, media_type=media_type,
        headers={"Content-Disposition": attachment(name), "Cache-Control": "private, no-store"},
    )  # fmt: skip


@get("/provinces/{province:str}/figures.xlsx", access=province_reader)
async def take_figures(
    request: Asked, province: FromPath[str], month: FromQuery[str] = "", show: FromQuery[str] = "",
    sort: FromQuery[str] = "", q: FromQuery[str] = "",
) -> Response[bytes]:  # fmt: skip
    """What the page of figures shows: its month, its group of indicators, the committees that are looked for."""
    asked, words = choosing.read(month, show, sort, q), fold(q)
    async with platform_transaction(read_only=True, snapshot=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        whole = await reports.report(found, asked.month)
        told = (await months(found.id, [asked.month]))[asked.month]
    lines = [line for line in told.lines if words in fold(line.title) or words in line.slug]
    # As the page: with what was corrected since, even of a closed month.
    shown = replace(
        whole, totals=told.totals, corrections=(), closed_at=None, sha256=None,
        as_of=told.computed[1] if told.computed else None,
        lines=[Reported(line.title, line.figures) for line in choosing.ordered(lines, asked.sort)],
    )  # fmt: skip
    async with _MAKING:
        content = await asyncio.to_thread(_write_sheet, shown, asked.indicators)
    await _note(found, reader_of(request), f"{asked.month:%Y-%m}.xlsx")
    return _file(content, _EXCEL, f"so-lieu-{found.slug}-{asked.month:%Y-%m}.xlsx")
