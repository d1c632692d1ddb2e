"""Passwords after the first: changed by their owner, or through a link of the administrator. Phone numbers as names."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from infra.postgres import sql
from server.accounts import actions, passwords, sessions
from server.accounts.queries import people_of
from server.accounts.reader import Reader
from server.accounts.rules import FREE_FAILURES, tidy_login
from server.accounts.secrets import csrf_token, token_hash
from server.words import Refused
from tenants.transactions import platform_transaction
from tests.accounts.people import ADDRESS, PASSWORD, give, hashed, later, new_account
from tests.cast import Cast

NEW = "lúa chín vàng đồng"


async def session_of(account: UUID) -> str:
    async with platform_transaction():
        return await sessions.start(account, device="Điện thoại")


async def reader_of(token: str | None) -> Reader | None:
    return (await sessions.visit(token, None)).reader


async def change(account: UUID, old: str = PASSWORD, new: str = NEW) -> str:
    return await passwords.change(old=old, new=new, by=Reader(account, "Hòa"), address=ADDRESS, device="Máy")


async def forgetful(cast: Cast) -> tuple[UUID, str, UUID, Reader]:
    """Somebody with a role in Pleiku (account, log-in name, grant) and an administrator there."""
    (account, login), (other, _) = await new_account(), await new_account("Quản trị")
    await give(account, cast.pleiku.id)
    await give(other, cast.pleiku.id, "committee_administrator")
    people = await people_of(cast.pleiku.id)
    grant = next(p["grant"] for p in people if p["account"] == account)
    return account, login, grant, Reader(other, "Quản trị")


@pytest.mark.parametrize(
    "typed",
    ["0900055264", "+84 900 055 264", "0900.055.264", "84900055264", " 0900-055-264 ", "+84 0900 055 264"],
)
def test_a_phone_number_is_one_name_in_all_its_spellings(typed: str) -> None:
    assert tidy_login(typed) == "0900055264"


@pytest.mark.parametrize("typed", ["hoa.0900", "a-b", "0900_055", "hoa@pleiku.vn", "+", "８４900055264"])
def test_other_names_stay_as_they_are(typed: str) -> None:
    assert tidy_login(typed) == typed


async def test_who_gave_a_phone_number_in_one_spelling_logs_in_with_another(cast: Cast) -> None:
    number = str(uuid4().int)[:9]
    async with platform_transaction():
        account = await actions.add_account(name="Hòa", login=f"+84 {number}", password_hash=hashed())

    session = await sessions.log_in(
        f"0{number[:3]}.{number[3:]}", PASSWORD, address=ADDRESS, device="Điện thoại"
    )

    found = await reader_of(session)
    assert found is not None
    assert found.account_id == account


async def test_a_new_password_ends_every_session_and_begins_another(cast: Cast) -> None:
    account, login = await new_account()
    old = [await session_of(account) for _ in range(2)]
    async with platform_transaction():
        await sql("UPDATE platform.account SET must_change = true WHERE id = $1", account)
    before = await reader_of(old[0])

    session = await change(account)

    after = await reader_of(session)
    assert before is not None
    assert after is not None
    assert (before.must_change, after.must_change) == (True, False)
    assert [await reader_of(token) for token in old] == [None, None]
    assert await sessions.log_in(login, NEW, address=ADDRESS, device="")
    with pytest.raises(Refused):
        await sessions.log_in(login, PASSWORD, address=ADDRESS, device="")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("sai rồi", NEW, "old"), (PASSWORD, "ngắn", "password"), (PASSWORD, "12345678", "password"),
     (PASSWORD, PASSWORD, "password")],
)  # fmt: skip
async def test_what_is_wrong_with_a_new_password_is_told_at_its_field(
    cast: Cast, old: str, new: str, field: str
) -> None:
    account, _ = await new_account()
    session = await session_of(account)

    with pytest.raises(Refused) as refusal:
        await change(account, old, new)

    assert list(refusal.value.reasons) == [field]
    assert await reader_of(session) is not None


async def test_guessing_the_old_password_slows_down_like_log_ins(cast: Cast) -> None:
    account, _ = await new_account()
    for _ in range(FREE_FAILURES):
        with pytest.raises(Refused):
            await change(account, "sai rồi")

    with pytest.raises(Refused) as refusal:
        await change(account)

    assert "chờ" in str(refusal.value.reasons["old"])


async def test_logging_out_everywhere_ends_both_sessions_and_nobody_elses(cast: Cast) -> None:
    (account, _), (other, _) = await new_account(), await new_account()
    tokens = [await session_of(account), await session_of(account)]
    others = await session_of(other)

    await sessions.log_out_everywhere(account)

    assert [await reader_of(token) for token in tokens] == [None, None]
    assert await reader_of(others) is not None


async def test_a_link_sets_a_forgotten_password_once(cast: Cast) -> None:
    account, login, grant, administrator = await forgetful(cast)
    lost = await session_of(account)
    issued = await passwords.issue_link(cast.pleiku.id, grant, by=administrator)
    assert issued is not None
    waiting = await reader_of(lost)

    ends = await asyncio.gather(*(passwords.use_link(issued.token, NEW, device="") for _ in range(2)))

    found = await reader_of(next(end for end in ends if end))
    assert waiting is not None
    assert found is not None
    assert waiting.must_change
    assert (found.account_id, found.must_change) == (account, False)
    assert [end is None for end in ends].count(True) == 1
    assert await reader_of(lost) is None
    assert await passwords.open_link(issued.token) is None
    assert await sessions.log_in(login, NEW, address=ADDRESS, device="")


@pytest.mark.parametrize("end", ["expired", "second", "administrator", "elsewhere", "changed"])
async def test_a_link_dies_in_time_and_with_what_it_rested_on(cast: Cast, end: str) -> None:
    account, _, grant, administrator = await forgetful(cast)
    issued = await passwords.issue_link(cast.pleiku.id, grant, by=administrator)
    assert issued is not None
    assert await passwords.open_link(issued.token) is not None

    match end:
        case "expired":
            await later(
                "password_link", "expires_at", "25 hours", "token_hash = $1", token_hash(issued.token)
            )
        case "second":
            await passwords.issue_link(cast.pleiku.id, grant, by=administrator)
        case "administrator":
            people = await people_of(cast.pleiku.id)
            own = next(p["grant"] for p in people if p["account"] == administrator.account_id)
            await actions.take_away(cast.pleiku.id, own, by=cast.office)
        case "elsewhere":
            await give(account, cast.neighbour.id)
        case "changed":
            await change(account)

    assert await passwords.open_link(issued.token) is None
    assert await passwords.use_link(issued.token, NEW, device="") is None


async def test_nobody_resets_who_works_elsewhere_too_nor_oneself_nor_the_neighbours(cast: Cast) -> None:
    account, _, grant, administrator = await forgetful(cast)
    people = await people_of(cast.pleiku.id)
    own = next(p["grant"] for p in people if p["account"] == administrator.account_id)

    assert await passwords.issue_link(cast.neighbour.id, grant, by=administrator) is None
    await give(account, cast.neighbour.id)
    for refused in (grant, own):
        with pytest.raises(Refused):
            await passwords.issue_link(cast.pleiku.id, refused, by=administrator)

    async with platform_transaction(read_only=True):
        links = await sql("SELECT FROM platform.password_link WHERE account = $1", account)
    assert not links


def test_each_session_has_a_form_token_of_its_own() -> None:
    assert len(csrf_token("a")) == 22
    assert csrf_token("a") != csrf_token("b")
