"""The verbs of accounts: invite, accept, give a role, take it away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from infra.postgres import Record, connection, one, rows_affected, sql
from infra.settings import settings
from server.accounts import linking, rules, sessions
from server.accounts.queries import COMMITTEE
from server.accounts.reader import COUNTRY_VIEWER, Reader
from server.accounts.secrets import hash_password, new_token, token_hash
from server.fleet import quotas
from server.words import Refused, say
from tenants.current import CommitteeRef
from tenants.registry import ref_of
from tenants.transactions import platform_transaction


@dataclass(frozen=True)
class Place:
    """What a role applies to inside a committee: nothing more, a cell, or a group of a cell; and which member of that
    cell the person is (None: nobody has said so).
    """

    cell: UUID | None = None
    cell_name: str = ""
    group_number: int | None = None
    member: UUID | None = None


async def invite(committee: UUID, *, role: str, place: Place = Place(), name: str = "", by: Reader) -> str:
    """A link's token that lets one person take a role. Raises Refused(role=…, cell=…, group=…).

    Needs a platform transaction: a province founds a committee and invites its administrator in one act.
    """
    rules.check_role(role, has_cell=place.cell is not None, has_group=place.group_number is not None)
    return await _write(committee, None, role, place, name, by)


async def invite_to_province(province: UUID, *, role: str, name: str = "", by: Reader) -> str:
    """A link's token that lets one person take a role in a province. Raises Refused(role=…).

    Needs a platform transaction.
    """
    rules.check_province_role(role)
    return await _write(None, province, role, Place(), name, by)


async def _write(
    committee: UUID | None, province: UUID | None, role: str, place: Place, name: str, by: Reader
) -> str:
    token = new_token()
    await sql(
        """INSERT INTO platform.invitation (id, token_hash, committee, role, cell, cell_name, group_number, member,
            invited_name, invited_by, expires_at, province)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + $11, $12)""",
        uuid4(), token_hash(token), committee, role, place.cell, place.cell_name, place.group_number, place.member,
        name.strip()[:100], by.name, timedelta(days=settings().invitation_days), province,
    )  # fmt: skip
    return token


async def withdraw(committee: UUID, invitation: UUID) -> bool:
    """Make an unused invitation of this committee worthless; False, and nothing happens, for a used one."""
    async with platform_transaction():
        gone = await sql(
            """UPDATE platform.invitation SET withdrawn_at = now()
            WHERE id = $1 AND committee = $2 AND used_at IS NULL AND withdrawn_at IS NULL RETURNING 1""",
            invitation, committee,
        )  # fmt: skip
    return bool(gone)


_OPEN = """FROM platform.invitation i LEFT JOIN platform.committee c ON c.id = i.committee
LEFT JOIN platform.province p ON p.id = i.province
WHERE i.token_hash = $1 AND i.used_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > now()"""


@dataclass(frozen=True)
class InvitingProvince:
    """A province as whom it invites is told of it."""

    id: UUID
    slug: str
    name: str


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that can still be used: to a committee, or to a province (then the other is None)."""

    id: UUID
    committee: CommitteeRef | None
    province: InvitingProvince | None
    role: str
    place: Place
    invited_name: str
    invited_by: str
    expires_at: datetime


async def open_invitation(token: str) -> OpenInvitation | None:
    """The invitation behind a link while it can be used, else None."""
    async with platform_transaction(read_only=True):
        return await _open(token)


async def why_gone(token: str) -> str:
    """Why an invitation's link does not work: ``used``, ``expired``, ``withdrawn`` or ``unknown``."""
    async with platform_transaction(read_only=True):
        row = await one(
            """SELECT used_at IS NOT NULL AS used, withdrawn_at IS NOT NULL AS withdrawn FROM platform.invitation
            WHERE token_hash = $1""",
            token_hash(token),
        )
    if row is None:
        return "unknown"
    return "used" if row["used"] else "withdrawn" if row["withdrawn"] else "expired"


async def _open(token: str, *, lock: bool = False) -> OpenInvitation | None:
    row: Record | None = await one(
        f"""SELECT i.id AS invitation, i.role, i.cell, i.cell_name, i.group_number, i.member, i.invited_name,
        i.invited_by, i.expires_at, i.province AS inviting, p.slug AS inviting_slug, p.name AS inviting_name,
        {COMMITTEE} {_OPEN} {"FOR UPDATE OF i" if lock else ""}""",
        token_hash(token),
    )
    if row is None:
        return None
    place = Place(row["cell"], row["cell_name"], row["group_number"], row["member"])
    province = row["inviting"]
    return OpenInvitation(
        row["invitation"],
        ref_of(row) if province is None else None,
        InvitingProvince(province, row["inviting_slug"], row["inviting_name"]) if province else None,
        row["role"],
        place,
        row["invited_name"],
        row["invited_by"],
        row["expires_at"],
    )


