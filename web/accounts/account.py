"""One's own account: a new password, the devices that are logged in; and setting a forgotten password by a link."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra import push
from infra.postgres import Record
from server.accounts import passwords, sessions
from server.accounts.push import browsers_of
from server.accounts.rules import SHORTEST_PASSWORD
from server.words import Refused
from web.access import anyone, signed_in
from web.accounts.routes import address_of, logged_in, logged_out
from web.asking import Asked, Form, reader_of
from web.render import errors, page
from web.words import device_word, moment


@get("/account/password", access=signed_in)
async def account(request: Asked) -> Response[Any]:
    """The account's page."""
    return await _show(request, {})


async def _show(request: Asked, faults: dict[str, str]) -> Response[Any]:
    reader = reader_of(request)
    found = await sessions.sessions_of(reader.account_id, request.scope["state"]["token"])
    told = await browsers_of(reader.account_id) if push.public_key() is not None else None
    return page(
        request, "accounts/account.html", status=422 if faults else 200, errors=faults, shortest=SHORTEST_PASSWORD,
        must_change=reader.must_change, devices=[_device(row) for row in found], told=told,
    )  # fmt: skip


def _device(row: Record) -> dict[str, Any]:
    return {"word": device_word(row["device"]), "seen": moment(row["seen_at"]), "here": row["here"]}


@post("/account/password", access=signed_in)
async def change_password(request: Asked, data: Form) -> Response[Any]:
    """A new password: all other sessions end, this browser gets a new one."""
    try:
        token = await passwords.change(
            old=data.get("old", ""), new=data.get("password", ""), by=reader_of(request),
            address=address_of(request), device=request.headers.get("user-agent", ""),
        )  # fmt: skip
    except Refused as refusal:
        return await _show(request, errors(request, refusal))
    return logged_in(Redirect("/", status_code=303), token)


@post("/account/sessions/end", access=signed_in)
async def end_sessions(request: Asked) -> Response[Any]:
    """Log out on every device, this one too."""
    await sessions.log_out_everywhere(reader_of(request).account_id)
    return logged_out(Redirect("/login", status_code=303))


@get("/passwords/{token:str}", access=anyone)
async def forgotten(request: Asked, token: FromPath[str]) -> Response[Any]:
    """The form behind a link that sets a forgotten password."""
    return _form(request, await passwords.open_link(token), {})


def _form(request: Asked, found: Record | None, faults: dict[str, str]) -> Response[Any]:
    status = 404 if found is None else 422 if faults else 200
    return page(
        request,
        "accounts/forgotten.html",
        status=status,
        account=found,
        errors=faults,
        shortest=SHORTEST_PASSWORD,
    )


@post("/passwords/{token:str}", access=anyone)
async def set_password(request: Asked, token: FromPath[str], data: Form) -> Response[Any]:
    """Set it, end all sessions, log in."""
    try:
        session = await passwords.use_link(
            token, data.get("password", ""), device=request.headers.get("user-agent", "")
        )
    except Refused as refusal:
        return _form(request, await passwords.open_link(token), errors(request, refusal))
    if session is None:
        return _form(request, None, {})
    return logged_in(Redirect("/", status_code=303), session)
