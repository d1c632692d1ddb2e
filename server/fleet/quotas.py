"""The most that a committee may have: members, accounts, megabytes of files. Refused in words, with nothing lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from infra.postgres import one, sql
from infra.settings import settings
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import platform_transaction, transaction

MEGABYTE = 1_000_000
# From this part on a committee's quota needs attention, in percent.
NEARLY_PERCENT = 80


class Full(Refused):
    """There is no room for a file (``file``): whoever sent it keeps it, and may send it again."""

    code = "full"


@dataclass(frozen=True)
class Quota:
    """The most that a committee may have; ``own``: which of the three were set for it, not for the deployment."""

    members: int
    accounts: int
    object_megabytes: int
    own: frozenset[str] = frozenset()


async def quota_of(committee: UUID) -> Quota:
    """What is set for a committee, else for the deployment. Needs a platform transaction."""
    row = await one(
        "SELECT members, accounts, object_megabytes FROM platform.committee_quota WHERE committee = $1",
        committee,
    )
    own = {name: value for name, value in (row or {}).items() if value is not None}
    return replace(deployment(), **own, own=frozenset(own))


def deployment() -> Quota:
    """What a committee may have for which nothing else is set."""
    given = settings()
    return Quota(given.quota_members, given.quota_accounts, given.quota_object_mb)


async def check_accounts(committee: UUID, account: UUID) -> None:
    """Raises Refused("") where a committee has no room for one account more; one that is in it already needs none.

    Needs a platform transaction, in which nobody else is let in meanwhile.
    """
    await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"accounts {committee}")
    most = (await quota_of(committee)).accounts
    row = await one(
        """SELECT count(DISTINCT account)::int AS n, coalesce(bool_or(account = $2), false) AS inside
        FROM platform.account_grant WHERE committee = $1 AND revoked_at IS NULL AND role <> 'support'""",
        committee, account,
    )  # fmt: skip
    assert row is not None
    if not row["inside"] and row["n"] >= most:
        raise Refused(
            **{
                "": say(
                    "Cấp ủy này đã có {n} tài khoản, mức nhiều nhất. Lời mời vẫn còn hiệu lực: xin báo quản trị cấp ủy "
                    "ngừng bớt tài khoản hoặc đề nghị tỉnh nâng mức.",
                    n=most,
                )
            }
        )


def check_members(quota: Quota, *, have: int, more: int) -> None:
    """Raises Refused(imported=…) where ``more`` members would be too many."""
    if more and have + more > quota.members:
        raise Refused(
            imported=say(
                "Sổ đang có {have} đảng viên, danh sách này thêm {more}, nhiều hơn mức {most} của cấp ủy. Chưa có gì "
                "được ghi; xin đề nghị tỉnh nâng mức rồi bấm lại.",
                have=have, more=more, most=quota.members,
            )
        )  # fmt: skip


async def check_room(size: int) -> None:
    """Raises Full where the object store has no room for ``size`` bytes more of the current committee.

    What was measured last counts, and what has come since; pictures made of that are counted with the next measuring.
    """
    ref = current()
    async with platform_transaction(read_only=True):
        most = (await quota_of(ref.id)).object_megabytes
        measured = await one(
            "SELECT object_bytes, measured_at FROM platform.committee_health WHERE committee = $1", ref.id
        )
    async with transaction(read_only=True):
        since = await one(
            """SELECT coalesce(sum(bytes), 0)::bigint AS n FROM (
                SELECT bytes FROM minutes_file WHERE $1::timestamptz IS NULL OR stored_at > $1
                UNION ALL SELECT bytes FROM assignment_file WHERE $1::timestamptz IS NULL OR created_at > $1) f""",
            measured["measured_at"] if measured else None,
        )
    assert since is not None
    have = ((measured["object_bytes"] or 0) if measured else 0) + since["n"]
    if have + size > most * MEGABYTE:
        raise Full(
            file=say(
                "Kho tệp của cấp ủy đã dùng hết {n} MB được cấp nên chưa nhận thêm. Tệp vẫn còn trong máy của đồng "
                "chí; xin báo văn phòng cấp ủy đề nghị tỉnh nâng mức, rồi gửi lại.",
                n=f"{most:,}".replace(",", "."),
            )
        )
