"""Whom of the province the committee lets look, for how long and why; what they have looked at; ending it at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server.accounts import support
from server.accounts.reader import ROLE_WORDS
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, committee_administrator
from web.accounts.looks import page_words
from web.asking import Asked, Form, reader_of, uuid_in
from web.render import errors, page, translate
from web.words import moment, when

_HOURS = (1, 2, 4, 8, 24, 48, support.LONGEST_HOURS)
_USUAL_HOURS = 4


@get("/{slug:str}/support", access=committee_administrator)
async def show_support(request: Asked) -> Response[str]:
    """Who may look now, the form that lets somebody look, and what has been."""
    return await _show(request, {"hours": str(_USUAL_HOURS)}, {})


async def _show(request: Asked, values: dict[str, str], faults: dict[str, str]) -> Response[str]:
    people = await support.helpers(current())
    given = await support.given(current())
    async with transaction(read_only=True):
        reasons = await support.reasons([row["grant"] for row in given])
        looked = await support.looked(list({row["account"] for row in given}))
    return page(
        request, "accounts/support.html", status=422 if faults else 200, values=values, errors=faults,
        people=[(str(one["account"]), _person(request, one)) for one in people],
        hours=[(str(n), translate(request, say("{n} giờ", n=n))) for n in _HOURS],
        live=[_given(row, reasons) for row in given if row["live"]],
        ended=[_given(row, reasons) for row in given if not row["live"]],
        looked=[{"when": moment(row["at"]), "who": row["by_name"], **_page(row["subject"])} for row in looked],
        back=(f"/{current().slug}/", translate(request, say("Hôm nay"))),
    )  # fmt: skip


def _person(request: Asked, row: Record) -> str:
    return f"{row['name']} · {translate(request, ROLE_WORDS[row['role']])}"


def _given(row: Record, reasons: dict[str, str]) -> dict[str, Any]:
    ended = min(row["revoked_at"] or row["expires_at"], row["expires_at"])
    return {
        "id": row["grant"], "name": row["name"], "reason": reasons.get(str(row["grant"]), ""), "by": row["granted_by"],
        "since": moment(row["granted_at"]), "until": when(row["expires_at"]), "ended": moment(ended),
        "early": row["revoked_at"] is not None and row["revoked_at"] < row["expires_at"],
    }  # fmt: skip


def _page(path: str) -> dict[str, Any]:
    words: Say | None = page_words(path)
    return {"href": path, "page": words or path}


@post("/{slug:str}/support", access=committee_administrator)
async def give_support(request: Asked, data: Form) -> Response[Any]:
    """Let somebody of the province look for some hours."""
    values = {name: data.get(name, "") for name in ("account", "hours", "reason")}
    hours = int(values["hours"]) if values["hours"].isascii() and values["hours"].isdigit() else 0
    try:
        await support.give(
            current(),
            account=uuid_in(values["account"]),
            hours=hours,
            reason=values["reason"],
            by=reader_of(request),
        )
    except Refused as refusal:
        return await _show(request, values, errors(request, refusal))
    return Redirect(f"/{current().slug}/support", status_code=303)


@post("/{slug:str}/support/{grant:uuid}/end", access=committee_administrator)
async def end_support(request: Asked, grant: FromPath[UUID]) -> Response[Any]:
    """End it at once; what has ended by itself meanwhile is as well."""
    if not await support.end(current(), grant, by=reader_of(request)) and not await support.was_given(
        current(), grant
    ):
        raise NoSuchPage
    return Redirect(f"/{current().slug}/support", status_code=303)
