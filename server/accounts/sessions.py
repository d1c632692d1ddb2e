"""Sessions: log in, who is asking, log out. A new token at every log-in; the database keeps only its hash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from infra.postgres import Record, lookup, one, sql
from infra.settings import settings
from server.accounts import rules
from server.accounts.reader import Grant, Reader
from server.accounts.secrets import new_token, password_fits, token_hash
from server.words import Refused, Say, say
from tenants.current import CommitteeRef
from tenants.registry import ref_of
from tenants.transactions import platform_transaction


@dataclass(frozen=True)
class Visit:
    """Who asks for which place: reader None when nobody is logged in, committee None when no such path exists."""

    reader: Reader | None
    committee: CommitteeRef | None


_WHO = """SELECT a.id AS account, a.name AS account_name, a.must_change,
    s.seen_at < now() - interval '10 minutes' AS stale,
    c.id, c.province, c.slug, c.schema_name, c.kind, c.name, c.state, c.state_reason,
    (SELECT json_agg(json_build_array(g.role, g.cell, g.group_number, g.province, g.cell_name, g.member)
            ORDER BY g.granted_at)
        FROM platform.account_grant g
        WHERE g.account = a.id AND g.revoked_at IS NULL AND ($2::text IS NULL OR g.committee = c.id)) AS grants
FROM (VALUES (1)) AS always
LEFT JOIN platform.session s ON s.token_hash = $1 AND s.expires_at > now() AND s.seen_at > now() - $3::interval
LEFT JOIN platform.account a ON a.id = s.account AND a.disabled_at IS NULL
LEFT JOIN platform.committee c ON c.slug = $2"""


async def visit(token: str | None, slug: str | None) -> Visit:
    """Who holds a session token, and the committee at a path, in one query. Grants are those that count there;
    without a path, all of the account's grants (of every committee and province).
    """
    hashed = token_hash(token) if token else b""
    row = await lookup(_WHO, hashed, slug, rules.IDLE)
    assert row is not None
    if row["stale"]:
        async with platform_transaction():
            await sql("UPDATE platform.session SET seen_at = now() WHERE token_hash = $1", hashed)
    committee = ref_of(row) if row["id"] else None
    if row["account"] is None:
        return Visit(None, committee)
    return Visit(_reader(row), committee)


def _reader(row: Record) -> Reader:
    return Reader(row["account"], row["account_name"], _grants(row["grants"]), row["must_change"])


def _grants(text: str | None) -> tuple[Grant, ...]:
    return tuple(
        Grant(role, _id(cell), number, _id(province), cell_name, _id(member))
        for role, cell, number, province, cell_name, member in json.loads(text or "[]")
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


async def log_in(login: str, password: str, *, address: str, device: str) -> str:
    """A new session's token. Raises Refused(login=…): the same words for an unknown name and a wrong password, and
    a wait that grows with failures of this name or this address.
    """
    account = await recognise(
        login, password, address=address, field="login", wrong=say("Tên đăng nhập hoặc mật khẩu không đúng.")
    )
    async with platform_transaction():
        return await start(account, device=device)


async def recognise(login: str, password: str, *, address: str, field: str, wrong: Say) -> UUID:
    """The account of a name and its password. Raises Refused with ``wrong``, or with a wait, at ``field``."""
    name = rules.tidy_login(login)
    login_subject, address_subject = f"login:{name}"[:200], f"address:{address}"[:200]
    async with platform_transaction():
        at = await _count_attempt([address_subject, login_subject], field)
        account = await one(
            "SELECT id, password_hash FROM platform.account WHERE lower(login) = $1 AND disabled_at IS NULL",
            name,
        )
    # Outside any transaction: hashing is slow on purpose and must not hold a connection.
    if not await password_fits(
        password[: rules.LONGEST_PASSWORD], account["password_hash"] if account else None
    ):
        raise Refused(**{field: wrong})
    assert account is not None
    async with platform_transaction():
        await sql(
            "DELETE FROM platform.login_failure WHERE subject = $1 OR (subject = $2 AND at = $3)",
            login_subject, address_subject, at,
        )  # fmt: skip
    found: UUID = account["id"]
    return found


async def _count_attempt(subjects: list[str], field: str) -> datetime:
    # An attempt counts as failed until it has succeeded, and is counted under a lock: guesses that come all at once
    # wait like those that come one by one. The locks are taken in one order, so nobody waits in a circle.
    for subject in subjects:
        await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", subject)
    rows = await sql(
        """SELECT subject, count(*)::int AS failures, extract(epoch FROM clock_timestamp() - max(at))::int AS since
        FROM platform.login_failure WHERE subject = ANY($1) AND at > now() - interval '15 minutes' GROUP BY subject""",
        subjects,
    )
    wait = max(
        (rules.seconds_to_wait(row["failures"], row["subject"]) - row["since"] for row in rows), default=0
    )
    if wait > 0:
        raise Refused(**{field: say("Đã nhập sai nhiều lần. Xin chờ {n} giây rồi thử lại.", n=wait)})
    counted = await sql(
        "INSERT INTO platform.login_failure (subject, at) SELECT unnest($1::text[]), clock_timestamp() RETURNING at",
        subjects,
    )
    at: datetime = counted[0]["at"]
    return at


async def start(account: UUID, *, device: str) -> str:
    """Begin a session; its token. Needs a platform transaction."""
    token = new_token()
    await sql(
        "INSERT INTO platform.session (token_hash, account, expires_at, device) VALUES ($1, $2, now() + $3, $4)",
        token_hash(token), account, timedelta(days=settings().session_days), device[:200],
    )  # fmt: skip
    return token


async def log_out(token: str) -> None:
    """End a session; an unknown token changes nothing."""
    async with platform_transaction():
        await sql("DELETE FROM platform.session WHERE token_hash = $1", token_hash(token))


async def end_all(account: UUID) -> None:
    """End every session of an account, and what its browsers are told. Needs a platform transaction."""
    await sql("DELETE FROM platform.session WHERE account = $1", account)
    await sql("DELETE FROM platform.push_subscription WHERE account = $1", account)


async def log_out_everywhere(account: UUID) -> None:
    """End every session of an account, on every device."""
    async with platform_transaction():
        await end_all(account)


async def sessions_of(account: UUID, token: str) -> list[Record]:
    """An account's live sessions, the one in use last first: device, seen_at, here (it is the token's own)."""
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT device, seen_at, token_hash = $2 AS here FROM platform.session
            WHERE account = $1 AND expires_at > now() AND seen_at > now() - $3::interval
            ORDER BY token_hash = $2 DESC, seen_at DESC LIMIT 50""",
            account, token_hash(token), rules.IDLE,
        )  # fmt: skip


async def forget_old() -> int:
    """Delete sessions and log-in failures that no longer matter; how many sessions went."""
    async with platform_transaction():
        gone = await sql(
            "DELETE FROM platform.session WHERE expires_at < now() OR seen_at < now() - $1::interval RETURNING 1",
            rules.IDLE,
        )
        await sql("DELETE FROM platform.login_failure WHERE at < now() - interval '1 day'")
        await sql("DELETE FROM platform.password_link WHERE expires_at < now() - interval '30 days'")
    return len(gone)
