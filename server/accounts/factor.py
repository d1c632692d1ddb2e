"""The second factor: a code that a person's phone makes anew every half minute, and codes on paper for a lost phone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from pyotp import TOTP, random_base32

from infra.postgres import Record, one, sql
from server import clock
from server.accounts import rules, sessions
from server.accounts.reader import Reader
from server.accounts.secrets import seal, token_hash, unsealed
from server.province.log import record_of_account
from server.words import Refused, say
from tenants.transactions import platform_transaction

ISSUER = "Nen Nep"
_WRONG = say("Mã không đúng hoặc đã dùng rồi. Xin chờ điện thoại hiện mã mới rồi nhập lại.")


@dataclass(frozen=True)
class Standing:
    """Whether an account has a confirmed second factor, and how many recovery codes are left."""

    confirmed: bool
    codes_left: int


async def standing(account: UUID) -> Standing:
    """How the second factor of an account stands."""
    async with platform_transaction(read_only=True):
        row = await one(
            """SELECT EXISTS (SELECT FROM platform.second_factor WHERE account = $1 AND confirmed_at IS NOT NULL),
                (SELECT count(*)::int FROM platform.recovery_code WHERE account = $1 AND used_at IS NULL)""",
            account,
        )
    assert row is not None
    return Standing(*row)


@dataclass(frozen=True)
class Offer:
    """A secret that waits for its first code: as a person types it, and as an address that a phone reads."""

    secret: str
    address: str


async def begin(by: Reader) -> Offer | None:
    """The secret for a new second factor, the same until it is confirmed; None where there is a confirmed one."""
    async with platform_transaction():
        row = await one(
            """INSERT INTO platform.second_factor (account, sealed) VALUES ($1, $2)
            ON CONFLICT (account) DO UPDATE SET account = EXCLUDED.account
            RETURNING sealed, confirmed_at, (SELECT login FROM platform.account WHERE id = $1) AS login""",
            by.account_id, seal(random_base32(), by.account_id),
        )  # fmt: skip
        assert row is not None
        if row["confirmed_at"] is not None:
            return None
        secret = unsealed(row["sealed"], by.account_id)
        if secret is None:  # sealed with an earlier key, and never confirmed
            secret = random_base32()
            await sql(
                "UPDATE platform.second_factor SET sealed = $2 WHERE account = $1 AND confirmed_at IS NULL",
                by.account_id, seal(secret, by.account_id),
            )  # fmt: skip
    address = TOTP(secret).provisioning_uri(name=row["login"], issuer_name=ISSUER)
    return Offer(secret, address)


async def is_fresh(token: str) -> bool:
    """Whether a session began so recently that its person need not say the password again."""
    async with platform_transaction(read_only=True):
        found = await sql(
            "SELECT 1 FROM platform.session WHERE token_hash = $1 AND created_at > now() - $2::interval",
            token_hash(token), rules.FRESH,
        )  # fmt: skip
    return bool(found)


async def confirm(
    code: str, *, password: str, token: str, by: Reader, address: str, device: str
) -> tuple[str, list[str]]:
    """Confirm a new second factor by its first code: a new session's token, and the recovery codes, told this once.

    All other sessions end. Raises Refused(code=…, password=…): the password is asked unless the session is fresh.
    """
    if not await is_fresh(token):
        await _check_password(password, by, address)
    at = await _count(by.account_id, address)
    async with platform_transaction():
        row = await _locked(by.account_id)
        if row is None or row["confirmed_at"] is not None:
            raise Refused(code=say("Xin mở lại trang này rồi làm lại từ đầu."))
        await _take_step(row, rules.tidy_code(code))
        await sql("UPDATE platform.second_factor SET confirmed_at = now() WHERE account = $1", by.account_id)
        codes = await _new_codes(by.account_id)
        await record_of_account(by.account_id, by, "factor_confirmed")
        await sql("DELETE FROM platform.session WHERE account = $1", by.account_id)
        await _forget_failures(by.account_id, address, at)
        return await sessions.start(by.account_id, device=device, factor=True), codes


async def _check_password(password: str, by: Reader, address: str) -> None:
    async with platform_transaction(read_only=True):
        account = await one("SELECT login FROM platform.account WHERE id = $1", by.account_id)
    assert account is not None
    await sessions.recognise(
        account["login"], password, address=address, field="password", wrong=say("Mật khẩu không đúng.")
    )


async def pass_on(token: str, code: str, *, address: str, device: str) -> str | None:
    """Give the code that a log-in waits for: the token of a new session, which takes the waiting one's place; None
    where no log-in waits (any more). Raises Refused(code=…), with a wait that grows as for wrong passwords.
    """
    async with platform_transaction(read_only=True):
        row = await one(
            """SELECT s.account, a.name FROM platform.session s JOIN platform.account a ON a.id = s.account
            WHERE s.token_hash = $1 AND s.awaits_factor AND s.expires_at > now() AND a.disabled_at IS NULL""",
            token_hash(token),
        )
    if row is None:
        return None
    by = Reader(row["account"], row["name"])
    at = await _count(by.account_id, address)
    async with platform_transaction():
        await _check(code, by)
        await _forget_failures(by.account_id, address, at)
        gone = await sql(
            "DELETE FROM platform.session WHERE token_hash = $1 AND awaits_factor RETURNING 1",
            token_hash(token),
        )
        return await sessions.start(by.account_id, device=device, factor=True) if gone else None


async def renew_codes(code: str, *, by: Reader, address: str) -> list[str]:
    """New recovery codes in the place of all earlier ones. Raises Refused(code=…)."""
    at = await _count(by.account_id, address)
    async with platform_transaction():
        await _check(code, by)
        await _forget_failures(by.account_id, address, at)
        await record_of_account(by.account_id, by, "recovery_codes_renewed")
        return await _new_codes(by.account_id)


async def remove(code: str, *, by: Reader, address: str) -> None:
    """Take one's own second factor away, to set up another: with a code of it. Raises Refused(code=…)."""
    at = await _count(by.account_id, address)
    async with platform_transaction():
        await _check(code, by)
        await _forget_failures(by.account_id, address, at)
        await forget(by.account_id)
        await record_of_account(by.account_id, by, "factor_removed")


