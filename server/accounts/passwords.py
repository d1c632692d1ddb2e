"""Passwords after the first: changed by their owner, or set anew through a link. An administrator of the committee
makes it, of the province for the province's people, and the operator for anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts import rules, sessions
from server.accounts.reader import Reader
from server.accounts.secrets import hash_password, new_token, token_hash
from server.words import Refused, Say, say
from tenants.transactions import platform_transaction

LINK_HOURS = 24
_ELSEWHERE = say(
    "Tài khoản này còn có vai trò ở nơi khác, không đặt lại mật khẩu từ đây được. Xin báo quản trị tỉnh."
)
_ELSEWHERE_THAN_PROVINCE = say("Người này còn làm việc cho nơi khác. Xin báo người vận hành hệ thống.")
_ONESELF = say("Muốn đổi mật khẩu của chính mình, xin mở trang Tài khoản.")


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


# A role that counts: leave to look ends by itself.
_LIVE = "e.revoked_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > now())"


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
            f"""SELECT a.id, a.name, EXISTS (SELECT FROM platform.account_grant e WHERE e.account = a.id AND {_LIVE}
                AND e.committee IS DISTINCT FROM $2) AS elsewhere
            FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
            WHERE g.id = $1 AND g.committee = $2 AND g.revoked_at IS NULL AND g.role <> 'support'
            FOR UPDATE OF a""",
            grant, committee,
        )  # fmt: skip
        return await _issue(row, _ELSEWHERE, by=by, committee=committee)


async def issue_province_link(province: UUID, grant: UUID, *, by: Reader) -> IssuedLink | None:
    """The same for somebody of a province. Needs a platform transaction in which ``by`` was seen to administer it.

    Raises Refused(grant=…) for oneself and for an account that has a role outside the province too.
    """
    row = await one(
        f"""SELECT a.id, a.name, EXISTS (SELECT FROM platform.account_grant e WHERE e.account = a.id AND {_LIVE}
            AND e.province IS DISTINCT FROM $2) AS elsewhere
        FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
        WHERE g.id = $1 AND g.province = $2 AND g.revoked_at IS NULL FOR UPDATE OF a""",
        grant, province,
    )  # fmt: skip
    return await _issue(row, _ELSEWHERE_THAN_PROVINCE, by=by, province=province)


async def _issue(
    found: Record | None,
    elsewhere: Say,
    *,
    by: Reader,
    committee: UUID | None = None,
    province: UUID | None = None,
) -> IssuedLink | None:
    if found is None:
        return None
    if found["id"] == by.account_id:
        raise Refused(grant=_ONESELF)
    if found["elsewhere"]:
        raise Refused(grant=elsewhere)
    token = await _write(found["id"], committee=committee, province=province, by=by)
    return IssuedLink(token, found["id"], found["name"])


async def issue_operator_link(login: str) -> IssuedLink | None:
    """The same from the operator's hand, for whichever account; None where none has that name. Needs a platform
    transaction.
    """
    row = await one(
        """SELECT id, name FROM platform.account WHERE lower(login) = $1 AND disabled_at IS NULL FOR UPDATE""",
        rules.tidy_login(login),
    )
    return IssuedLink(await _write(row["id"]), row["id"], row["name"]) if row else None


async def _write(
    account: UUID, *, committee: UUID | None = None, province: UUID | None = None, by: Reader | None = None
) -> str:
    token = new_token()
    await sql("DELETE FROM platform.password_link WHERE account = $1 AND used_at IS NULL", account)
    await sql(
        """INSERT INTO platform.password_link (token_hash, account, committee, province, issued_by, expires_at)
        VALUES ($1, $2, $3, $4, $5, now() + $6)""",
        token_hash(token), account, committee, province, by and by.account_id, timedelta(hours=LINK_HOURS),
    )  # fmt: skip
    await sql("UPDATE platform.account SET must_change = true WHERE id = $1", account)
    return token


# Who issued it is an administrator still, and the account has its role there still and none in another place. Whom the
# operator helps may have roles in several.
_OPEN = f"""SELECT a.id, a.login, a.name FROM platform.password_link l JOIN platform.account a ON a.id = l.account
WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > now() AND a.disabled_at IS NULL AND (
    l.issued_by IS NULL OR EXISTS (SELECT FROM platform.account_grant i
        WHERE i.account = l.issued_by AND i.revoked_at IS NULL AND CASE WHEN l.province IS NULL
            THEN i.committee = l.committee AND i.role = 'committee_administrator'
            ELSE i.province = l.province AND i.role = 'province_administrator' END)
    AND EXISTS (SELECT FROM platform.account_grant g WHERE g.account = a.id AND g.revoked_at IS NULL
        AND (g.committee = l.committee OR g.province = l.province))
    AND NOT EXISTS (SELECT FROM platform.account_grant e WHERE e.account = a.id AND {_LIVE}
        AND (e.committee, e.province) IS DISTINCT FROM (l.committee, l.province)))"""
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
