"""Which member of a cell an account is: said with a role, or with the invitation to one, and changeable later."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from infra.postgres import one, sql
from server.words import Refused, say
from tenants.transactions import platform_transaction


@dataclass(frozen=True)
class Held:
    """A role in a cell, or an open invitation to one (then ``name`` is empty), and which member that person is."""

    name: str
    role: str
    cell: UUID
    cell_name: str
    group_number: int | None
    member: UUID | None


_GRANT = """SELECT a.name, g.role, g.cell, g.cell_name, g.group_number, g.member FROM platform.account_grant g
JOIN platform.account a ON a.id = g.account
WHERE g.id = $1 AND g.committee = $2 AND g.revoked_at IS NULL AND g.cell IS NOT NULL"""
_INVITATION = """SELECT '' AS name, i.role, i.cell, i.cell_name, i.group_number, i.member FROM platform.invitation i
WHERE i.id = $1 AND i.committee = $2 AND i.used_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > now()
    AND i.cell IS NOT NULL"""


async def of_grant(committee: UUID, grant: UUID) -> Held | None:
    """A role in a cell of this committee, or None."""
    return await _held(_GRANT, grant, committee)


async def of_invitation(committee: UUID, invitation: UUID) -> Held | None:
    """An open invitation to a role in a cell of this committee, or None."""
    return await _held(_INVITATION, invitation, committee)


async def _held(query: str, which: UUID, committee: UUID) -> Held | None:
    async with platform_transaction(read_only=True):
        row = await one(query, which, committee)
    return Held(*row) if row else None


async def set_of_grant(committee: UUID, grant: UUID, member: UUID | None) -> bool:
    """Say which member (of the role's cell: the caller has looked) the account is, or that nobody knows (None). False
    without such a role. Raises Refused(member=…) where another account is that member already.
    """
    async with platform_transaction():
        await _check_free(committee, member, except_grant=grant)
        done = await sql(
            """UPDATE platform.account_grant SET member = $3
            WHERE id = $1 AND committee = $2 AND revoked_at IS NULL AND cell IS NOT NULL RETURNING 1""",
            grant, committee, member,
        )  # fmt: skip
    return bool(done)


async def set_of_invitation(committee: UUID, invitation: UUID, member: UUID | None) -> bool:
    """The same for whoever will take an invitation."""
    async with platform_transaction():
        await _check_free(committee, member)
        done = await sql(
            """UPDATE platform.invitation SET member = $3 WHERE id = $1 AND committee = $2 AND used_at IS NULL
                AND withdrawn_at IS NULL AND expires_at > now() AND cell IS NOT NULL RETURNING 1""",
            invitation, committee, member,
        )  # fmt: skip
    return bool(done)


async def still_free(committee: UUID, member: UUID | None, account: UUID) -> UUID | None:
    """The member that an invitation names, or None where another account has become that member meanwhile: the role
    is taken all the same, and who the person is may be said later. Needs a platform transaction.
    """
    return None if await _taken_by(committee, member, account) else member


async def _check_free(committee: UUID, member: UUID | None, *, except_grant: UUID | None = None) -> None:
    own = await one("SELECT account FROM platform.account_grant WHERE id = $1", except_grant)
    name = await _taken_by(committee, member, own["account"] if own else None)
    if name is not None:
        raise Refused(member=say("Đồng chí này đã gắn với tài khoản {name}.", name=name))


async def _taken_by(committee: UUID, member: UUID | None, account: UUID | None) -> str | None:
    """The name of another account that is this member, if any."""
    if member is None:
        return None
    # Two who say it at once wait for each other: one member is one account.
    await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"member {member}")
    taken = await one(
        """SELECT a.name FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
        WHERE g.committee = $1 AND g.member = $2 AND g.revoked_at IS NULL AND g.account IS DISTINCT FROM $3 LIMIT 1""",
        committee, member, account,
    )  # fmt: skip
    return taken["name"] if taken else None
