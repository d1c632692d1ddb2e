"""Which member of a cell's register an account is, or whoever takes an invitation will be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server import clock, names
from server.accounts import linking
from server.accounts.linking import Held
from server.accounts.reader import ROLE_WORDS
from server.events import record_event
from server.meetings.queries import people_of
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, committee_administrator
from web.asking import Asked, Form, reader_of
from web.render import errors, page, translate


@get("/{slug:str}/grants/{grant:uuid}/member", access=committee_administrator)
async def show_of_grant(request: Asked, grant: FromPath[UUID]) -> Response[str]:
    """Which member an account is."""
    return await _show(request, await linking.of_grant(current().id, grant), f"grants/{grant}")


@get("/{slug:str}/invitations/{invitation:uuid}/member", access=committee_administrator)
async def show_of_invitation(request: Asked, invitation: FromPath[UUID]) -> Response[str]:
    """Which member whoever takes an invitation will be."""
    held = await linking.of_invitation(current().id, invitation)
    return await _show(request, held, f"invitations/{invitation}")


@post("/{slug:str}/grants/{grant:uuid}/member", access=committee_administrator)
async def set_of_grant(request: Asked, grant: FromPath[UUID], data: Form) -> Response[Any]:
    """Say which member an account is."""
    held = await linking.of_grant(current().id, grant)
    try:
        member = await _chosen(held, data.get("member", ""))
        done = await linking.set_of_grant(current().id, grant, member)
    except Refused as refusal:
        return await _show(request, held, f"grants/{grant}", refusal, data.get("member", ""))
    return await _done(request, done, str(grant))


@post("/{slug:str}/invitations/{invitation:uuid}/member", access=committee_administrator)
async def set_of_invitation(request: Asked, invitation: FromPath[UUID], data: Form) -> Response[Any]:
    """Say which member whoever takes an invitation will be."""
    held = await linking.of_invitation(current().id, invitation)
    try:
        member = await _chosen(held, data.get("member", ""))
        done = await linking.set_of_invitation(current().id, invitation, member)
    except Refused as refusal:
        return await _show(request, held, f"invitations/{invitation}", refusal, data.get("member", ""))
    return await _done(request, done, str(invitation))


async def _chosen(held: Held | None, number: str) -> UUID | None:
    if not number:
        return None
    found = next((row["id"] for row in await _people(held) if str(row["id"]) == number), None)
    if found is None:
        raise Refused(member=say("Xin chọn một đồng chí trong danh sách của chi bộ."))
    member: UUID = found
    return member


async def _people(held: Held | None) -> list[Record]:
    if held is None:
        raise NoSuchPage
    async with transaction(read_only=True):
        return await people_of(held.cell, clock.today())


async def _show(
    request: Asked, held: Held | None, path: str, refused: Refused | None = None, typed: str | None = None
) -> Response[str]:
    people = await _people(held)
    assert held is not None
    word = translate(request, ROLE_WORDS[held.role])
    alike = [str(p["id"]) for p in people if names.fold(p["name"]) == names.fold(held.name)]
    guessed = held.member is None and len(alike) == 1
    return page(
        request, "accounts/linking.html", status=422 if refused else 200, held=held,
        guessed=guessed and refused is None,
        role_word=f"{word} {held.group_number}" if held.group_number else word,
        action=f"/{current().slug}/{path}/member", errors=errors(request, refused) if refused else {},
        people=[(str(p["id"]), p["name"]) for p in people],
        value=typed if typed is not None else alike[0] if guessed else str(held.member or ""),
        back=(f"/{current().slug}/people", translate(request, say("Người dùng"))),
    )  # fmt: skip


async def _done(request: Asked, done: bool, subject: str) -> Response[Any]:
    if not done:
        raise NoSuchPage
    async with transaction():
        await record_event(reader_of(request), "role_member_set", subject)
    return Redirect(f"/{current().slug}/people", status_code=303)
