"""A forgotten password of somebody of the province: another administrator makes a link, and what the link rests on."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from infra.embedded import Servers
from infra.postgres import sql
from server.accounts import actions, factor, passwords, sessions
from server.accounts.reader import Grant, Reader
from server.meetings.queries import NotFound
from server.province import people
from server.words import Refused
from tenants.transactions import platform_transaction
from tests.accounts.people import PASSWORD, give, later, new_account
from tests.accounts.test_second_factor import enrolled
from tests.cast import Cast
from tests.province.test_people import grant_of, member, person, record, slug_of, town

__all__ = ("town",)

NEW = "lúa chín vàng đồng"


async def session_of(who: Reader) -> str:
    async with platform_transaction():
        return await sessions.start(who.account_id, device="x")


async def may_only_change(token: str) -> bool:
    reader = (await sessions.visit(token, None)).reader
    assert reader is not None
    return reader.must_change


@pytest.mark.parametrize("role", ["province_administrator", "province_viewer", "province_auditor"])
async def test_another_administrator_makes_a_link_that_sets_the_password_once(town: Cast, role: str) -> None:
    admin, slug, who = (
        await person(town, "province_administrator"),
        await slug_of(town),
        await person(town, role),
    )
    old = await session_of(who)

    issued = await people.reset_password(slug, await grant_of(town, who), by=admin)
    waiting = await may_only_change(old)
    ends = await asyncio.gather(*(passwords.use_link(issued.token, NEW, device="x") for _ in range(2)))

    assert (issued.account, issued.name, waiting) == (who.account_id, "Trần Thị Láng", True)
    assert [end is None for end in ends].count(True) == 1
    assert not await may_only_change(next(end for end in ends if end))
    assert (await sessions.visit(old, None)).reader is None
    assert await record(town) == [("person_password_link", "Trần Thị Láng", "")]


async def test_the_link_is_no_way_around_the_second_factor(town: Cast) -> None:
    admin, slug, phone = await person(town, "province_administrator"), await slug_of(town), await enrolled()
    await member(town, phone)

    issued = await people.reset_password(slug, await grant_of(town, phone.by), by=admin)
    session = await passwords.use_link(issued.token, NEW, device="x")

    assert session is not None
    assert (await sessions.visit(session, None)).awaits_factor
    assert (await factor.standing(phone.by.account_id)).confirmed


@pytest.mark.parametrize(
    "end", ["expired", "second", "administrator", "elsewhere", "ended", "looks", "operator"]
)
async def test_a_link_dies_in_time_and_with_what_it_rested_on(town: Cast, end: str) -> None:
    admin, slug, who = (
        await person(town, "province_administrator"),
        await slug_of(town),
        await person(town, "province_viewer"),
    )
    other = await person(town, "province_administrator")
    grant = await grant_of(town, who)
    issued = await people.reset_password(slug, grant, by=admin)
    assert await passwords.open_link(issued.token) is not None

    match end:
        case "expired":
            await later("password_link", "expires_at", "25 hours", "account = $1", who.account_id)
        case "second":
            await people.reset_password(slug, grant, by=other)
        case "administrator":
            await people.end_role(slug, await grant_of(town, admin), by=other)
        case "elsewhere":
            await give(who.account_id, town.neighbour.id)
        case "ended":
            await people.end_role(slug, grant, by=other)
        case "looks":
            await _let_look(town, who, hours=1)
        case "operator":
            async with platform_transaction():
                login = await sql("SELECT login FROM platform.account WHERE id = $1", who.account_id)
                assert await passwords.issue_operator_link(login[0]["login"]) is not None

    assert await passwords.open_link(issued.token) is None
    assert await passwords.use_link(issued.token, NEW, device="x") is None


async def test_a_look_that_is_over_is_no_role_elsewhere(town: Cast) -> None:
    admin, slug, who = (
        await person(town, "province_administrator"),
        await slug_of(town),
        await person(town, "province_viewer"),
    )
    await _let_look(town, who, hours=-1)

    issued = await people.reset_password(slug, await grant_of(town, who), by=admin)

    assert await passwords.open_link(issued.token) is not None


async def _let_look(town: Cast, who: Reader, *, hours: int) -> None:
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.account_grant (id, account, committee, role, granted_by, expires_at)
            VALUES ($1, $2, $3, 'support', 'test', now() + $4 * interval '1 hour')""",
            uuid4(), who.account_id, town.pleiku.id, hours,
        )  # fmt: skip


async def test_nobody_makes_one_for_oneself_nor_for_who_works_elsewhere_too(town: Cast) -> None:
    admin, slug, who = (
        await person(town, "province_administrator"),
        await slug_of(town),
        await person(town, "province_viewer"),
    )

    with pytest.raises(Refused, match="chính mình"):
        await people.reset_password(slug, await grant_of(town, admin), by=admin)
    async with platform_transaction():
        await actions.give_country(who.account_id, by_name="test")
    with pytest.raises(Refused, match="nơi khác"):
        await people.reset_password(slug, await grant_of(town, who), by=admin)

    async with platform_transaction(read_only=True):
        assert not await sql("SELECT FROM platform.password_link WHERE account = $1", who.account_id)


async def test_neither_another_province_nor_who_only_reads_makes_one(town: Cast, database: Servers) -> None:
    slug, who = await slug_of(town), await person(town, "province_viewer")
    grant, other = await grant_of(town, who), await Cast.assemble(database.owner_url)
    theirs = await person(other, "province_administrator")
    looking = Reader(uuid4(), "X", (Grant("province_auditor", province=town.province),))

    for by in (theirs, looking):
        with pytest.raises(NotFound):
            await people.reset_password(slug, grant, by=by)
    with pytest.raises(NotFound):
        await people.reset_password(await slug_of(other), grant, by=theirs)


async def test_the_old_password_opens_no_more_than_the_change_of_it(town: Cast) -> None:
    admin, slug = await person(town, "province_administrator"), await slug_of(town)
    account, login = await new_account("Trần Thị Láng")
    who = await person(town, "province_auditor", account=account)

    await people.reset_password(slug, await grant_of(town, who), by=admin)
    token = await sessions.log_in(login, PASSWORD, address=uuid4().hex, device="x")

    assert await may_only_change(token)
