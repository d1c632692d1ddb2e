"""A code of the phone beside the password: it opens once, guesses wait, a lost phone is helped, a thief is not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from pyotp import TOTP

from infra.embedded import Servers
from infra.postgres import sql
from infra.settings import settings
from server import clock
from server.accounts import actions, factor, passwords, rules, secrets, sessions
from server.accounts.reader import Reader
from server.accounts.secrets import seal, unsealed
from server.words import Refused
from tenants.transactions import platform_transaction
from tests.accounts.people import PASSWORD, give, later, new_account
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _database(database: Servers) -> None:
    """Every test here needs it."""


class Phone:
    """A person with an account and, once enrolled, a phone that makes codes."""

    def __init__(self, account: UUID, login: str) -> None:
        self.by, self.login = Reader(account, "Bí thư Hòa"), login
        self.secret, self.codes, self.token = "", [], ""

    def code(self, steps: int = 0) -> str:
        """The code of this half minute, or of one some steps from it."""
        return TOTP(self.secret).at(clock.now() + timedelta(seconds=30 * steps))

    async def begin_log_in(self) -> str:
        return await sessions.log_in(self.login, PASSWORD, address=uuid4().hex, device="Điện thoại")

    async def give(self, token: str, code: str, address: str = "") -> str | None:
        return await factor.pass_on(token, code, address=address or uuid4().hex, device="Điện thoại")


async def enrolled() -> Phone:
    """Somebody who has set a second factor up, long ago: no code of the present is used up."""
    phone = Phone(*await new_account())
    first = await phone.begin_log_in()
    offer = await factor.begin(phone.by)
    assert offer is not None
    phone.secret = offer.secret
    phone.token, phone.codes = await factor.confirm(
        phone.code(), password="", token=first, by=phone.by, address=uuid4().hex, device="Điện thoại"
    )
    await long_ago(account=phone.by.account_id)
    return phone


async def long_ago(account: UUID) -> None:
    """Make the last code that was used one of long ago."""
    async with platform_transaction():
        await sql("UPDATE platform.second_factor SET last_step = 0 WHERE account = $1", account)


async def is_in(token: str | None) -> bool:
    assert token is not None
    return (await sessions.visit(token, None)).reader is not None


async def test_the_password_alone_opens_nothing_and_the_code_opens_with_a_new_token() -> None:
    phone = await enrolled()

    waiting = await phone.begin_log_in()
    visit = await sessions.visit(waiting, None)
    token = await phone.give(waiting, phone.code())

    assert (visit.reader, visit.awaits_factor) == (None, True)
    assert await is_in(token)
    assert token != waiting
    assert await sessions.visit(waiting, None) == sessions.Visit(None, None)
    assert await phone.give(waiting, phone.code(1)) is None


async def test_a_code_opens_once_and_none_before_it_any_more() -> None:
    phone = await enrolled()
    await phone.give(await phone.begin_log_in(), phone.code(1))

    for code in (phone.code(1), phone.code(), phone.code(-1)):
        with pytest.raises(Refused, match="đã dùng"):
            await phone.give(await phone.begin_log_in(), code)


async def test_a_code_that_comes_twice_at_once_opens_one_door() -> None:
    phone = await enrolled()
    waiting = [await phone.begin_log_in() for _ in range(4)]

    answers = await asyncio.gather(
        *(phone.give(token, phone.code()) for token in waiting), return_exceptions=True
    )

    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 3


@pytest.mark.parametrize("steps", [-3, 3, 40])
async def test_a_code_of_another_time_is_none(steps: int) -> None:
    phone = await enrolled()

    with pytest.raises(Refused):
        await phone.give(await phone.begin_log_in(), phone.code(steps))


async def test_a_guesser_with_the_password_waits_wherever_he_comes_from() -> None:
    phone = await enrolled()
    waiting = await phone.begin_log_in()
    for _ in range(rules.FREE_FAILURES):
        with pytest.raises(Refused, match="không đúng"):
            await phone.give(waiting, "000000")

    with pytest.raises(Refused, match="Xin chờ"):
        await phone.give(waiting, phone.code())
    with pytest.raises(Refused, match="Xin chờ"):
        await phone.give(await phone.begin_log_in(), phone.code())

    await later("login_failure", "at", "16 minutes", "subject = $1", f"factor:{phone.by.account_id}")
    assert await is_in(await phone.give(waiting, phone.code()))


async def test_codes_that_fit_count_against_nobody_at_the_same_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "FREE_FAILURES_OF_ADDRESS", 1)
    address = uuid4().hex
    for _ in range(3):
        phone = await enrolled()

        assert await is_in(await phone.give(await phone.begin_log_in(), phone.code(), address))


async def test_a_log_in_waits_ten_minutes_for_its_code() -> None:
    phone = await enrolled()
    waiting = await phone.begin_log_in()

    await later("session", "expires_at", "10 minutes", "account = $1 AND awaits_factor", phone.by.account_id)

    assert await phone.give(waiting, phone.code()) is None
    assert await sessions.visit(waiting, None) == sessions.Visit(None, None)


async def test_a_recovery_code_opens_once_in_any_spelling_and_another_after_it() -> None:
    phone = await enrolled()
    first, second = phone.codes[:2]

    assert await is_in(await phone.give(await phone.begin_log_in(), f" {first.upper()} "))
    with pytest.raises(Refused, match="đã dùng"):
        await phone.give(await phone.begin_log_in(), first)
    assert await is_in(await phone.give(await phone.begin_log_in(), second.replace("-", "")))
    assert await factor.standing(phone.by.account_id) == factor.Standing(True, rules.RECOVERY_CODES - 2)


async def test_recovery_codes_are_kept_as_hashes_and_new_ones_end_the_old() -> None:
    phone = await enrolled()
    old = phone.codes[0]

    new = await factor.renew_codes(phone.code(), by=phone.by, address=uuid4().hex)

    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT code_hash FROM platform.recovery_code WHERE account = $1", phone.by.account_id
        )
    assert len({*new}) == len(rows) == rules.RECOVERY_CODES
    assert {bytes(row["code_hash"]) for row in rows} == {
        secrets.token_hash(code.replace("-", "")) for code in new
    }
    with pytest.raises(Refused):
        await phone.give(await phone.begin_log_in(), old)


async def test_setting_up_ends_all_other_sessions_and_asks_an_old_one_for_the_password() -> None:
    phone = Phone(*await new_account())
    other, own = await phone.begin_log_in(), await phone.begin_log_in()
    offer = await factor.begin(phone.by)
    assert offer is not None
    phone.secret = offer.secret
    await later("session", "created_at", "20 minutes", "account = $1", phone.by.account_id)

    async def confirm(password: str, steps: int) -> str:
        return (
            await factor.confirm(
                phone.code(steps), password=password, token=own, by=phone.by, address=uuid4().hex, device="x"
            )
        )[0]

    with pytest.raises(Refused, match="Mật khẩu không đúng"):
        await confirm("sai", -1)
    assert not (await factor.standing(phone.by.account_id)).confirmed
    token = await confirm(PASSWORD, 0)

    assert [await is_in(one) for one in (other, own, token)] == [False, False, True]
    assert await factor.begin(phone.by) is None


async def test_the_secret_stays_the_same_until_it_is_confirmed_and_is_sealed() -> None:
    phone = Phone(*await new_account())

    first, again = await factor.begin(phone.by), await factor.begin(phone.by)

    assert first == again
    assert first is not None
    assert first.address.startswith("otpauth://totp/")
    async with platform_transaction(read_only=True):
        [row] = await sql("SELECT sealed FROM platform.second_factor WHERE account = $1", phone.by.account_id)
    assert first.secret.encode() not in bytes(row["sealed"])


async def test_what_is_sealed_opens_for_its_account_with_its_key_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = uuid4(), uuid4()
    sealed = seal("JBSWY3DPEHPK3PXP", one)

    assert unsealed(sealed, one) == "JBSWY3DPEHPK3PXP"
    assert unsealed(sealed, other) is None
    assert unsealed(sealed[:-1] + bytes([sealed[-1] ^ 1]), one) is None
    monkeypatch.setattr(secrets, "settings", lambda: replace(settings(), secret_key="B" * 43))
    assert unsealed(sealed, one) is None


async def test_with_another_key_recovery_codes_still_open_and_codes_say_why_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phone = await enrolled()
    waiting = await phone.begin_log_in()
    monkeypatch.setattr(secrets, "settings", lambda: replace(settings(), secret_key="B" * 43))

    with pytest.raises(Refused, match="đã đổi khóa"):
        await phone.give(waiting, phone.code())
    assert await is_in(await phone.give(waiting, phone.codes[0]))


async def test_whoever_sets_a_new_password_gives_the_code_again(database: Servers) -> None:
    phone = await enrolled()

    token = await passwords.change(
        old=PASSWORD, new="một câu khác hẳn", by=phone.by, address=uuid4().hex, device="x"
    )

    assert (await sessions.visit(token, None)).awaits_factor


async def test_taking_it_away_needs_a_code_and_then_the_password_is_enough() -> None:
    phone = await enrolled()
    with pytest.raises(Refused):
        await factor.remove("123", by=phone.by, address=uuid4().hex)

    await factor.remove(phone.code(), by=phone.by, address=uuid4().hex)

    assert await is_in(await phone.begin_log_in())
    assert await factor.standing(phone.by.account_id) == factor.Standing(False, 0)


async def test_where_it_is_required_the_people_of_a_province_set_it_up_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "settings", lambda: replace(settings(), second_factor="required"))
    phone, office = Phone(*await new_account()), Phone(*await new_account())
    async with platform_transaction():
        await actions.give_province(
            phone.by.account_id, cast.province, role="province_viewer", by_name="test"
        )
    await give(phone.by.account_id, cast.pleiku.id, "office")
    await give(office.by.account_id, cast.pleiku.id, "office")

    async def must(person: Phone, slug: str | None) -> bool:
        reader = (await sessions.visit(await person.begin_log_in(), slug)).reader
        assert reader is not None
        return reader.must_enrol

    assert [await must(phone, None), await must(phone, cast.pleiku.slug)] == [True, True]
    assert await must(office, cast.pleiku.slug) is False
