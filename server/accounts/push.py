"""The browsers that an account may be told something in: subscribed by a tap, until they or their services say no."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID, uuid4

from infra import push
from infra.postgres import Record, sql
from infra.push import Address, Outcome
from server.words import Refused, say
from tenants.transactions import platform_transaction

# Browsers of one account; the one that subscribed first makes room.
MOST = 10
# In a row, of messages to one browser, before it is taken for gone.
MOST_FAILURES = 20


async def subscribe(account: UUID, address: Address) -> None:
    """Tell this account in this browser, and nobody else who used it before. Raises Refused(subscription=…)."""
    if push.public_key() is None:
        raise Refused(subscription=say("Nền Nếp ở đây không gửi thông báo tới máy."))
    if not push.possible(address):
        raise Refused(
            subscription=say("Trình duyệt này dùng một dịch vụ thông báo mà Nền Nếp không gửi tới được.")
        )
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.push_subscription (id, account, endpoint, p256dh, auth) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (endpoint) DO UPDATE SET account = EXCLUDED.account, p256dh = EXCLUDED.p256dh,
                auth = EXCLUDED.auth, failures = 0,
                created_at = CASE WHEN push_subscription.account = EXCLUDED.account
                    THEN push_subscription.created_at ELSE now() END""",
            uuid4(), account, address.endpoint, address.p256dh, address.auth,
        )  # fmt: skip
        await sql(
            """DELETE FROM platform.push_subscription WHERE id IN (SELECT id FROM platform.push_subscription
                WHERE account = $1 ORDER BY endpoint = $2 DESC, created_at DESC OFFSET $3)""",
            account, address.endpoint, MOST,
        )  # fmt: skip


async def unsubscribe(account: UUID, endpoint: str | None) -> None:
    """Tell this account nothing in this browser any more (in none, for None); another's browser is left alone."""
    async with platform_transaction():
        await sql(
            "DELETE FROM platform.push_subscription WHERE account = $1 AND ($2::text IS NULL OR endpoint = $2)",
            account, endpoint,
        )  # fmt: skip


async def browsers_of(account: UUID) -> int:
    """In how many browsers an account is told."""
    async with platform_transaction(read_only=True):
        return len(await sql("SELECT 1 FROM platform.push_subscription WHERE account = $1", account))


_REACHED = """SELECT g.member, s.id, s.endpoint, s.p256dh, s.auth FROM platform.account_grant g
JOIN platform.account a ON a.id = g.account AND a.disabled_at IS NULL
JOIN platform.push_subscription s ON s.account = a.id
WHERE g.committee = $1 AND g.revoked_at IS NULL"""


async def browsers_of_members(committee: UUID) -> dict[UUID, list[Record]]:
    """{member: subscriptions (id, endpoint, p256dh, auth)} of those whose accounts a committee has tied to a member."""
    async with platform_transaction(read_only=True):
        rows = await sql(f"{_REACHED} AND g.member IS NOT NULL ORDER BY s.created_at", committee)
    found: dict[UUID, dict[UUID, Record]] = {}
    for row in rows:
        found.setdefault(row["member"], {})[row["id"]] = row  # once, with however many roles
    return {member: list(browsers.values()) for member, browsers in found.items()}


async def browsers_of_leaders(committee: UUID, cell: UUID) -> list[Record]:
    """The subscriptions of a cell's secretary and deputy."""
    async with platform_transaction(read_only=True):
        rows = await sql(f"{_REACHED} AND g.cell = $2 AND g.role IN ('secretary', 'deputy')", committee, cell)
    return list({row["id"]: row for row in rows}.values())


async def browsers_of_office(committee: UUID) -> list[Record]:
    """The subscriptions of a committee's office and administrators."""
    async with platform_transaction(read_only=True):
        rows = await sql(f"{_REACHED} AND g.role IN ('office', 'committee_administrator')", committee)
    return list({row["id"]: row for row in rows}.values())


async def heard(outcomes: Collection[tuple[UUID, Outcome]]) -> None:
    """Write down what became of messages: (subscription, outcome). What is gone, or fails on and on, is forgotten."""
    if not outcomes:
        return
    async with platform_transaction():
        await sql(
            """UPDATE platform.push_subscription s SET
                last_ok_at = CASE WHEN o.outcome = 'ok' THEN now() ELSE last_ok_at END,
                failures = CASE WHEN o.outcome = 'ok' THEN 0 ELSE failures + 1 END
            FROM unnest($1::uuid[], $2::text[]) AS o (id, outcome) WHERE s.id = o.id""",
            [id_ for id_, _ in outcomes], [outcome for _, outcome in outcomes],
        )  # fmt: skip
        await sql(
            """DELETE FROM platform.push_subscription WHERE id = ANY ($1::uuid[])
                OR (id = ANY ($2::uuid[]) AND failures >= $3)""",
            [id_ for id_, outcome in outcomes if outcome == "gone"], [id_ for id_, _ in outcomes], MOST_FAILURES,
        )  # fmt: skip
