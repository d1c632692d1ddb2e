"""A committee is renamed, gets another kind, is put away or brought back: a page with a form for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from server import clock
from server.committees import archiving, naming
from server.committees.units import units, units_of
from server.province.actions import committee_of, province_of
from server.words import Refused, say
from tenants.current import KINDS
from tenants.transactions import platform_transaction
from web.access import province_administrator
from web.asking import Asked, Form, date_in, reader_of
from web.province.place import place_of
from web.render import errors, page, translate
from web.words import day as day_word

_HOME = "/provinces/{province:str}/committees/{committee:str}"
# Before anybody wrote names down.
_ALWAYS = "1930-02-03"


async def _page(
    request: Asked, province: str, slug: str, verb: str, values: dict[str, str], faults: dict[str, str]
) -> Response[str]:
    async with platform_transaction(read_only=True):
        found = await province_of(province, reader_of(request))
        ref = await committee_of(found, slug)
        names = await naming.names_of(ref.id)
        code = await naming.code_of(ref.id)
    today = clock.today().isoformat()
    shown = {
        "name": ref.name,
        "kind": ref.kind,
        "unit_code": code,
        "day": today,
        "reason": "",
        "agreed": "",
    } | values
    return page(
        request, "province/change.html", status=422 if faults else 200, place=place_of(found, request), verb=verb,
        committee={"slug": ref.slug, "title": ref.title, "state": ref.state}, values=shown, errors=faults, today=today,
        kinds=kinds(), units=[(unit.code, f"{unit.code} {unit.name}") for unit in units_of(found.name)],
        unit=units()[code].name if code in units() else "",
        names=[
            (f"{KINDS[row['kind']]} {row['name']}",
             "" if row["from_on"].isoformat() == _ALWAYS else day_word(row["from_on"]),
             day_word(row["to_on"]) if row["to_on"] else "")
            for row in names
        ],
        back=(f"/provinces/{found.slug}/committees/{ref.slug}", ref.title),
    )  # fmt: skip


def kinds() -> list[tuple[str, str]]:
    """The kinds of committees as forms offer them."""
    return [
        (kind, words if kind != "agency_committee" else f"{words} cơ quan") for kind, words in KINDS.items()
    ]


async def _do(
    request: Asked,
    province: str,
    slug: str,
    verb: str,
    data: dict[str, str],
    act: Callable[[], Awaitable[None]],
) -> Response[Any]:
    try:
        await act()
    except Refused as refusal:
        return await _page(request, province, slug, verb, data, errors(request, refusal))
    return Redirect(f"/provinces/{province}/committees/{slug}", status_code=303)


@get(f"{_HOME}/name", access=province_administrator)
async def show_name(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """The form for another name, and what the committee was called before."""
    return await _page(request, province, committee, "name", {}, {})


@post(f"{_HOME}/name", access=province_administrator)
async def rename(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Give a committee another name from a day on."""
    sent = {name: data.get(name, "") for name in ("name", "day")}

    async def act() -> None:
        await naming.rename(
            province, committee, name=sent["name"], day=date_in(sent["day"]), by=reader_of(request)
        )

    return await _do(request, province, committee, "name", sent, act)


@get(f"{_HOME}/kind", access=province_administrator)
async def show_kind(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """The form for another kind, and for the official code."""
    return await _page(request, province, committee, "kind", {}, {})


@post(f"{_HOME}/kind", access=province_administrator)
async def change_kind(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Give a committee another kind from a day on, and its official code."""
    sent = {name: data.get(name, "") for name in ("kind", "unit_code", "day")}

    async def act() -> None:
        await naming.change_kind(
            province, committee, kind=sent["kind"], unit_code=sent["unit_code"] or "-", day=date_in(sent["day"]),
            by=reader_of(request),
        )  # fmt: skip

    return await _do(request, province, committee, "kind", sent, act)


@get(f"{_HOME}/archiving", access=province_administrator)
async def show_archiving(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[str]:
    """What putting a committee away means, and the form."""
    return await _page(request, province, committee, "archiving", {}, {})


@post(f"{_HOME}/archiving", access=province_administrator)
async def archive(
    request: Asked, province: FromPath[str], committee: FromPath[str], data: Form
) -> Response[Any]:
    """Put a committee away."""
    sent = {name: data.get(name, "") for name in ("reason", "agreed")}

    async def act() -> None:
        await archiving.archive(
            province, committee, reason=sent["reason"], agreed=bool(sent["agreed"]), by=reader_of(request)
        )

    return await _do(request, province, committee, "archiving", sent, act)


@post(f"{_HOME}/unarchiving", access=province_administrator)
async def unarchive(request: Asked, province: FromPath[str], committee: FromPath[str]) -> Response[Any]:
    """Bring an archived committee back."""

    async def act() -> None:
        await archiving.unarchive(province, committee, by=reader_of(request))

    return await _do(request, province, committee, "unarchiving", {}, act)


def to_fleet(request: Asked, province: str) -> tuple[str, str]:
    """The way back from a page about several committees."""
    return f"/provinces/{province}/fleet", translate(request, say("Cấp ủy"))
