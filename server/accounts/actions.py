"""The verbs of accounts: invite, accept, give a role, take it away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from infra.postgres import Record, connection, one, rows_affected, sql
from infra.settings import settings
from server.accounts import linking, rules, sessions
from server.accounts.reader import Reader
from server.accounts.secrets import hash_password, new_token, token_hash
from server.words import Refused, say
from tenants.current import CommitteeRef
from tenants.registry import COLUMNS, ref_of
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
    token = new_token()
    await sql(
        """INSERT INTO platform.invitation (id, token_hash, committee, role, cell, cell_name, group_number, member,
            invited_name, invited_by, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + $11)""",
        uuid4(), token_hash(token), committee, role, place.cell, place.cell_name, place.group_number, place.member,
        name.strip()[:100], by.name, timedelta(days=settings().invitation_days),
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


_COMMITTEE = ", ".join(f"c.{name} AS {name}" for name in COLUMNS.split(", "))
_OPEN = """FROM platform.invitation i JOIN platform.committee c ON c.id = i.committee
WHERE i.token_hash = $1 AND i.used_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > now()"""


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that can still be used."""

    id: UUID
    committee: CommitteeRef
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
        i.invited_by, i.expires_at,
        {_COMMITTEE} {_OPEN} {"FOR UPDATE OF i" if lock else ""}""",
        token_hash(token),
    )
    if row is None:
        return None
    place = Place(row["cell"], row["cell_name"], row["group_number"], row["member"])
    return OpenInvitation(
        row["invitation"],
        ref_of(row),
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
    to, place = invitation.committee.id, invitation.place
    member = await linking.still_free(to, place.member, account)
    await give(account, to, invitation.role, replace(place, member=member), by_name=invitation.invited_by)
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


async def give_province(account: UUID, province: UUID, *, by_name: str) -> None:
    """Make an account an administrator of a province. Needs a platform transaction."""
    await sql(
        """INSERT INTO platform.account_grant (id, account, province, role, granted_by)
        VALUES ($1, $2, $3, 'province_administrator', $4)""",
        uuid4(), account, province, by_name,
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
            WHERE g.id = $1 AND g.committee = $2 AND g.revoked_at IS NULL""",
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


async def people_of(committee: UUID) -> list[Record]:
    """Accounts with a role in a committee: grant, account, name, login, role, cell, cell_name, group_number, member,
    seen_at.
    """
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT g.id AS grant, a.id AS account, a.name, a.login, g.role, g.cell, g.cell_name, g.group_number,
                g.member, (SELECT max(s.seen_at) FROM platform.session s WHERE s.account = a.id) AS seen_at
            FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
            WHERE g.committee = $1 AND g.revoked_at IS NULL ORDER BY a.name, g.granted_at""",
            committee,
        )


async def invitations_of(committee: UUID) -> list[Record]:
    """Invitations that can still be used: id, role, cell, cell_name, group_number, member, invited_name, invited_by,
    expires_at.
    """
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT id, role, cell, cell_name, group_number, member, invited_name, invited_by, expires_at
            FROM platform.invitation
            WHERE committee = $1 AND used_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
            ORDER BY created_at""",
            committee,
        )


async def places_of(account: UUID) -> list[Record]:
    """Where an account may go: province rows (province_slug, province_name) and committee rows (registry columns),
    each with role and cell_name, oldest grant first.
    """
    async with platform_transaction(read_only=True):
        return await sql(
            f"""SELECT g.role, g.cell_name, p.slug AS province_slug, p.name AS province_name, {_COMMITTEE}
            FROM platform.account_grant g LEFT JOIN platform.province p ON p.id = g.province
            LEFT JOIN platform.committee c ON c.id = g.committee
            WHERE g.account = $1 AND g.revoked_at IS NULL ORDER BY g.granted_at""",
            account,
        )
