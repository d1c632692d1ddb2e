"""The province's figures of a month: the whole province, then each committee. Counts with their base, never people."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from server import clock
from server.names import fold
from server.province import figures as counted
from server.province.actions import READERS, Province, province_of
from server.province.figures import Courses, Month, folded
from server.province.hiding import change
from server.rollups.indicators import BY_KEY, INDICATORS
from server.words import Say, say
from tenants.transactions import platform_transaction
from web.access import province_reader
from web.asking import Asked, reader_of
from web.province import choosing
from web.province.choosing import Choice, change_words, height, spark
from web.province.place import administers, place_of
from web.render import page
from web.words import moment, month_title


@get("/provinces/{province:str}", access=province_reader)
async def figures(
    request: Asked, province: FromPath[str], month: FromQuery[str] = "", show: FromQuery[str] = "",
    sort: FromQuery[str] = "", q: FromQuery[str] = "",
) -> Response[str]:  # fmt: skip
    """A month of the province and of each of its committees."""
    asked = choosing.read(month, show, sort, q)
    earlier = clock.month_after(asked.month, -1)
    async with platform_transaction(read_only=True, snapshot=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        whole = await counted.months(found.id, [earlier, asked.month])
        year = await counted.courses(found.id, choosing.before(asked.month), [choosing.DRAWN[asked.group]])
        closed = await counted.closed_at(found.id, asked.month)
    path, now = request.url.path, whole[asked.month]
    return page(
        request, "province/figures.html", place=place_of(found, request), month=asked.switch(path), path=path,
        ways=ways(found, asked.month, ""), may_found=administers(request, found),
        month_title=month_title(asked.month), closed=moment(closed) if closed else None,
        headlines=[(BY_KEY[key], now.totals[key]) for key in choosing.HEADLINES],
        totals=totals(now, whole[earlier]), computed=spoken_times(now), now=now, asked=asked,
        groups=asked.groups(path), columns=asked.indicators, rows=_rows(now, asked, year),
        drawn=BY_KEY[choosing.DRAWN[asked.group]],
    )  # fmt: skip


_WAYS = (
    ("", say("Tổng hợp")), ("map", say("Bản đồ")), ("comparison", say("So sánh")), ("silent", say("Chưa báo cáo")),
    ("reports", say("Báo cáo")), ("checks", say("Đối chiếu")),
)  # fmt: skip


def ways(province: Province, month: date, here: str) -> list[tuple[str, Say, bool]]:
    """The pages of figures, as links that keep the month where the page has one."""
    home = f"/provinces/{province.slug}/"
    kept = f"?month={month:%Y-%m}"
    return [
        (f"{home}{page}{kept if page in ('', 'map', 'silent') else ''}", words, page == here)
        for page, words in _WAYS
    ]


def spoken_times(month: Month) -> tuple[str, str] | None:
    """When the oldest and the newest figure of a month were computed."""
    return (moment(month.computed[0]), moment(month.computed[1])) if month.computed else None


def totals(now: Month, earlier: Month) -> list[dict[str, Any]]:
    """Every indicator of the whole province, with the month before and what has changed."""
    return [
        {"title": one.title, "how": one.how, "now": now.totals[one.key], "before": earlier.totals[one.key],
         "change": change_words(change(now.totals[one.key], earlier.totals[one.key]), one)}
        for one in INDICATORS
    ]  # fmt: skip


def _rows(now: Month, asked: Choice, year: Courses) -> list[dict[str, Any]]:
    """The committees that are looked for, in the order that was asked for."""
    words = fold(asked.words)
    lines = [line for line in now.lines if words in folded(line.title) or words in line.slug]
    drawings = _drawings(year, choosing.DRAWN[asked.group])
    return [
        {"line": line, "computed": moment(line.computed_at) if line.computed_at else None,
         "spark": drawings.get(line.slug, "")}
        for line in choosing.ordered(lines, asked.sort)
    ]  # fmt: skip


def _drawings(year: Courses, key: str) -> dict[str, str]:
    """Twelve months of one indicator a committee: shares all on one scale, counts each on its own."""
    heights = {slug: [height(figure) for figure in year.course(slug, key)] for slug in year.lines}
    every = [value for row in heights.values() for value in row if value is not None]
    drawn = {}
    for slug, row in heights.items():
        own = every if BY_KEY[key].base else [value for value in row if value is not None]
        drawn[slug] = spark(row, min(own), max(own)) if own else ""
    return drawn
