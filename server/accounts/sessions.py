"""Sessions: log in, who is asking, log out. A new token at every log-in; the database keeps only its hash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from infra import metrics
from infra.postgres import Record, lookup, one, sql
from infra.settings import settings
from server.accounts import rules
from server.accounts.reader import SUPPORT, Grant, Reader
from server.accounts.secrets import new_token, password_fits, token_hash
from server.words import Refused, Say, say
from tenants.current import CommitteeRef
from tenants.registry import ref_of
from tenants.transactions import platform_transaction


@dataclass(frozen=True)
class Visit:
    """Who asks for which place: reader None when nobody is logged in, committee None when no such path exists.

    ``awaits_factor``: the password was right and the code is still to come, so this is nobody yet.
    """

    reader: Reader | None
    committee: CommitteeRef | None
    awaits_factor: bool = False


_WHO = """SELECT a.id AS account, a.name AS account_name, a.must_change, s.awaits_factor,
    $4 AND EXISTS (SELECT FROM platform.account_grant p WHERE p.account = a.id AND p.committee IS NULL
            AND p.revoked_at IS NULL)
        AND NOT EXISTS (SELECT FROM platform.second_factor f WHERE f.account = a.id AND f.confirmed_at IS NOT NULL)
        AS must_enrol,
    s.seen_at < now() - interval '10 minutes' AS stale,
    c.id, c.province, c.slug, c.schema_name, c.kind, c.name, c.state, c.state_reason, c.rules_version,
    c.versions_from,
    (SELECT json_agg(json_build_array(g.role, g.cell, g.group_number, g.province, g.cell_name, g.member, g.expires_at)
            ORDER BY g.granted_at)
        FROM platform.account_grant g
        WHERE g.account = a.id AND g.revoked_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > now())
            AND ($2::text IS NULL OR g.committee = c.id)) AS grants
FROM (VALUES (1)) AS always
LEFT JOIN platform.session s ON s.token_hash = $1 AND s.expires_at > now() AND s.seen_at > now() - $3::interval
LEFT JOIN platform.account a ON a.id = s.account AND a.disabled_at IS NULL
LEFT JOIN platform.committee c ON c.slug = $2"""


async def visit(token: str | None, slug: str | None) -> Visit:
    """Who holds a session token, and the committee at a path, in one query. Grants are those that count there;
    without a path, all of the account's grants (of every committee and province).
    """
    hashed = token_hash(token) if token else b""
    row = await lookup(_WHO, hashed, slug, rules.IDLE, settings().second_factor == "required")
    assert row is not None
    if row["stale"]:
        async with platform_transaction():
            await sql("UPDATE platform.session SET seen_at = now() WHERE token_hash = $1", hashed)
    committee = ref_of(row) if row["id"] else None
    if row["account"] is None:
        return Visit(None, committee)
    if row["awaits_factor"]:
        return Visit(None, committee, awaits_factor=True)
    return Visit(_reader(row, of_one_committee=slug is not None), committee)


def _reader(row: Record, *, of_one_committee: bool) -> Reader:
    grants = _grants(row["grants"], of_one_committee=of_one_committee)
    return Reader(row["account"], row["account_name"], grants, row["must_change"], row["must_enrol"])


def _grants(text: str | None, *, of_one_committee: bool) -> tuple[Grant, ...]:
    found = tuple(
        Grant(role, _id(cell), number, _id(province), cell_name, _id(member), _moment(until))
        for role, cell, number, province, cell_name, member, until in json.loads(text or "[]")
    )
    # A role given beside support in one place ends it: nobody sees by the one and writes, unseen, by the other.
    own = tuple(grant for grant in found if grant.role != SUPPORT)
    return own if own and of_one_committee else found


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def log_in(login: str, password: str, *, address: str, device: str) -> str:
    """A new session's token. Raises Refused(login=…): the same words for an unknown name and a wrong password, and
    a wait that grows with failures of this name or this address. Where the account has a second factor, the session
    opens nothing before its code is given.
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
        at = await count_attempt([address_subject, login_subject], field)
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


async def count_attempt(subjects: list[str], field: str) -> datetime:
    """Count a try of these subjects as failed, and when. Raises Refused with the wait at ``field`` where one is due.
    Needs a platform transaction of its own: a try that is refused afterwards stays counted.
    """
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
        metrics.TOO_OFTEN.labels("code" if field == "code" else "password").inc()
        raise Refused(**{field: say("Đã nhập sai nhiều lần. Xin chờ {n} giây rồi thử lại.", n=wait)})
    counted = await sql(
        "INSERT INTO platform.login_failure (subject, at) SELECT unnest($1::text[]), clock_timestamp() RETURNING at",
        subjects,
    )
    at: datetime = counted[0]["at"]
    return at


async def start(account: UUID, *, device: str, factor: bool = False) -> str:
    """Begin a session; its token. Where the account has a second factor and it was not given (``factor``) the session
    only waits for it, and not for long. Needs a platform transaction.
    """
    token = new_token()
    await sql(
        """INSERT INTO platform.session (token_hash, account, device, awaits_factor, factor_at, expires_at)
        SELECT $1, $2, $3, w.awaits, CASE WHEN $4 THEN now() END,
            now() + CASE WHEN w.awaits THEN $5::interval ELSE $6::interval END
        FROM (SELECT NOT $4::boolean AND EXISTS (SELECT FROM platform.second_factor
            WHERE account = $2 AND confirmed_at IS NOT NULL) AS awaits) w""",
        token_hash(token), account, device[:200], factor, rules.CODE_TIME, timedelta(days=settings().session_days),
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
