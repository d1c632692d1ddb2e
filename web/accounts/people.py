"""The accounts of a committee: who has which role, inviting, taking a role away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record, sql
from infra.settings import settings
from server import clock
from server.accounts import actions, passwords, queries
from server.accounts.reader import CELL_ROLES, COMMITTEE_ROLES, ROLE_WORDS, Reader
from server.cells.queries import cells_of
from server.events import record_event
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import platform_transaction, transaction
from web.access import NoSuchPage, committee_administrator
from web.asking import Asked, Form, reader_of
from web.province.committees import qr
from web.render import errors, page, translate
from web.words import day, moment


@get("/{slug:str}/people", access=committee_administrator)
async def people(request: Asked) -> Response[str]:
    """Accounts and open invitations."""
    return await _show(request, {}, {})


async def _show(
    request: Asked,
    values: dict[str, str],
    faults: dict[str, str],
    made: dict[str, Any] | None = None,
    renewed: dict[str, Any] | None = None,
) -> Response[str]:
    reader = reader_of(request)
    accounts = await queries.people_of(current().id)
    invitations = await queries.invitations_of(current().id)
    async with transaction(read_only=True):
        cells = await cells_of(None, on=clock.today())
        groups = await _groups()
        names = await _names({row["member"] for row in (*accounts, *invitations) if row["member"]})
    return page(
        request, "accounts/people.html", status=422 if faults else 200, values=values, errors=faults,
        made=made, renewed=renewed, nonce="",
        accounts=[_account(request, row, reader, names) for row in accounts],
        invitations=[_invitation(request, row, names) for row in invitations],
        roles=[(role, translate(request, ROLE_WORDS[role])) for role in (*COMMITTEE_ROLES, *CELL_ROLES)],
        cells=[(str(row["id"]), row["name"]) for row in cells],
        groups=[(f"{row['cell']}.{row['number']}", f"{row['cell_name']} — {row['name']}") for row in groups],
    )  # fmt: skip


async def _groups() -> list[Record]:
    return await sql(
        """SELECT g.cell, g.number, g.name, c.name AS cell_name FROM party_group g JOIN cell c ON c.id = g.cell
        ORDER BY c.sort_key, g.number"""
    )


async def _names(members: Collection[UUID]) -> dict[UUID, str]:
    rows = await sql("SELECT id, name FROM member WHERE id = ANY($1)", list(members))
    return {row["id"]: row["name"] for row in rows}


def _account(request: Asked, row: Record, reader: Reader, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "id": row["grant"], "name": row["name"], "login": row["login"], "role_word": _word(request, row),
        "cell_name": row["cell_name"] or None, "state": "active",
        "last_seen": moment(row["seen_at"]) if row["seen_at"] else None, "is_self": row["account"] == reader.account_id,
        "in_cell": row["cell"] is not None, "member": names.get(row["member"]),
    }  # fmt: skip


def _invitation(request: Asked, row: Record, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "id": row["id"], "role_word": _word(request, row), "cell_name": row["cell_name"] or None,
        "expires": day(row["expires_at"].astimezone(clock.VIETNAM)),
        "in_cell": row["cell"] is not None, "member": names.get(row["member"]),
    }  # fmt: skip


def _word(request: Asked, row: Record) -> str:
    word = translate(request, ROLE_WORDS[row["role"]])
    return f"{word} {row['group_number']}" if row["group_number"] else word


@post("/{slug:str}/invitations", access=committee_administrator)
async def invite(request: Asked, data: Form) -> Response[str]:
    """Make an invitation; its link is shown once."""
    values = {name: data.get(name, "") for name in ("role", "cell", "group")}
    try:
        place = await _place(values)
        async with platform_transaction():
            token = await actions.invite(
                current().id, role=values["role"], place=place, by=reader_of(request)
            )
    except Refused as refusal:
        return await _show(request, values, errors(request, refusal))
    await _record(request, "invited", str(place.cell or current().id), values["role"])
    link = f"{settings().public_url}/invitations/{token}"
    expires = clock.today() + timedelta(days=settings().invitation_days)
    made = {
        "link": link, "qr": qr(link), "expires": day(expires), "cell_name": place.cell_name or None,
        "role_word": translate(request, ROLE_WORDS[values["role"]]),
    }  # fmt: skip
    return await _show(request, {}, {}, made)


async def _place(values: dict[str, str]) -> actions.Place:
    """The cell or group that was chosen, if it is one of this committee and fits the role."""
    if values["role"] not in CELL_ROLES:
        return actions.Place()
    wanted, _, number = (values["group"] if values["role"] == "group_leader" else values["cell"]).partition(
        "."
    )
    async with transaction(read_only=True):
        cells = {str(row["id"]): row for row in await cells_of(None, on=clock.today())}
        groups = {f"{row['cell']}.{row['number']}" for row in await _groups()}
    if wanted not in cells:
        return actions.Place()
    if number and values["group"] not in groups:
        raise Refused(group=say("Xin chọn tổ đảng trong danh sách."))
    return actions.Place(
        cells[wanted]["id"], cells[wanted]["name"], int(number) if number.isdigit() else None
    )


@post("/{slug:str}/invitations/{invitation:uuid}/withdrawal", access=committee_administrator)
async def withdraw(request: Asked, invitation: FromPath[UUID]) -> Response[Any]:
    """Make an unused invitation worthless."""
    if await actions.withdraw(current().id, invitation):
        await _record(request, "invitation_withdrawn", str(invitation))
    return Redirect(f"/{current().slug}/people", status_code=303)


@post("/{slug:str}/grants/{grant:uuid}/end", access=committee_administrator)
async def end_grant(request: Asked, grant: FromPath[UUID]) -> Response[Any]:
    """Take a role away, at once for open sessions too."""
    try:
        ended = await actions.take_away(current().id, grant, by=reader_of(request))
    except Refused as refusal:
        return await _show(request, {}, errors(request, refusal))
    if not ended:
        raise NoSuchPage
    await _record(request, "role_taken_away", str(grant))
    return Redirect(f"/{current().slug}/people", status_code=303)


@post("/{slug:str}/grants/{grant:uuid}/password-link", access=committee_administrator)
async def password_link(request: Asked, grant: FromPath[UUID]) -> Response[str]:
    """A link that sets a forgotten password; it is shown once."""
    try:
        issued = await passwords.issue_link(current().id, grant, by=reader_of(request))
    except Refused as refusal:
        return await _show(request, {}, errors(request, refusal))
    if issued is None:
        raise NoSuchPage
    await _record(request, "password_link_issued", str(issued.account))
    link = f"{settings().public_url}/passwords/{issued.token}"
    return await _show(request, {}, {}, renewed={"link": link, "qr": qr(link), "name": issued.name})


async def _record(request: Asked, action: str, subject: str, detail: str = "") -> None:
    # Accounts are the platform's and the record is the committee's: two transactions, the act first.
    async with transaction():
        await record_event(reader_of(request), action, subject, detail)
