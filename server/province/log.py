"""The province's record as its auditor reads it: who did what to whom, newest first. Nobody can change or delete it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from infra.postgres import Record, sql
from server import clock
from server.accounts.reader import Reader

PAGE = 50
# What one file takes; who needs more asks for fewer days.
LONGEST_FILE = 50_000


@dataclass(frozen=True)
class Wanted:
    """What is looked for: what one account did, one kind of act, what concerns one committee, from and to a day."""

    account: UUID | None = None
    action: str = ""
    committee: UUID | None = None
    since: date | None = None
    until: date | None = None


_ROWS = """SELECT e.id, e.at, e.account, e.by_name, e.action, e.subject, e.detail, c.id AS committee, c.slug,
    c.kind, c.name
FROM platform.province_event e LEFT JOIN platform.committee c ON c.id = e.committee
WHERE e.province = $1 AND ($2::uuid IS NULL OR e.account = $2) AND ($3 = '' OR e.action = $3)
    AND ($4::uuid IS NULL OR e.committee = $4) AND ($5::timestamptz IS NULL OR e.at >= $5)
    AND ($6::timestamptz IS NULL OR e.at <= $6) AND ($7::bigint IS NULL OR e.id < $7)
ORDER BY e.id DESC LIMIT $8"""


async def events(
    province: UUID, wanted: Wanted, *, before: int | None = None, limit: int = PAGE + 1
) -> list[Record]:
    """One page of the record and one row more, if there is more: id, at, account, by_name, action, subject, detail and,
    of the committee it concerns, committee, slug, kind, name (None: none). ``before``: the last id of the page before.
    Needs a platform transaction.
    """
    since = clock.local(wanted.since, time.min) if wanted.since else None
    until = clock.local(wanted.until, time.max) if wanted.until else None
    return await sql(
        _ROWS, province, wanted.account, wanted.action, wanted.committee, since, until, before, limit
    )


async def people(province: UUID) -> list[Record]:
    """Everybody who is in the record: account, name (the newest), by name. Needs a platform transaction."""
    return await sql(
        """SELECT account, name FROM (SELECT DISTINCT ON (account) account, by_name AS name
            FROM platform.province_event WHERE province = $1 AND account IS NOT NULL ORDER BY account, id DESC) e
        ORDER BY name""",
        province,
    )


async def record_of_account(account: UUID, by: Reader, action: str, detail: str = "") -> None:
    """One line about an account in the record of every province where it has a role. Needs a platform transaction."""
    await sql(
        """INSERT INTO platform.province_event (province, account, by_name, action, subject, detail)
        SELECT DISTINCT province, $2::uuid, $3, $4, $1::uuid::text, $5 FROM platform.account_grant
        WHERE account = $1 AND province IS NOT NULL AND revoked_at IS NULL""",
        account, by.account_id, by.name, action, detail,
    )  # fmt: skip
