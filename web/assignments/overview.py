"""The office's overview of assigned work: who has some, what came of it in a month, what is overdue, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery

from server import clock
from server.assignments import figures, rules
from server.assignments.figures import MONTH_DAYS, Overdue
from server.assignments.nudging import last_nudges
from server.words import say
from tenants.current import current
from tenants.transactions import transaction
from web.access import office
from web.asking import Asked, reader_of
from web.assignments.reminding import nudged_words
from web.render import page, translate
from web.words import day, month_switch, month_title, read_month

_OUTCOMES = {
    **rules.RESULTS, "not_done": say("Không hoàn thành"), "moved": say("Chưa xong, đã dời hạn"),
    "undecided": say("Chưa có kết quả"),
}  # fmt: skip
_SORTS = {
    "": say("Tên chi bộ"),
    "coverage": say("Ít người có việc trước"),
    "overdue": say("Nhiều việc quá hạn trước"),
}
Row = Mapping[str, Any]


@get("/{slug:str}/assignments/figures", access=office, support=True)
async def show_overview(
    request: Asked, month: FromQuery[str] = "", sort: FromQuery[str] = ""
) -> Response[str]:
    """The figures of a month and what is overdue today; ``sort`` is coverage, overdue, or by name."""
    today = clock.today()
    chosen = read_month(month, default=clock.month_of(today))
    by = sort if sort in _SORTS else ""
    async with transaction(read_only=True):
        counted = await figures.month(None, chosen)
        late = await figures.overdue(None, today)
        nudged = await last_nudges([cell for cell, row in late.cells.items() if row["overdue"]])
    rows = [
        {**_figures(row), "id": row["cell"], "name": row["name"], "late": late.cells.get(row["cell"]),
         "nudged": nudged_words(nudged.get(row["cell"]))}
        for row in counted.cells
    ]  # fmt: skip
    base = f"/{current().slug}/assignments"
    return page(
        request, "assignments/overview.html", month=_switch(request, chosen, by), month_title=month_title(chosen),
        total=_figures(counted.total), outcomes=[(words, counted.total[name]) for name, words in _OUTCOMES.items()],
        cells=sorted(rows, key=_ORDERS[by]) if by else rows, sorts=_sorts(request.url.path, chosen, by),
        list_href=overdue_href(), back=(base, translate(request, say("Danh sách việc"))), today=day(today),
        late=late.total, areas=_areas(late),
        older_href=older_href(), may_remind=reader_of(request).whole_committee,
    )  # fmt: skip


def overdue_href(**more: object) -> str:
    """The list of what is overdue, as the figures count it, and fits ``more``."""
    return f"/{current().slug}/assignments?{urlencode({'state': 'open', 'due': 'overdue'} | more)}"


def older_href() -> str:
    """The list of what is overdue for more than a month."""
    return overdue_href(until=clock.today() - timedelta(days=MONTH_DAYS + 1))


def _figures(row: Row) -> dict[str, Any]:
    names = ("due", "cancelled", "live", "assigned", "assignable")
    return {**{name: row[name] for name in names}, "done": figures.done(row)}


def _areas(late: Overdue) -> list[dict[str, Any]]:
    return [
        {**late.areas[area], "words": words, "href": overdue_href(area=area)}
        for area, words in rules.AREAS.items()
        if area in late.areas
    ]


def _coverage(row: Row) -> tuple[bool, float]:
    """Who has the least first; a cell in which nobody could be given work last."""
    base = row["assignable"]
    return not base, row["assigned"] / base if base else 0.0


def _overdue(row: Row) -> tuple[int, int]:
    return (-row["late"]["overdue"], -row["late"]["older"]) if row["late"] else (0, 0)


_ORDERS: dict[str, Callable[[Row], Any]] = {"coverage": _coverage, "overdue": _overdue}


def _switch(request: Asked, chosen: date, by: str) -> dict[str, str | None]:
    """The month switcher, whose links keep the order."""
    links = month_switch(request.url.path, chosen, last=clock.month_of(clock.today()))
    kept = {name: f"{links[name]}&sort={by}" for name in ("previous_href", "next_href") if by and links[name]}
    return links | kept


def _sorts(path: str, chosen: date, by: str) -> list[tuple[str, str, bool]]:
    return [
        (f"{path}?month={chosen:%Y-%m}" + (f"&sort={name}" if name else ""), words, name == by)
        for name, words in _SORTS.items()
    ]
