"""The second factor: giving its code at the log-in, setting it up with a picture to scan, recovery codes."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from infra.settings import settings
from server.accounts import factor
from server.words import Refused
from web.access import anyone, signed_in
from web.accounts.routes import address_of, logged_in, logged_out, safe
from web.asking import Asked, Form, reader_of
from web.province.committees import qr
from web.render import errors, page


def _device(request: Asked) -> str:
    return request.headers.get("user-agent", "")


@get("/login/code", access=anyone)
async def code_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002  the URL's word
    """The form for the code, while a log-in waits for it."""
    if not request.scope["state"]["awaits_factor"]:
        return Redirect("/login", status_code=303)
    return page(request, "accounts/code.html", next=next, errors={})


@post("/login/code", access=anyone)
async def give_code(request: Asked, data: Form) -> Response[Any]:
    """The second step of a log-in: a new token for a session that may do something."""
    state = request.scope["state"]
    if not state["awaits_factor"]:
        return Redirect("/login", status_code=303)
    try:
        token = await factor.pass_on(
            state["token"], data.get("code", "")[:40], address=address_of(request), device=_device(request)
        )
    except Refused as refusal:
        return page(
            request,
            "accounts/code.html",
            status=422,
            next=data.get("next", ""),
            errors=errors(request, refusal),
        )
    if token is None:
        return logged_out(Redirect("/login", status_code=303))
    return logged_in(Redirect(safe(data.get("next", "")), status_code=303), token)


@get("/account/second-factor", access=signed_in)
async def show(request: Asked) -> Response[Any]:
    """How one's own second factor stands, or how to set one up."""
    return await _show(request, {})


async def _show(request: Asked, faults: dict[str, str]) -> Response[Any]:
    by = reader_of(request)
    offer = await factor.begin(by)
    stands = await factor.standing(by.account_id)
    return page(
        request, "accounts/factor.html", status=422 if faults else 200, errors=faults, stands=stands,
        must=by.must_enrol, needed=settings().second_factor == "required",
        secret=" ".join(offer.secret[at : at + 4] for at in range(0, len(offer.secret), 4)) if offer else None,
        qr=qr(offer.address) if offer else None, address=offer.address if offer else None,
        asks_password=offer is not None and not await factor.is_fresh(request.scope["state"]["token"]),
    )  # fmt: skip


@post("/account/second-factor", access=signed_in)
async def confirm(request: Asked, data: Form) -> Response[Any]:
    """Confirm a new second factor by its first code; the recovery codes are shown this once."""
    state = request.scope["state"]
    try:
        token, codes = await factor.confirm(
            data.get("code", "")[:40], password=data.get("password", ""), token=state["token"], by=reader_of(request),
            address=address_of(request), device=_device(request),
        )  # fmt: skip
    except Refused as refusal:
        return await _show(request, errors(request, refusal))
    # The forms of this very answer belong to the new session.
    state["token"] = token
    return logged_in(_codes(request, codes), token)


@post("/account/second-factor/recovery-codes", access=signed_in)
async def renew_codes(request: Asked, data: Form) -> Response[Any]:
    """New recovery codes, shown this once; the earlier ones are worth nothing any more."""
    try:
        codes = await factor.renew_codes(
            data.get("renewing", "")[:40], by=reader_of(request), address=address_of(request)
        )
    except Refused as refusal:
        return await _show(request, {"renewing": errors(request, refusal)["code"]})
    return _codes(request, codes)


def _codes(request: Asked, codes: list[str]) -> Response[Any]:
    return page(request, "accounts/recovery_codes.html", codes=codes)


@post("/account/second-factor/removal", access=signed_in)
async def remove(request: Asked, data: Form) -> Response[Any]:
    """Take one's second factor away with a code of it, to set up another phone."""
    try:
        await factor.remove(data.get("removing", "")[:40], by=reader_of(request), address=address_of(request))
    except Refused as refusal:
        return await _show(request, {"removing": errors(request, refusal)["code"]})
    return Redirect("/account/second-factor", status_code=303)
