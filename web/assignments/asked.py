"""What a list of assigned work is asked for: its filter as the address carries it, for the page and for its exports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from server.assignments import rules
from server.assignments.listing import SORTS, Filter
from server.words import Say, say
from web.access import NoSuchPage
from web.asking import Asked, date_in, uuid_in

NAMES = ("q", "state", "due", "who", "area", "since", "until", "cell", "sort")
LONGEST_Q = 100
# What is not ended is what one comes for; everything is there to be asked for.
USUAL_STATE = "live"
STATES: list[tuple[str, Say]] = [
    ("live", say("Chưa xong (đang làm, đã báo xong)")), ("all", say("Tất cả, kể cả đã kết thúc")),
    ("waiting", say("Chờ bí thư cho ý kiến")),
    ("asked", rules.MOVES["asked_time"].word),
    ("disagreed", say("Ghi khác nhau")), *rules.STATES.items(),
]  # fmt: skip
DUES: list[tuple[str, Say]] = [
    ("overdue", say("Quá hạn")), ("soon", say("Trong 7 ngày tới")), ("none", say("Thường xuyên, không đặt hạn")),
]  # fmt: skip
SORTED: list[tuple[str, Say]] = [
    ("due", say("Hạn gần nhất trước")), ("person", say("Theo tên đồng chí")), ("new", say("Mới giao trước")),
]  # fmt: skip


def values_in(request: Asked) -> dict[str, str]:
    """What an address asks for, by name; empty where it does not say. (``state`` can't be a handler's own argument.)"""
    return {name: request.query_params.get(name, "")[:LONGEST_Q] for name in NAMES}


def filter_in(values: Mapping[str, str]) -> tuple[Filter, dict[str, Say]]:
    """The filter of an address, and what is wrong with it, field by field. What is unknown is not asked for; a cell
    that is none raises NoSuchPage.
    """
    faults, days = dict[str, Say](), dict[str, date | None]()
    for name in ("since", "until"):
        days[name] = date_in(values.get(name, ""))
        if values.get(name) and days[name] is None:
            faults[name] = say("Ngày không đúng, xin ghi như 03/11/2026.")
    since, until = days["since"], days["until"]
    if since and until and since > until:
        faults["until"] = say("“Đến ngày” không được trước “Hạn từ ngày”.")
    cell = uuid_in(values["cell"]) if values.get("cell") else None
    if values.get("cell") and cell is None:
        raise NoSuchPage
    sort = values.get("sort", "")
    return Filter(
        cell=cell, state=values.get("state", "") or USUAL_STATE, who=number(values.get("who", "")),
        area=values.get("area", ""), q=values.get("q", ""), due=values.get("due", ""), since=since, until=until,
        sort=sort if sort in SORTS else "due",
    ), faults  # fmt: skip


def number(text: str) -> int | None:
    """A short number that an address or a form carries; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def address(values: Mapping[str, str], **more: object) -> str:
    """The query of an address with this filter and ``more``."""
    given = {name: values[name] for name in NAMES if values.get(name)}
    return urlencode(given | more)
