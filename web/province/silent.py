"""Who has not reported a month, and one tap that reminds a committee's office."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from server import clock
from server.province import chasing
from server.province.actions import READERS, province_of
from server.province.chasing import Silent
from server.words import Say, say
from tenants.transactions import platform_transaction
from web.access import province_administrator, province_reader
from web.asking import Asked, Form, reader_of
from web.province.figures import ways
from web.province.place import administers, place_of
from web.render import page
from web.words import moment, month_switch, read_month


@get("/provinces/{province:str}/silent", access=province_reader)
async def show_silent(request: Asked, province: FromPath[str], month: FromQuery[str] = "") -> Response[str]:
    """The committees that still owe something of a month, and when they were last reminded."""
    this_month = clock.month_of(clock.today())
    chosen = min(read_month(month, default=this_month), this_month)
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request), roles=READERS)
        told, owing = await chasing.silent(found.id, chosen)
    base = f"/provinces/{found.slug}"
    return page(
        request, "province/silent.html", place=place_of(found, request), rows=[_row(one, base) for one in owing],
        committees=len(told.lines), open=chosen == this_month, chosen=f"{chosen:%Y-%m}",
        month=month_switch(request.url.path, chosen, last=this_month), may_remind=administers(request, found),
        left=sum(one.may_remind for one in owing), ways=ways(found, chosen, "silent"),
    )  # fmt: skip


def _row(one: Silent, base: str) -> dict[str, Any]:
    return {
        "slug": one.line.slug, "title": one.line.title, "state": one.line.state, "cells": one.cells, "base": one.base,
        "may_remind": one.may_remind, "last": _last(one), "seen": bool(one.last and one.last["seen_at"]),
        "href": f"{base}/figures/{one.line.slug}",
    }  # fmt: skip


def _last(one: Silent) -> Say | None:
    last = one.last
    if last is None:
        return None
    if not last["silent"]:
        return say(
            "đã nhắc lúc {when} bởi {by}, khi chưa có số liệu nào",
            when=moment(last["at"]),
            by=last["by_name"],
        )
    return say(
        "đã nhắc lúc {when} bởi {by}, khi còn {n} chi bộ",
        when=moment(last["at"]),
        by=last["by_name"],
        n=last["silent"],
    )


@post("/provinces/{province:str}/silent/reminding", access=province_administrator)
async def remind_all(request: Asked, province: FromPath[str], data: Form) -> Response[Any]:
    """Remind all that owe a report and were not reminded today."""
    return await _remind(request, province, data, None)


@post("/provinces/{province:str}/silent/{committee:str}/reminding", access=province_administrator)
async def remind_one(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Remind one committee's office; a second tap on the same day does nothing more."""
    return await _remind(request, province, data, committee)


async def _remind(
    request: Asked, province: str, data: dict[str, str], committee: str | None
) -> Response[Any]:
    month: date = read_month(data.get("month"), default=clock.month_of(clock.today()))
    await chasing.remind(province, month, committee, by=reader_of(request))
    anchor = f"#c-{committee}" if committee else ""
    return Redirect(f"/provinces/{province}/silent?month={month:%Y-%m}{anchor}", status_code=303)
