"""Bí thư Hòa logs in; whoever guesses learns nothing and waits longer and longer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded import Servers
from infra.postgres import one, sql
from server.accounts import rules, sessions
from server.accounts.secrets import hash_password, password_fits, token_hash
from server.words import Refused
from tenants.transactions import platform_transaction
from tests.accounts.people import PASSWORD, later, new_account

WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


@pytest.fixture(autouse=True)
def _database(database: Servers) -> None:
    """Every test here needs it."""


def log_in(login: str, password: str = PASSWORD, address: str = "") -> Awaitable[str]:
    return sessions.log_in(login, password, address=address or uuid4().hex, device="Điện thoại")


async def answer(attempt: Awaitable[str]) -> str:
    """What the person at the keyboard is told."""
    with pytest.raises(Refused) as refusal:
        await attempt
    assert list(refusal.value.reasons) == ["login"]
    return str(refusal.value)


async def failures_of(login: str) -> int:
    async with platform_transaction(read_only=True):
        return len(await sql("SELECT FROM platform.login_failure WHERE subject = $1", f"login:{login}"))


async def test_hoa_logs_in_and_is_known_by_the_token(database: Servers) -> None:
    account, login = await new_account("Bí thư Hòa")

    token = await log_in(f"  {login.upper()} ")

    visit = await sessions.visit(token, None)
    assert visit.reader is not None
    assert (visit.reader.account_id, visit.reader.name, visit.reader.grants) == (account, "Bí thư Hòa", ())
    assert visit.committee is None


async def test_every_log_in_has_a_token_of_its_own_and_only_its_hash_is_kept() -> None:
    account, login = await new_account()

    tokens = [await log_in(login) for _ in range(3)]

    assert len(set(tokens)) == 3
    assert all(len(token) >= 43 for token in tokens)
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT s::text AS row, token_hash FROM platform.session s WHERE account = $1", account
        )
        row = await one("SELECT password_hash FROM platform.account WHERE id = $1", account)
    assert {r["token_hash"] for r in rows} == {token_hash(token) for token in tokens}
    assert not any(token in r["row"] or token.encode().hex() in r["row"] for token in tokens for r in rows)
    assert row is not None
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_wrong_unknown_and_disabled_are_told_the_same_words() -> None:
    _, wrong = await new_account()
    disabled_id, disabled = await new_account()
    async with platform_transaction():
        await sql("UPDATE platform.account SET disabled_at = now() WHERE id = $1", disabled_id)

    for login, password in (
        (wrong, "sai mật khẩu"), (wrong, ""), (wrong, PASSWORD + "\0"), (wrong, PASSWORD.upper()),
        ("nobody-" + uuid4().hex, PASSWORD), (disabled, PASSWORD), ("", ""), ("a\0b", PASSWORD),
        ("đ" * 500, "x" * 5000),
    ):  # fmt: skip
        assert await answer(log_in(login, password)) == WRONG


async def test_passwords_of_any_letters_fit_only_themselves() -> None:
    hashed = await hash_password("Mật khẩu của Hòa 5")

    assert await password_fits("Mật khẩu của Hòa 5", hashed)
    assert not await password_fits("mật khẩu của hòa 5", hashed)
    assert not await password_fits("Mật khẩu của Hòa 5", None)
    assert not await password_fits("Mật khẩu của Hòa 5", "not a hash")


@given(st.integers(0, 10_000))
def test_waits_grow_and_have_an_end(failures: int) -> None:
    wait = rules.seconds_to_wait(failures)

    assert 0 <= wait <= rules.seconds_to_wait(failures + 1) <= rules.LONGEST_WAIT
    assert (wait == 0) == (failures < rules.FREE_FAILURES)
    assert rules.seconds_to_wait(failures, "address:x") <= wait


async def test_who_guesses_waits_longer_and_longer_and_then_may_try_again() -> None:
    _, login = await new_account()
    for _ in range(rules.FREE_FAILURES):
        assert await answer(log_in(login, "sai")) == WRONG

    waits = []
    for _ in range(3):
        told = await answer(log_in(login))  # the right password does not shorten it
        waits.append(int("".join(c for c in told if c.isdigit())))
        await later("login_failure", "at", f"{waits[-1]} seconds", "subject = $1", f"login:{login}")
        assert await answer(log_in(login, "sai")) == WRONG
    await later("login_failure", "at", f"{rules.LONGEST_WAIT} seconds", "subject = $1", f"login:{login}")

    assert [round(wait / rules.WAIT_STEP) for wait in waits] == [1, 2, 3]
    assert await log_in(login)
    assert await failures_of(login) == 0


async def test_failures_of_an_hour_ago_no_longer_count() -> None:
    _, login = await new_account()
    for _ in range(rules.FREE_FAILURES):
        await answer(log_in(login, "sai"))
    await later("login_failure", "at", "1 hour", "subject = $1", f"login:{login}")

    assert await log_in(login)


async def test_guesses_that_come_all_at_once_wait_like_those_one_by_one() -> None:
    _, login = await new_account()

    told = await asyncio.gather(*(answer(log_in(login, f"sai {n}")) for n in range(20)))

    assert told.count(WRONG) == rules.FREE_FAILURES
    assert await failures_of(login) == rules.FREE_FAILURES


async def test_an_address_that_tries_many_names_waits_and_another_does_not() -> None:
    _, login = await new_account()
    address = uuid4().hex
    async with platform_transaction():
        await sql(
            "INSERT INTO platform.login_failure (subject) SELECT $1 FROM generate_series(1, $2)",
            f"address:{address}", rules.FREE_FAILURES_OF_ADDRESS - 1,
        )  # fmt: skip

    assert await answer(log_in("nobody-" + uuid4().hex, "sai", address)) == WRONG
    assert "Xin chờ" in await answer(log_in(login, address=address))
    assert await log_in(login)


async def test_an_office_behind_one_address_is_not_kept_waiting_by_its_own_log_ins() -> None:
    address, logins = uuid4().hex, [(await new_account())[1] for _ in range(8)]

    tokens = await asyncio.gather(*(log_in(login, address=address) for login in logins))

    assert len(set(tokens)) == 8
    async with platform_transaction(read_only=True):
        assert await sql("SELECT FROM platform.login_failure WHERE subject = $1", f"address:{address}") == []


@pytest.mark.parametrize(
    ("column", "interval"), [("expires_at", "15 days"), ("seen_at", f"{rules.IDLE.days} days 1 second")]
)
async def test_a_session_ends_by_its_date_and_by_not_being_used(column: str, interval: str) -> None:
    account, login = await new_account()
    token = await log_in(login)
    await later("session", column, interval, "account = $1", account)

    assert (await sessions.visit(token, None)).reader is None
    assert await sessions.forget_old() >= 1
    async with platform_transaction(read_only=True):
        assert await sql("SELECT FROM platform.session WHERE account = $1", account) == []


async def test_a_session_in_use_stays_awake() -> None:
    account, login = await new_account()
    token = await log_in(login)
    await later("session", "seen_at", "6 days", "account = $1", account)

    assert (await sessions.visit(token, None)).reader is not None

    async with platform_transaction(read_only=True):
        row = await one(
            "SELECT now() - seen_at < interval '1 minute' AS awake FROM platform.session WHERE account = $1",
            account,
        )
    assert row is not None
    assert row["awake"]
    assert await sessions.forget_old() >= 0
    assert (await sessions.visit(token, None)).reader is not None


async def test_a_disabled_account_sees_nothing_from_the_next_request_on() -> None:
    account, login = await new_account()
    token = await log_in(login)
    async with platform_transaction():
        await sql("UPDATE platform.account SET disabled_at = now() WHERE id = $1", account)

    assert (await sessions.visit(token, None)).reader is None


async def test_who_logs_out_is_out_on_that_device_only() -> None:
    _, login = await new_account()
    phone, tablet = await log_in(login), await log_in(login)

    await sessions.log_out(phone)
    await sessions.log_out(phone)

    assert (await sessions.visit(phone, None)).reader is None
    assert (await sessions.visit(tablet, None)).reader is not None


@pytest.mark.parametrize("token", [None, "", "x", "a" * 10_000, "\0", "đ"])
async def test_nobody_is_known_by_a_made_up_token(token: str | None) -> None:
    assert (await sessions.visit(token, None)).reader is None
