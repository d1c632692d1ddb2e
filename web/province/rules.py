"""A set of rules: typed, looked at (which number replaces which, for whom, from when), and only then published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from server import clock
from server.bulletins import publishing
from server.bulletins.addressing import addressed
from server.bulletins.entering import MOST_RULES, NAMES, Typed, read_rules
from server.bulletins.preview import Change, changes, check_bands, others_of
from server.bulletins.publishing import Told
from server.bulletins.titles import CONFIDENCE_WORDS, IN_FIGURES, TITLES, UNITS
from server.province.actions import Province, province_of
from server.rulebook import book
from server.rulebook.entries import Rule
from server.words import Refused, Say, say
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, date_in, reader_of, uuid_in
from web.bulletins.shown import change_of
from web.province.bulletins import back_to_list, recipients, told_in
from web.province.place import place_of
from web.render import errors, page, translate


@get("/provinces/{province:str}/rules/new", access=province_administrator)
async def new_rules(request: Asked, province: FromPath[str]) -> Response[str]:
    """The form for one rule; another is added by a button."""
    return await _form(request, province, {"to": "all", "rows": "1", "nonce": str(uuid4())}, {})


@post("/provinces/{province:str}/rules", access=province_administrator)
async def enter_rules(request: Asked, province: FromPath[str], data: Form) -> Response[Any]:
    """The form's steps: one row more, back to the form, the preview, and publishing what was looked at."""
    step = data.get("step", "preview")
    values = {name: value for name, value in data.items() if name not in ("csrf", "step")}
    if step in ("more", "edit"):
        more = min(_rows(values) + (step == "more"), MOST_RULES)
        return await _form(request, province, {**values, "rows": str(more)}, {})
    bulletin = uuid_in(values.get("nonce", "")) or uuid4()
    try:
        told, rules = _read(values)
        if step != "publish":
            return await _preview(request, province, {**values, "nonce": str(bulletin)}, told, rules)
        await publishing.publish_rules(province, bulletin, told, rules, by=reader_of(request))
    except Refused as refusal:
        return await _form(request, province, values, errors(request, refusal), status=422)
    return Redirect(f"/provinces/{province}/bulletins/{bulletin}", status_code=303)


def _rows(values: Mapping[str, str]) -> int:
    typed = values.get("rows", "1")
    return min(int(typed), MOST_RULES) if typed.isascii() and typed.isdigit() and 0 < len(typed) < 3 else 1


def _read(values: Mapping[str, str]) -> tuple[Told, list[Rule]]:
    """The bulletin and its rules, all faults of both at once."""
    faults: dict[str, Say | str] = {}
    told, rules = told_in(values), list[Rule]()
    try:
        told = publishing.tidy(told)
    except Refused as refused:
        faults |= refused.reasons
    try:
        rules = read_rules([_typed(values, n) for n in range(1, _rows(values) + 1)], today=clock.today())
    except Refused as refused:
        faults |= refused.reasons
    if faults:
        raise Refused(**faults)
    return told, rules


def _typed(values: Mapping[str, str], n: int) -> Typed:
    def typed(name: str) -> str:
        return values.get(f"{name}-{n}", "")

    return Typed(
        typed("rule"), typed("value"), date_in(typed("from").strip()), date_in(typed("to").strip()),
        bool(typed("to").strip()), typed("source"), typed("confidence"), typed("note"),
    )  # fmt: skip


async def _form(
    request: Asked, province: str, values: Mapping[str, str], faults: Mapping[str, str], status: int = 200
) -> Response[str]:
    found, committees = await recipients(request, province)
    return page(
        request, "province/rules_new.html", status=status, place=place_of(found, request), values=values,
        errors=faults, committees=committees, rows=range(1, _rows(values) + 1), names=_names(request),
        confidences=[(code, translate(request, words)) for code, words in CONFIDENCE_WORDS.items()],
        may_more=_rows(values) < MOST_RULES, back=back_to_list(request, found),
    )  # fmt: skip


def _names(request: Asked) -> list[tuple[str, str]]:
    """Every rule that may be published, with the unit in which its value is typed."""
    found = []
    for text, name in NAMES.items():
        unit, title = book()[name][-1].unit, translate(request, TITLES[name])
        found.append((text, f"{title} ({translate(request, UNITS[unit])})" if unit in UNITS else title))
    return found


async def _preview(
    request: Asked, province: str, values: Mapping[str, str], told: Told, rules: list[Rule]
) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        to = await addressed(found.id, told.slugs)
        others = await others_of([each.id for each in to])
        check_bands(rules, to, others)
    return _previewed(request, found, values, told, changes(rules, to, others), len(to))


def _previewed(
    request: Asked, found: Province, values: Mapping[str, str], told: Told, stands: list[Change], n: int
) -> Response[str]:
    counted = min((c.rule.from_on for c in stands if c.rule.key in IN_FIGURES), default=None)
    back = (f"/provinces/{found.slug}/bulletins", translate(request, say("Văn bản")))
    return page(
        request, "province/rules_preview.html", place=place_of(found, request), values=values, told=told,
        changes=[change_of(c) for c in stands], committees=n, back=back,
        past=any(c.since <= clock.today() for c in stands),
        recounted=f"{counted:%m/%Y}" if counted and clock.month_of(counted) <= clock.today() else None,
    )  # fmt: skip
