"""Whom of the province a committee lets look into it: who, why, until when; and what they have looked at."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from infra.postgres import Record, one, sql
from server.accounts.reader import PROVINCE_ROLES, SUPPORT, Reader
from server.events import record_event
from server.province import actions as province
from server.words import Refused, Say, say
from tenants.current import CommitteeRef
from tenants.transactions import as_committee, platform_transaction, transaction

SHORTEST_HOURS, LONGEST_HOURS = 1, 72
# Looks at the same page within this time are one line of the record.
_ONE_LOOK = timedelta(minutes=1)


async def helpers(ref: CommitteeRef) -> list[Record]:
    """The people of the committee's province who may be let in: account, name, role (one of theirs), by name."""
    async with platform_transaction(read_only=True):
        return await _helpers(ref)


async def _helpers(ref: CommitteeRef, account: UUID | None = None) -> list[Record]:
    return await sql(
        """SELECT account, name, role FROM (SELECT DISTINCT ON (a.id) a.id AS account, a.name, g.role
            FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
            WHERE g.province = $1 AND g.role = ANY ($2) AND g.revoked_at IS NULL AND a.disabled_at IS NULL
                AND ($3::uuid IS NULL OR a.id = $3)
            ORDER BY a.id, array_position($2, g.role)) h ORDER BY name""",
        ref.province_id, list(PROVINCE_ROLES), account,
    )  # fmt: skip


async def given(ref: CommitteeRef) -> list[Record]:
    """All that the committee has let look, the newest first: grant, account, name, granted_at, granted_by, expires_at,
    revoked_at, live (bool).
    """
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT g.id AS grant, g.account, a.name, g.granted_at, g.granted_by, g.expires_at, g.revoked_at,
                g.revoked_at IS NULL AND g.expires_at > now() AS live
            FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
            WHERE g.committee = $1 AND g.role = 'support' ORDER BY g.granted_at DESC LIMIT 50""",
            ref.id,
        )


async def reasons(grants: list[UUID]) -> dict[str, str]:
    """{grant: why it was given}, from the committee's record. Needs a transaction in the committee."""
    rows = await sql(
        "SELECT subject, detail FROM event WHERE action = 'support_given' AND subject = ANY ($1)",
        [str(grant) for grant in grants],
    )
    return {row["subject"]: row["detail"] for row in rows}


async def looked(accounts: list[UUID]) -> list[Record]:
    """The newest looks of these accounts: at, by_name, subject (a path). Needs a transaction in the committee."""
    return await sql(
        """SELECT at, by_name, subject FROM event WHERE account = ANY ($1) AND action = 'support_looked'
        ORDER BY id DESC LIMIT 50""",
        accounts,
    )


async def give(ref: CommitteeRef, *, account: UUID | None, hours: int, reason: str, by: Reader) -> None:
    """Let somebody of the province look for some hours, in the place of what they were given before. Written into the
    committee's record with the reason, and into the province's. Raises Refused(account=…, hours=…, reason=…).
    """
    _check(account, hours, reason)
    async with platform_transaction():
        found = await _helpers(ref, account)
        if not found:
            raise Refused(account=say("Xin chọn một người của tỉnh trong danh sách."))
        await _check_stranger(ref, account)
        await sql(
            """UPDATE platform.account_grant SET revoked_at = now()
            WHERE account = $1 AND committee = $2 AND role = 'support' AND revoked_at IS NULL""",
            account, ref.id,
        )  # fmt: skip
        grant = uuid4()
        await sql(
            """INSERT INTO platform.account_grant (id, account, committee, role, granted_by, expires_at)
            VALUES ($1, $2, $3, $4, $5, now() + $6)""",
            grant, account, ref.id, SUPPORT, by.name, timedelta(hours=hours),
        )  # fmt: skip
        await _tell_province(ref, by, "support_given", found[0]["name"], str(hours))
        async with as_committee(ref):
            await record_event(by, "support_given", str(grant), reason.strip())


def _check(account: UUID | None, hours: int, reason: str) -> None:
    faults: dict[str, Say] = {}
    if account is None:
        faults["account"] = say("Xin chọn một người của tỉnh trong danh sách.")
    if not SHORTEST_HOURS <= hours <= LONGEST_HOURS:
        faults["hours"] = say(
            "Xin ghi số giờ từ {least} đến {most}.", least=SHORTEST_HOURS, most=LONGEST_HOURS
        )
    if not 3 <= len(reason.strip()) <= 200:
        faults["reason"] = say("Xin ghi lý do, ví dụ: xem giúp số liệu tháng 10.")
    if faults:
        raise Refused(**faults)


async def _check_stranger(ref: CommitteeRef, account: UUID | None) -> None:
    if await sql(
        """SELECT FROM platform.account_grant WHERE account = $1 AND committee = $2 AND role <> 'support'
            AND revoked_at IS NULL""",
        account, ref.id,
    ):  # fmt: skip
        raise Refused(account=say("Người này đã có vai trò ở cấp ủy, không cần quyền hỗ trợ."))


async def end(ref: CommitteeRef, grant: UUID, *, by: Reader) -> bool:
    """Take the look back at once, for open pages too; False where there is none (any more)."""
    async with platform_transaction():
        row = await one(
            """UPDATE platform.account_grant g SET revoked_at = now() FROM platform.account a
            WHERE g.id = $1 AND g.committee = $2 AND g.role = 'support' AND g.revoked_at IS NULL
                AND g.expires_at > now() AND a.id = g.account RETURNING a.name""",
            grant, ref.id,
        )  # fmt: skip
        if row is None:
            return False
        await _tell_province(ref, by, "support_ended", row["name"])
        async with as_committee(ref):
            await record_event(by, "support_ended", str(grant))
        return True


async def was_given(ref: CommitteeRef, grant: UUID) -> bool:
    """Whether there has ever been such a look in this committee."""
    async with platform_transaction(read_only=True):
        found = await sql(
            "SELECT 1 FROM platform.account_grant WHERE id = $1 AND committee = $2 AND role = 'support'",
            grant,
            ref.id,
        )
    return bool(found)


async def _tell_province(ref: CommitteeRef, by: Reader, action: str, name: str, detail: str = "") -> None:
    row = await one("SELECT id, slug, name FROM platform.province WHERE id = $1", ref.province_id)
    assert row is not None
    whole = province.Province(row["id"], row["slug"], row["name"])
    await province.record_event(whole, by, action, name, detail, committee=ref.id)


async def note_look(path: str, *, by: Reader) -> None:
    """Write down that somebody of the province looks at a page of the current committee, before it is shown; the same
    page within a minute is one line.
    """
    async with transaction():
        await sql(
            """INSERT INTO event (account, by_name, action, subject) SELECT $1, $2, 'support_looked', $3
            WHERE NOT EXISTS (SELECT 1 FROM event WHERE account = $1 AND action = 'support_looked' AND subject = $3
                AND at > now() - $4::interval)""",
            by.account_id, by.name, path, _ONE_LOOK,
        )  # fmt: skip
