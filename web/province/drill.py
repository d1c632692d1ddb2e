"""One committee's figures: a month with every indicator beside the province's, then a group of them over months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from server import clock
from server.meetings.queries import NotFound
from server.province import figures as counted
from server.province.actions import READERS, province_of
from server.province.classification import Year, grades
from server.province.figures import UNTOLD, Courses, Line, Month
from server.province.hiding import Figure, change
from server.rollups.indicators import BY_KEY, INDICATORS, YEARLY
from server.words import say
from tenants.transactions import platform_transaction
from web.access import province_reader
from web.asking import Asked, reader_of
from web.charts import attendance_chart, percent
from web.province import choosing
from web.province.choosing import Choice, change_words
from web.province.comparison import LENGTHS
from web.province.place import administers, place_of
from web.render import page, translate
from web.words import moment, month_title


@get("/provinces/{province:str}/figures/{committee:str}", access=province_reader)
async def show_one(
    request: Asked, province: FromPath[str], committee: FromPath[str], month: FromQuery[str] = "",
    show: FromQuery[str] = "", months: FromQuery[str] = "",
) -> Response[str]:  # fmt: skip
    """A committee's counts, never its people."""
    asked, length = choosing.read(month, show), months if months in LENGTHS else "12"
    span = choosing.before(asked.month, LENGTHS[length])
    async with platform_transaction(read_only=True, snapshot=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        now = await counted.months(found.id, [clock.month_after(asked.month, -1), asked.month])
        keys = {one.key for one in asked.indicators} | {choosing.DRAWN[asked.group]}
        told = await counted.courses(found.id, span, keys, only=[committee])
        called = await counted.titles(found.id, committee, span)
        years = await grades(found.id, committee, asked.month.year)
    if not called:
        raise NotFound(committee)
    here = now[asked.month].line(committee)
    path, kept = request.url.path, {"months": length if length != "12" else ""}
    return page(
        request, "province/drill.html", place=place_of(found, request), path=path, title=called[-1][1],
        slug=committee, here=here,
        back=(f"/provinces/{found.slug}/?{asked.query(show='')}", translate(request, say("Số liệu các cấp ủy"))),
        month=asked.switch(path, **kept), month_title=month_title(asked.month),
        computed=moment(here.computed_at) if here and here.computed_at else None,
        indicators=_beside(now, asked.month, committee),
        groups=asked.groups(path), columns=asked.indicators, rows=_rows(told, called),
        lengths=_lengths(path, asked, length),
        chart=_chart(request, asked, told), years=_years(years), yearly=YEARLY,
        may_found=administers(request, found),
    )  # fmt: skip


def _lengths(path: str, asked: Choice, length: str) -> list[tuple[str, str, bool]]:
    return [
        (f"{path}?{asked.query(months=key if key != '12' else '')}", say("{n} tháng", n=count), key == length)
        for key, count in LENGTHS.items()
    ]


def _beside(now: Mapping[date, Month], month: date, slug: str) -> list[dict[str, Any]]:
    """Every indicator of the month: this committee's, what has changed, and the whole province's."""
    earlier = now[clock.month_after(month, -1)].line(slug)
    here = now[month].line(slug)
    return [
        {"one": one, "figure": _of(here, one.key), "total": now[month].totals[one.key],
         "change": change_words(change(_of(here, one.key), _of(earlier, one.key)), one)}
        for one in INDICATORS
    ]  # fmt: skip


def _of(line: Line | None, key: str) -> Figure:
    return line.figure(key) if line else UNTOLD


def _years(years: Sequence[Year]) -> list[dict[str, Any]]:
    return [
        {"year": each.year, "computed": moment(each.computed_at), "figures": each.figures} for each in years
    ]


def _rows(told: Courses, called: Sequence[tuple[date, str]]) -> list[dict[str, Any]]:
    """A month a row, the newest first; a month in which it was no committee of this province is left out. What it was
    called then is said where that is not what it is called now.
    """
    [line], newest = told.lines.values(), called[-1][1]
    points = dict(zip(told.months, line, strict=True))
    return [
        {"month": f"{month.month}/{month.year}", "point": point, "called": title if title != newest else None,
         "computed": moment(point.computed_at) if point else None}
        for month, title in reversed(called) for point in [points[month]]
    ]  # fmt: skip


def _chart(request: Asked, asked: Choice, told: Courses) -> Markup | None:
    """The group's drawn share over the months; a count has no hundred to be drawn against."""
    one, [slug] = BY_KEY[choosing.DRAWN[asked.group]], told.lines
    if one.base is None:
        return None
    points = [
        (f"{month.month}/{month.year}", figure.rate, _spoken(figure))
        for month, figure in zip(told.months, told.course(slug, one.key), strict=True)
    ]
    return attendance_chart(
        points, None, title=translate(request, one.title), not_reported=translate(request, say("không có số")),
        target_word="",
    )  # fmt: skip


def _spoken(figure: Figure) -> str:
    """7.577/8.173 = 92,7 %, as everywhere."""
    if figure.rate is None:
        return ""
    return f"{figure.part:,}/{figure.base:,}".replace(",", ".") + f" = {percent(figure.rate)}"
