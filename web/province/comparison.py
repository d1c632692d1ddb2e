"""Committees beside each other and beside the whole province: one indicator over months, as a table and a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from server.province import figures as counted
from server.province.actions import READERS, province_of
from server.province.figures import UNTOLD, Courses
from server.province.hiding import Figure
from server.rollups.indicators import BY_KEY, INDICATORS
from server.words import Say, say
from tenants.transactions import platform_transaction
from web.access import province_reader
from web.asking import Asked, reader_of
from web.province import choosing
from web.province.choosing import height
from web.province.figures import spoken_times, ways
from web.province.place import place_of
from web.render import page

# As many committees as lines can be told apart, and the lengths that can be compared.
MOST, LENGTHS = 4, {"12": 12, "24": 24}
USUAL = "attendance"


class Series(NamedTuple):
    """One line of the drawing, one column of the table. ``slug`` "": the whole province."""

    slug: str
    title: Say | str
    figures: Sequence[tuple[bool, Figure]]


@get("/provinces/{province:str}/comparison", access=province_reader)
async def compare(
    request: Asked, province: FromPath[str], indicator: FromQuery[str] = "", months: FromQuery[str] = ""
) -> Response[str]:
    """Up to four committees (``c`` in the query, several times) and the whole province."""
    one, length = BY_KEY.get(indicator, BY_KEY[USUAL]), months if months in LENGTHS else "12"
    wanted = list(dict.fromkeys(slug for slug in request.query_params.getall("c", []) if slug))[:MOST]
    span = choosing.before(choosing.this_month(), LENGTHS[length])
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        now = (await counted.months(found.id, span[-1:], [one.key]))[span[-1]]
        told = await counted.courses(found.id, span, [one.key], only=wanted)
    known = {line.slug: line.title for line in now.lines}
    chosen = [slug for slug in wanted if slug in known]
    series = [_series(slug, known[slug], told, one.key) for slug in chosen] + [_whole(told, one.key)]
    return page(
        request, "province/comparison.html", place=place_of(found, request), path=request.url.path, indicator=one,
        ways=ways(found, span[-1], "comparison"), indicators=[(each.key, each.title) for each in INDICATORS],
        committees=[(line.slug, line.title) for line in now.lines], chosen=chosen + [""] * (MOST - len(chosen)),
        series=series, rows=_rows(series, span), length=length, lengths=_lengths(), computed=spoken_times(now),
    )  # fmt: skip


def _lengths() -> list[tuple[str, Say]]:
    return [(key, say("{n} tháng", n=count)) for key, count in LENGTHS.items()]


def _series(slug: str, title: str, told: Courses, key: str) -> Series:
    return Series(
        slug, title, [(each is not None, each.figures[key] if each else UNTOLD) for each in told.lines[slug]]
    )


def _whole(told: Courses, key: str) -> Series:
    """The whole province; a month in which nothing was computed of anybody is not reported."""
    figures = [totals[key] for totals in told.totals]
    return Series("", say("Toàn tỉnh"), [(figure != UNTOLD, figure) for figure in figures])


def _rows(series: Sequence[Series], span: Sequence[date]) -> list[dict[str, Any]]:
    """A month a row, the earliest first."""
    return [
        {"month": f"{month.month}/{month.year}",
         "cells": [{"title": one.title, "reported": one.figures[n][0], "figure": one.figures[n][1],
                    "height": _written(height(one.figures[n][1]))} for one in series]}
        for n, month in enumerate(span)
    ]  # fmt: skip


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