async def accept(token: str, *, name: str, login: str, password: str, device: str) -> str | None:
    """Make an account from an invitation and log it in: the new session's token; None if it can't be used (any more).

    Raises Refused(name=…, login=…, password=…).
    """
    rules.check_new_account(name=name, login=login, password=password)
    hashed = await hash_password(password)
    try:
        async with platform_transaction():
            invitation = await _open(token, lock=True)
            if invitation is None:
                return None
            account = await add_account(name=name, login=login, password_hash=hashed)
            await _use(invitation, account)
            return await sessions.start(account, device=device)
    except asyncpg.UniqueViolationError:
        raise Refused(login=say("Tên đăng nhập này đã có người dùng, xin chọn tên khác.")) from None


async def accept_as(token: str, *, by: Reader) -> OpenInvitation | None:
    """Take an invitation's role with the account that is logged in; None if it can't be used (any more)."""
    async with platform_transaction():
        invitation = await _open(token, lock=True)
        if invitation is not None:
            await _use(invitation, by.account_id)
        return invitation


async def _use(invitation: OpenInvitation, account: UUID) -> None:
    committee, place = invitation.committee, invitation.place
    if committee is not None:
        member = await linking.still_free(committee.id, place.member, account)
        place = replace(place, member=member)
        await quotas.check_accounts(committee.id, account)
        await give(account, committee.id, invitation.role, place, by_name=invitation.invited_by)
    elif invitation.province is not None:
        to = invitation.province.id
        await give_province(account, to, role=invitation.role, by_name=invitation.invited_by)
    await sql("UPDATE platform.invitation SET used_at = now() WHERE id = $1", invitation.id)


async def add_account(*, name: str, login: str, password_hash: str, must_change: bool = False) -> UUID:
    """Write an account down; its id. Raises asyncpg.UniqueViolationError for a taken log-in name.
    ``must_change``: somebody else typed the password. Needs a platform transaction.
    """
    account = uuid4()
    await sql(
        "INSERT INTO platform.account (id, login, name, password_hash, must_change) VALUES ($1, $2, $3, $4, $5)",
        account, rules.tidy_login(login), name.strip(), password_hash, must_change,
    )  # fmt: skip
    return account


async def give(account: UUID, committee: UUID, role: str, place: Place = Place(), *, by_name: str) -> None:
    """Give an account a role in a committee. Needs a platform transaction."""
    await sql(
        """INSERT INTO platform.account_grant (id, account, committee, role, cell, cell_name, group_number, member,
            granted_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        uuid4(), account, committee, role, place.cell, place.cell_name, place.group_number, place.member, by_name,
    )  # fmt: skip


async def give_province(
    account: UUID, province: UUID, *, role: str = "province_administrator", by_name: str
) -> None:
    """Give an account a role in a province. Needs a platform transaction."""
    await sql(
        """INSERT INTO platform.account_grant (id, account, province, role, granted_by)
        VALUES ($1, $2, $3, $4, $5)""",
        uuid4(), account, province, role, by_name,
    )  # fmt: skip


async def give_country(account: UUID, *, by_name: str) -> None:
    """Let an account see the figures of the whole deployment. Needs a platform transaction."""
    await sql(
        "INSERT INTO platform.account_grant (id, account, role, granted_by) VALUES ($1, $2, $3, $4)",
        uuid4(), account, COUNTRY_VIEWER, by_name,
    )  # fmt: skip


async def take_away(committee: UUID, grant: UUID, *, by: Reader) -> bool:
    """End a role in this committee, at once for open sessions too; False if there is no such role.

    The open invitations of a person who ceases to be an administrator die too: no way back in is left behind.
    Raises Refused(grant=…) for one's own role: nobody locks themselves out.
    """
    async with platform_transaction():
        row = await one(
            """SELECT g.account, g.role, a.name FROM platform.account_grant g
            JOIN platform.account a ON a.id = g.account
            WHERE g.id = $1 AND g.committee = $2 AND g.revoked_at IS NULL AND g.role <> 'support'""",
            grant, committee,
        )  # fmt: skip
        if row is None:
            return False
        if row["account"] == by.account_id:
            raise Refused(grant=say("Không thể tự thu hồi vai trò của chính mình."))
        status = await connection().execute(
            "UPDATE platform.account_grant SET revoked_at = now() WHERE id = $1", grant
        )
        if row["role"] == "committee_administrator":
            # By name, which is all an invitation keeps; a namesake has to invite again.
            await sql(
                """UPDATE platform.invitation SET withdrawn_at = now()
                WHERE committee = $1 AND invited_by = $2 AND used_at IS NULL AND withdrawn_at IS NULL""",
                committee, row["name"],
            )  # fmt: skip
        return rows_affected(status) == 1
