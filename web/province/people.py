"""Who works for the province: administrators, viewers, auditors; inviting, ending a role, helping with a lost
phone or a forgotten password.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from infra.settings import settings
from server import clock
from server.accounts.reader import PROVINCE_ROLES, ROLE_WORDS
from server.province import people as verbs
from server.province.actions import ADMINISTRATORS, AUDITORS, province_of
from server.words import Refused, say
from tenants.transactions import platform_transaction
from web.access import province_administrator, province_auditor
from web.asking import Asked, Form, reader_of
from web.province.committees import qr
from web.province.place import place_of
from web.render import errors, page, translate
from web.words import day, moment

_WHAT = {
    "province_administrator": say("Lập và quản lý cấp ủy, gửi văn bản, mời người."),
    "province_viewer": say("Chỉ xem số liệu, báo cáo và văn bản."),
    "province_auditor": say("Xem số liệu và nhật ký, không làm gì khác."),
}


@get("/provinces/{province:str}/people", access=province_auditor)
async def show_people(request: Asked, province: FromPath[str]) -> Response[str]:
    """Accounts and open invitations; auditors look, administrators act."""
    return await _show(request, province, {}, {})


async def _show(
    request: Asked,
    slug: str,
    values: dict[str, str],
    faults: dict[str, str],
    made: dict[str, Any] | None = None,
    renewed: dict[str, Any] | None = None,
) -> Response[str]:
    reader = reader_of(request)
    async with platform_transaction(read_only=True):
        found = await province_of(slug, reader, roles=AUDITORS)
        people = await verbs.people_of(found.id)
        invitations = await verbs.invitations_of(found.id)
    acts = any(g.role in ADMINISTRATORS and g.province == found.id for g in reader.grants)
    home = f"/provinces/{found.slug}"
    return page(
        request, "province/people.html", status=422 if faults else 200, place=place_of(found, request), values=values,
        errors=faults, made=made, renewed=renewed, acts=acts, home=f"{home}/people", log_href=f"{home}/log",
        roles=[(role, translate(request, ROLE_WORDS[role]), _WHAT[role]) for role in PROVINCE_ROLES],
        needed=settings().second_factor == "required",
        people=[_person(row, reader.account_id) for row in people],
        invitations=[_invitation(row) for row in invitations],
    )  # fmt: skip


def _person(row: Record, own: UUID) -> dict[str, Any]:
    return {
        "id": row["grant"], "name": row["name"], "login": row["login"], "role_word": ROLE_WORDS[row["role"]],
        "factor": row["factor"], "seen": moment(row["seen_at"]) if row["seen_at"] else None,
        "is_self": row["account"] == own,
    }  # fmt: skip


def _invitation(row: Record) -> dict[str, Any]:
    return {
        "id": row["id"], "role_word": ROLE_WORDS[row["role"]], "name": row["invited_name"], "by": row["invited_by"],
        "expires": day(row["expires_at"].astimezone(clock.VIETNAM)),
    }  # fmt: skip


@post("/provinces/{province:str}/people/invitations", access=province_administrator)
async def invite_person(request: Asked, province: FromPath[str], data: Form) -> Response[Any]:
    """Make an invitation; its link is shown once."""
    values = {name: data.get(name, "") for name in ("role", "name")}
    try:
        token = await verbs.invite(province, **values, by=reader_of(request))
    except Refused as refusal:
        return await _show(request, province, values, errors(request, refusal))
    link = f"{settings().public_url}/invitations/{token}"
    made = {
        "link": link, "qr": qr(link), "name": values["name"].strip(), "role_word": ROLE_WORDS[values["role"]],
        "expires": day(clock.today() + timedelta(days=settings().invitation_days)),
    }  # fmt: skip
    return await _show(request, province, {}, {}, made)


@post(
    "/provinces/{province:str}/people/invitations/{invitation:uuid}/withdrawal", access=province_administrator
)
async def withdraw_person(
    request: Asked, province: FromPath[str], invitation: FromPath[UUID]
) -> Response[Any]:
    """Make an unused invitation worthless."""
    await verbs.withdraw(province, invitation, by=reader_of(request))
    return Redirect(f"/provinces/{province}/people", status_code=303)


@post("/provinces/{province:str}/people/{grant:uuid}/end", access=province_administrator)
async def end_role(request: Asked, province: FromPath[str], grant: FromPath[UUID]) -> Response[Any]:
    """End a role, at once for open sessions too."""
    try:
        await verbs.end_role(province, grant, by=reader_of(request))
    except Refused as refusal:
        return await _show(request, province, {}, errors(request, refusal))
    return Redirect(f"/provinces/{province}/people", status_code=303)


@post("/provinces/{province:str}/people/{grant:uuid}/factor-reset", access=province_administrator)
async def reset_factor(request: Asked, province: FromPath[str], grant: FromPath[UUID]) -> Response[Any]:
    """Take a lost second factor away."""
    try:
        await verbs.reset_factor(province, grant, by=reader_of(request))
    except Refused as refusal:
        return await _show(request, province, {}, errors(request, refusal))
    return Redirect(f"/provinces/{province}/people", status_code=303)


@post("/provinces/{province:str}/people/{grant:uuid}/password-link", access=province_administrator)
async def reset_password(request: Asked, province: FromPath[str], grant: FromPath[UUID]) -> Response[Any]:
    """A link that sets a forgotten password; it is shown once."""
    try:
        issued = await verbs.reset_password(province, grant, by=reader_of(request))
    except Refused as refusal:
        return await _show(request, province, {}, errors(request, refusal))
    link = f"{settings().public_url}/passwords/{issued.token}"
    return await _show(request, province, {}, {}, renewed={"link": link, "qr": qr(link), "name": issued.name})
