"""Who works for a province: inviting, ending a role, helping who has lost the phone or forgotten the password. Each act
is written down.
"""

from __future__ import annotations

from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts import factor, passwords
from server.accounts.actions import invite_to_province
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.province.actions import Province, province_of, record_event
from server.words import Refused, say
from tenants.transactions import platform_transaction


async def people_of(province: UUID) -> list[Record]:
    """Accounts with a role in a province, by name: grant, account, name, login, role, factor (bool: a second factor is
    confirmed), seen_at. Needs a platform transaction.
    """
    return await sql(
        """SELECT g.id AS grant, a.id AS account, a.name, a.login, g.role,
            EXISTS (SELECT FROM platform.second_factor f
                WHERE f.account = a.id AND f.confirmed_at IS NOT NULL) AS factor,
            (SELECT max(s.seen_at) FROM platform.session s WHERE s.account = a.id AND NOT s.awaits_factor) AS seen_at
        FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
        WHERE g.province = $1 AND g.revoked_at IS NULL ORDER BY a.name, g.granted_at""",
        province,
    )


async def invitations_of(province: UUID) -> list[Record]:
    """Invitations to roles in a province that can still be used: id, role, invited_name, invited_by, expires_at.

    Needs a platform transaction.
    """
    return await sql(
        """SELECT id, role, invited_name, invited_by, expires_at FROM platform.invitation
        WHERE province = $1 AND used_at IS NULL AND withdrawn_at IS NULL AND expires_at > now() ORDER BY created_at""",
        province,
    )


async def invite(province_slug: str, *, role: str, name: str, by: Reader) -> str:
    """Invite somebody to a role in the province: the link's token. Raises Refused(role=…, name=…)."""
    if not 2 <= len(name.strip()) <= 100 or not name.strip().isprintable():
        raise Refused(name=say("Xin ghi họ và tên."))
    async with platform_transaction():
        province = await province_of(province_slug, by)
        token = await invite_to_province(province.id, role=role, name=name, by=by)
        await record_event(province, by, "person_invited", name.strip(), role)
    return token


async def withdraw(province_slug: str, invitation: UUID, *, by: Reader) -> None:
    """Make an unused invitation worthless; a used one stays as it is."""
    async with platform_transaction():
        province = await province_of(province_slug, by)
        gone = await sql(
            """UPDATE platform.invitation SET withdrawn_at = now()
            WHERE id = $1 AND province = $2 AND used_at IS NULL AND withdrawn_at IS NULL RETURNING invited_name""",
            invitation, province.id,
        )  # fmt: skip
        if gone:
            await record_event(province, by, "person_invitation_withdrawn", gone[0]["invited_name"])


async def end_role(province_slug: str, grant: UUID, *, by: Reader) -> None:
    """End a role in the province, at once for open sessions too, and with the last one what committees let the person
    look at. Open invitations of who ceases to be an administrator die: no way back in is left behind.

    Raises NotFound; Refused(grant=…) for one's own role and for the last administrator.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        row = await _held(province, grant)
        if row["account"] == by.account_id:
            raise Refused(grant=say("Không thể tự thu hồi vai trò của chính mình."))
        if row["role"] == "province_administrator":
            await _check_not_last(province, row["account"])
        await sql("UPDATE platform.account_grant SET revoked_at = now() WHERE id = $1", grant)
        await _end_support(province, row["account"])
        if row["role"] == "province_administrator":
            await _withdraw_all_of(province, row["name"])
        await record_event(province, by, "person_role_ended", row["name"], row["role"])


async def reset_factor(province_slug: str, grant: UUID, *, by: Reader) -> None:
    """Take the second factor away from somebody of the province who has lost it, and log them out.

    Raises NotFound; Refused(grant=…) for oneself, who uses a recovery code, and for people of other provinces too, whom
    the operator helps.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        row = await _held(province, grant)
        if row["account"] == by.account_id:
            raise Refused(grant=say("Muốn đổi điện thoại của chính mình, xin mở trang Xác nhận hai bước."))
        if await sql(
            """SELECT FROM platform.account_grant WHERE account = $1 AND revoked_at IS NULL AND committee IS NULL
                AND province IS DISTINCT FROM $2""",
            row["account"], province.id,
        ):  # fmt: skip
            raise Refused(grant=say("Người này còn làm việc cho nơi khác. Xin báo người vận hành hệ thống."))
        if await factor.reset(row["account"]):
            await record_event(province, by, "factor_reset", row["name"])


async def reset_password(province_slug: str, grant: UUID, *, by: Reader) -> passwords.IssuedLink:
    """A link, used once, with which somebody of the province sets a forgotten password.

    Raises NotFound; Refused(grant=…) for oneself and for who has a role outside the province too.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        issued = await passwords.issue_province_link(province.id, grant, by=by)
        if issued is None:
            raise NotFound(grant)
        await record_event(province, by, "person_password_link", issued.name)
    return issued


async def _held(province: Province, grant: UUID) -> Record:
    # The province's row is locked first: two who end each other's role at once must not both succeed.
    await sql("SELECT 1 FROM platform.province WHERE id = $1 FOR UPDATE", province.id)
    row = await one(
        """SELECT g.account, g.role, a.name FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
        WHERE g.id = $1 AND g.province = $2 AND g.revoked_at IS NULL""",
        grant, province.id,
    )  # fmt: skip
    if row is None:
        raise NotFound(grant)
    return row


async def _check_not_last(province: Province, account: UUID) -> None:
    others = await sql(
        """SELECT FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
        WHERE g.province = $1 AND g.role = 'province_administrator' AND g.revoked_at IS NULL AND g.account <> $2
            AND a.disabled_at IS NULL""",
        province.id, account,
    )  # fmt: skip
    if not others:
        raise Refused(grant=say("Đây là người quản trị cuối cùng của tỉnh nên không thể thu hồi."))


async def _end_support(province: Province, account: UUID) -> None:
    await sql(
        """UPDATE platform.account_grant s SET revoked_at = now() FROM platform.committee c
        WHERE s.account = $1 AND s.role = 'support' AND s.revoked_at IS NULL AND c.id = s.committee AND c.province = $2
            AND NOT EXISTS (SELECT FROM platform.account_grant g WHERE g.account = $1 AND g.province = $2
                AND g.revoked_at IS NULL)""",
        account, province.id,
    )  # fmt: skip


async def _withdraw_all_of(province: Province, name: str) -> None:
    # By name, which is all an invitation keeps; a namesake has to invite again.
    await sql(
        """UPDATE platform.invitation i SET withdrawn_at = now()
        WHERE i.invited_by = $2 AND i.used_at IS NULL AND i.withdrawn_at IS NULL AND (i.province = $1 OR EXISTS (
            SELECT FROM platform.committee c WHERE c.id = i.committee AND c.province = $1
                AND i.role = 'committee_administrator'))""",
        province.id, name,
    )  # fmt: skip
