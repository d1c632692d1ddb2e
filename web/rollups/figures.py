"""What the province sees of this committee: a month's figures, whether it is closed, and what was corrected in it."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get
from litestar.params import FromQuery

from infra.postgres import Record
from server import clock
from server.rollups import shown
from server.rollups.closing import closes_on
from server.rollups.corrections import changes_of
from server.rollups.figure_words import FIGURE_WORDS
from server.rollups.indicators import INDICATORS, SMALLEST_SHOWN
from server.rollups.marking import cause_words
from server.words import say
from tenants.current import current
from tenants.transactions import platform_transaction
from web.access import office
from web.asking import Asked
from web.render import page, translate
from web.words import day, moment, month_switch, month_title, read_month

# So many months are listed under the figures of one.
_LISTED = 12


@get("/{slug:str}/figures", access=office, support=True)
async def show_figures(request: Asked, month: FromQuery[str] = "") -> Response[str]:
    """The figures of a month as the province has them, the list of months, and the corrections of a closed one."""
    this_month, ref = clock.month_of(clock.today()), current()
    chosen = min(read_month(month, default=this_month), this_month)
    async with platform_transaction(read_only=True, snapshot=True):
        row = await shown.figures(ref, chosen)
        closed = await shown.closed_at(ref.id, chosen)
        corrected = await shown.corrections(ref.id, chosen)
        listed = await shown.months(ref.id, clock.month_after(this_month, 1 - _LISTED), this_month)
    path = request.url.path
    return page(
        request, "rollups/figures.html", month=month_switch(path, chosen, last=this_month), few=SMALLEST_SHOWN,
        month_title=month_title(chosen), computed_at=moment(row["computed_at"]) if row else None,
        waiting=bool(row and row["waiting"]), closed_at=moment(closed) if closed else None,
        closes=day(closes_on(chosen)), figures=_figures(row),
        back=(f"/{ref.slug}/", translate(request, say("Hôm nay"))),
        corrections=[_correction(request, one) for one in corrected],
        months=[_month(path, one, about, chosen) for one, about in listed.items()],
    )  # fmt: skip


def _figures(row: Record | None) -> list[dict[str, Any]]:
    found = []
    for one in INDICATORS:
        part, base = one.of(row) if row else (None, None)
        found.append(
            {"title": one.title, "how": one.how, "part": part, "base": base, "rate": one.unit == "rate"}
        )
    return found


def _correction(request: Asked, row: Record) -> dict[str, Any]:
    return {
        "number": row["number"], "at": moment(row["at"]),
        "cause": ", ".join(translate(request, words) for words in cause_words(row["cause"])),
        "changes": [(FIGURE_WORDS.get(name, name), before, after) for name, before, after in changes_of(row)],
    }  # fmt: skip


def _month(path: str, month: date, about: Any, chosen: date) -> dict[str, Any]:
    return {
        "href": f"{path}?month={month:%Y-%m}", "title": month_title(month), "chosen": month == chosen,
        "computed": about["computed"], "closed": about["closed"], "corrections": about["corrections"],
    }  # fmt: skip
