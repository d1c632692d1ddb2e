"""Whether a province's figures are what its committees' own papers say: the newest nightly proof of each committee."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from infra.postgres import Record
from server import clock
from server.province.actions import READERS, province_of
from server.rollups.checks import checks
from server.rollups.figure_words import FIGURE_WORDS
from server.words import Say, say
from tenants.current import KINDS
from tenants.transactions import platform_transaction
from web.access import province_reader
from web.asking import Asked, reader_of
from web.province.figures import ways
from web.province.place import place_of
from web.render import page
from web.words import moment, month_title


@get("/provinces/{province:str}/checks", access=province_reader)
async def show_checks(request: Asked, province: FromPath[str]) -> Response[str]:
    """Every committee: when it was proved, over how many months, and in which of them something differs."""
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        rows = [_row(row) for row in await checks(found.id)]
    return page(
        request, "province/checks.html", place=place_of(found, request), rows=rows,
        checked=sum(row["checked_at"] is not None for row in rows), wrong=sum(bool(row["wrong"]) for row in rows),
        months=sum(row["months"] or 0 for row in rows),
        ways=ways(found, clock.month_of(clock.today()), "checks"),
    )  # fmt: skip


def _row(row: Record) -> dict[str, Any]:
    differences = json.loads(row["differences"] or "[]")
    wrong: dict[Say, list[Say | str]] = {}
    for month, figure, _, _ in differences:
        wrong.setdefault(month_title(date.fromisoformat(month)), []).append(_words(figure))
    return {
        "slug": row["slug"], "title": f"{KINDS[row['kind']]} {row['name']}", "months": row["months"],
        "checked_at": moment(row["checked_at"]) if row["checked_at"] else None, "wrong": [*wrong.items()],
    }  # fmt: skip


def _words(figure: str) -> Say | str:
    """What a difference is about. Its numbers are not told here: a small one would say who it is."""
    if figure.startswith("closed_"):
        return say("số đã chốt thay đổi mà không có đính chính")
    if figure.startswith("year_"):
        return say("xếp loại cuối năm")
    if figure.endswith("_kept_wrong"):
        return say("kết quả lưu khác với điều đã ghi")
    return FIGURE_WORDS.get(figure, figure)
