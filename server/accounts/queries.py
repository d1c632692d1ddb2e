"""Who has which role in a committee, who is invited to one, and where an account may go."""

from __future__ import annotations

from uuid import UUID

from infra.postgres import Record, sql
from tenants.registry import COLUMNS
from tenants.transactions import platform_transaction

# The columns of a committee ``c``, as ``registry.ref_of`` wants them.
COMMITTEE = ", ".join(f"c.{name} AS {name}" for name in COLUMNS.split(", "))


async def people_of(committee: UUID) -> list[Record]:
    """Accounts with a role of their own in a committee: grant, account, name, login, role, cell, cell_name,
    group_number, member, seen_at. Whom it lets look for a time: see ``support``.
    """
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT g.id AS grant, a.id AS account, a.name, a.login, g.role, g.cell, g.cell_name, g.group_number,
                g.member, (SELECT max(s.seen_at) FROM platform.session s WHERE s.account = a.id) AS seen_at
            FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
            WHERE g.committee = $1 AND g.revoked_at IS NULL AND g.role <> 'support' ORDER BY a.name, g.granted_at""",
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
    each with role and cell_name, oldest grant first. The country has neither.
    """
    async with platform_transaction(read_only=True):
        return await sql(
            f"""SELECT g.role, g.cell_name, p.slug AS province_slug, p.name AS province_name, {COMMITTEE}
            FROM platform.account_grant g LEFT JOIN platform.province p ON p.id = g.province
            LEFT JOIN platform.committee c ON c.id = g.committee
            WHERE g.account = $1 AND g.revoked_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > now())
            ORDER BY g.granted_at""",
            account,
        )