async def forget(account: UUID) -> bool:
    """Take a second factor and its recovery codes away; False where there was none. Needs a platform transaction."""
    await sql("DELETE FROM platform.recovery_code WHERE account = $1", account)
    return bool(await sql("DELETE FROM platform.second_factor WHERE account = $1 RETURNING 1", account))


async def reset(account: UUID) -> bool:
    """Take a second factor away from who has lost the phone and the paper, and log them out everywhere; False where
    there was none. Needs a platform transaction, in which the caller writes down who did it.
    """
    had = await forget(account)
    await sessions.end_all(account)
    return had


async def _count(account: UUID, address: str) -> datetime:
    # In a transaction of its own: what is refused afterwards stays counted.
    async with platform_transaction():
        return await sessions.count_attempt([f"address:{address}"[:200], f"factor:{account}"], "code")


async def _forget_failures(account: UUID, address: str, at: datetime) -> None:
    # Of the address this one alone: it is shared, and codes that fit are no failures of anybody's.
    await sql(
        "DELETE FROM platform.login_failure WHERE subject = $1 OR (subject = $2 AND at = $3)",
        f"factor:{account}", f"address:{address}"[:200], at,
    )  # fmt: skip


async def _locked(account: UUID) -> Record | None:
    return await one(
        "SELECT account, sealed, confirmed_at, last_step FROM platform.second_factor WHERE account = $1 FOR UPDATE",
        account,
    )


async def _check(code: str, by: Reader) -> None:
    """Use a code of the phone or of the paper up. Raises Refused(code=…)."""
    row, tidy = await _locked(by.account_id), rules.tidy_code(code)
    if row is None or row["confirmed_at"] is None:
        raise Refused(code=_WRONG)
    if len(tidy) == rules.RECOVERY_LENGTH:
        used = await sql(
            """UPDATE platform.recovery_code SET used_at = now()
            WHERE account = $1 AND code_hash = $2 AND used_at IS NULL RETURNING 1""",
            by.account_id, token_hash(tidy),
        )  # fmt: skip
        if not used:
            raise Refused(code=say("Mã dự phòng này không đúng hoặc đã dùng rồi."))
        await record_of_account(by.account_id, by, "recovery_code_used")
        return
    await _take_step(row, tidy)


async def _take_step(row: Record, code: str) -> None:
    """The step of a code, which is used up with all before it. Raises Refused(code=…)."""
    secret = unsealed(row["sealed"], row["account"])
    if secret is None:
        raise Refused(
            code=say(
                "Máy chủ đã đổi khóa nên không kiểm tra được mã. Xin dùng mã dự phòng hoặc báo người quản trị."
            )
        )
    now = int(clock.now().timestamp()) // rules.STEP_SECONDS
    made = TOTP(secret, digits=rules.CODE_DIGITS, interval=rules.STEP_SECONDS)
    around = range(now - rules.STEPS_BESIDE, now + rules.STEPS_BESIDE + 1)
    fits = [step for step in around if compare_digest(made.generate_otp(step).encode(), code.encode())]
    step = max(fits, default=0)
    if step <= row["last_step"]:
        raise Refused(code=_WRONG)
    await sql("UPDATE platform.second_factor SET last_step = $2 WHERE account = $1", row["account"], step)


async def _new_codes(account: UUID) -> list[str]:
    codes = [
        "".join(secrets.choice(rules.RECOVERY_SIGNS) for _ in range(rules.RECOVERY_LENGTH))
        for _ in range(rules.RECOVERY_CODES)
    ]
    await sql("DELETE FROM platform.recovery_code WHERE account = $1", account)
    await sql(
        "INSERT INTO platform.recovery_code (account, code_hash) SELECT $1, unnest($2::bytea[])",
        account, [token_hash(code) for code in codes],
    )  # fmt: skip
    return [rules.shown_code(code) for code in codes]
