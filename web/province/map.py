"""A province on a map: its committees by commune, in classes of one indicator; the same beside it as a table."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from server.province import figures as counted
from server.province.actions import READERS, province_of
from server.province.figures import Month
from server.rollups.indicators import BY_KEY, INDICATORS, Indicator
from tenants.transactions import platform_transaction
from web.access import province_reader
from web.asking import Asked, reader_of
from web.assets import asset, manifest
from web.province import choosing
from web.province.choosing import height
from web.province.classes import Scale, scale
from web.province.figures import spoken_times, ways
from web.province.place import place_of
from web.render import page
from web.words import month_title

USUAL = "met"


@get("/provinces/{province:str}/map", access=province_reader)
async def show_map(
    request: Asked, province: FromPath[str], indicator: FromQuery[str] = "", month: FromQuery[str] = ""
) -> Response[str]:
    """One indicator of a month, commune by commune."""
    one, asked = BY_KEY.get(indicator, BY_KEY[USUAL]), choosing.read(month)
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        now = (await counted.months(found.id, [asked.month], [one.key]))[asked.month]
    path, kept = request.url.path, {"indicator": one.key if one.key != USUAL else ""}
    drawn, values = f"maps/{found.slug}.topo.json", [height(line.figure(one.key)) for line in now.lines]
    steps = scale([value for value in values if value is not None], share=one.base is not None)
    rows = _rows(now, one, steps)
    return page(
        request, "province/map.html", place=place_of(found, request), ways=ways(found, asked.month, "map"), path=path,
        month=asked.switch(path, **kept), month_title=month_title(asked.month), now=now, indicator=one, rows=rows,
        indicators=[(each.key, each.title) for each in INDICATORS], computed=spoken_times(now),
        total=now.totals[one.key], classes=list(zip(steps.words(), _held(rows, steps), strict=True)),
        topo=asset(drawn) if drawn in manifest() else None, unplaced=sum(not line.unit_code for line in now.lines),
    )  # fmt: skip


def _rows(now: Month, one: Indicator, steps: Scale) -> list[dict[str, Any]]:
    """A committee a row; ``klass``: the number of its class, "few" and the like for what is not shown."""
    rows = []
    for line in now.lines:
        figure = line.figure(one.key)
        value = height(figure)
        klass: int | str = steps.of(value) if value is not None else "kept" if figure.hidden else "none"
        rows.append({"line": line, "figure": figure, "klass": klass, "mark": _mark(value, one)})
    return rows


def _mark(value: float | None, one: Indicator) -> str:
    """What stands in a commune on the map: hundredths without their sign, or the count."""
    return "" if value is None else f"{round(100 * value if one.base else value):,}".replace(",", ".")


def _held(rows: list[dict[str, Any]], steps: Scale) -> list[int]:
    return [sum(row["klass"] == n for row in rows) for n in range(len(steps.limits) + 1)]
