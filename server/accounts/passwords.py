"""Passwords after the first: changed by their owner, or set anew through a link of the committee's administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts import rules, sessions
from server.accounts.reader import Reader
from server.accounts.secrets import hash_password, new_token, token_hash
from server.words import Refused, say
from tenants.transactions import platform_transaction

LINK_HOURS = 24
_ELSEWHERE = say(
    "Tài khoản này còn có vai trò ở nơi khác, không đặt lại mật khẩu từ đây được. Xin báo quản trị tỉnh."
)


async def change(*, old: str, new: str, by: Reader, address: str, device: str) -> str:
    """Give one's account a new password and end all its sessions; a new session's token.

    Raises Refused(old=…, password=…); wrong old passwords slow down as wrong log-ins do.
    """
    async with platform_transaction(read_only=True):
        account = await one("SELECT login, name FROM platform.account WHERE id = $1", by.account_id)
    assert account is not None
    reason = rules.why_not_password(new, account["login"], account["name"])
    if reason is None and new == old:
        reason = say("Mật khẩu mới phải khác mật khẩu đang dùng.")
    if reason is not None:
        raise Refused(password=reason)
    await sessions.recognise(
        account["login"], old, address=address, field="old", wrong=say("Mật khẩu đang dùng không đúng.")
    )
    hashed = await hash_password(new)
    async with platform_transaction():
        return await _replace(by.account_id, hashed, device)


async def _replace(account: UUID, hashed: str, device: str) -> str:
    await sql(
        "UPDATE platform.account SET password_hash = $2, must_change = false WHERE id = $1", account, hashed
    )
    await sql("DELETE FROM platform.password_link WHERE account = $1 AND used_at IS NULL", account)
    await sessions.end_all(account)
    return await sessions.start(account, device=device)


@dataclass(frozen=True)
class IssuedLink:
    """A link's token, and whose password it sets."""

    token: str
    account: UUID
    name: str


async def issue_link(committee: UUID, grant: UUID, *, by: Reader) -> IssuedLink | None:
    """A link that sets a forgotten password, once; None without such a role here. An earlier link dies, and until
    the link is used the account can do nothing but change its password.

    Raises Refused(grant=…) for oneself and for an account that has a role in another place too.
    """
    async with platform_transaction():
        row = await one(
            """SELECT a.id, a.name, EXISTS (SELECT FROM platform.account_grant e WHERE e.account = a.id
                AND e.revoked_at IS NULL AND e.committee IS DISTINCT FROM $2) AS elsewhere
            FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
            WHERE g.id = $1 AND g.committee = $2 AND g.revoked_at IS NULL AND g.role <> 'support'
            FOR UPDATE OF a""",
            grant, committee,
        )  # fmt: skip
        if row is None:
            return None
        if row["id"] == by.account_id:
            raise Refused(grant=say("Muốn đổi mật khẩu của chính mình, xin mở trang Tài khoản."))
        if row["elsewhere"]:
            raise Refused(grant=_ELSEWHERE)
        token = new_token()
        await sql("DELETE FROM platform.password_link WHERE account = $1 AND used_at IS NULL", row["id"])
        await sql(
            """INSERT INTO platform.password_link (token_hash, account, committee, issued_by, expires_at)
            VALUES ($1, $2, $3, $4, now() + $5)""",
            token_hash(token), row["id"], committee, by.account_id, timedelta(hours=LINK_HOURS),
        )  # fmt: skip
        await sql("UPDATE platform.account SET must_change = true WHERE id = $1", row["id"])
        return IssuedLink(token, row["id"], row["name"])


# Who issued it is an administrator still, and the account has its role there still and none in another place.
_OPEN = """SELECT a.id, a.login, a.name FROM platform.password_link l JOIN platform.account a ON a.id = l.account
WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > now() AND a.disabled_at IS NULL
AND EXISTS (SELECT FROM platform.account_grant i WHERE i.account = l.issued_by AND i.committee = l.committee
    AND i.role = 'committee_administrator' AND i.revoked_at IS NULL)
AND EXISTS (SELECT FROM platform.account_grant g WHERE g.account = a.id AND g.committee = l.committee
    AND g.revoked_at IS NULL)
AND NOT EXISTS (SELECT FROM platform.account_grant e WHERE e.account = a.id AND e.revoked_at IS NULL
    AND e.committee IS DISTINCT FROM l.committee)"""
_OPEN_LOCKED = f"{_OPEN} FOR UPDATE OF l, a"


async def open_link(token: str) -> Record | None:
    """The account (id, login, name) behind a link while the link can be used, else None."""
    async with platform_transaction(read_only=True):
        return await one(_OPEN, token_hash(token))


async def use_link(token: str, password: str, *, device: str) -> str | None:
    """Set a new password through a link, end all sessions and log in: the session's token; None if the link can't be
    used (any more). Raises Refused(password=…).
    """
    found = await open_link(token)
    if found is None:
        return None
    if reason := rules.why_not_password(password, found["login"], found["name"]):
        raise Refused(password=reason)
    hashed = await hash_password(password)
    async with platform_transaction():
        account = await one(_OPEN_LOCKED, token_hash(token))
        if account is None:
            return None
        await sql(
            "UPDATE platform.password_link SET used_at = now() WHERE token_hash = $1", token_hash(token)
        )
        return await _replace(account["id"], hashed, device)
