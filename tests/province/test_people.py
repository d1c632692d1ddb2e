"""Who works for a province: invited, ended at once, never the last administrator, helped with a lost phone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import one, sql
from server.accounts import actions, factor, sessions
from server.accounts.queries import places_of
from server.accounts.reader import Grant, Reader
from server.meetings.queries import NotFound
from server.province import people
from server.words import Refused
from tenants.transactions import platform_transaction
from tests.accounts.people import PASSWORD, new_account
from tests.accounts.test_second_factor import Phone, enrolled
from tests.cast import Cast
from tests.web.walking import let_look


@pytest_asyncio.fixture(loop_scope="session")
async def town(database: Servers) -> Cast:
    return await Cast.assemble(database.owner_url)


async def slug_of(town: Cast) -> str:
    async with platform_transaction(read_only=True):
        row = await one("SELECT slug FROM platform.province WHERE id = $1", town.province)
    assert row is not None
    return str(row["slug"])


async def person(town: Cast, role: str, name: str = "Trần Thị Láng", account: UUID | None = None) -> Reader:
    """Somebody with a role in the province."""
    if account is None:
        account, _ = await new_account(name)
    async with platform_transaction():
        await actions.give_province(account, town.province, role=role, by_name="test")
    return Reader(account, name, (Grant(role, province=town.province),))


async def grant_of(town: Cast, who: Reader) -> UUID:
    async with platform_transaction(read_only=True):
        rows = await people.people_of(town.province)
    found: UUID = next(row["grant"] for row in rows if row["account"] == who.account_id)
    return found


async def record(town: Cast) -> list[tuple[str, str, str]]:
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT action, subject, detail FROM platform.province_event WHERE province = $1 ORDER BY id",
            town.province,
        )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("role", ["province_administrator", "province_viewer", "province_auditor"])
async def test_whoever_is_invited_takes_the_role_with_the_link_once(town: Cast, role: str) -> None:
    admin, slug = await person(town, "province_administrator"), await slug_of(town)

    token = await people.invite(slug, role=role, name="Lê Văn Hùng", by=admin)
    session = await actions.accept(
        token, name="Lê Văn Hùng", login=f"hung.{uuid4().hex[:8]}", password=PASSWORD, device="x"
    )

    assert session is not None
    reader = (await sessions.visit(session, None)).reader
    assert reader is not None
    assert [(g.role, g.province) for g in reader.grants] == [(role, town.province)]
    assert await actions.open_invitation(token) is None
    assert await record(town) == [("person_invited", "Lê Văn Hùng", role)]


async def test_an_account_that_is_there_already_takes_it_too(town: Cast) -> None:
    admin, slug = await person(town, "province_administrator"), await slug_of(town)
    account, _ = await new_account("Hòa")
    token = await people.invite(slug, role="province_viewer", name="Hòa", by=admin)

    taken = await actions.accept_as(token, by=Reader(account, "Hòa"))

    assert taken is not None
    assert taken.committee is None
    assert taken.province is not None
    assert taken.province.slug == slug
    assert [row["role"] for row in await places_of(account)] == ["province_viewer"]


@pytest.mark.parametrize("role", ["", "office", "support", "country_viewer", "secretary"])
async def test_no_other_role_is_given_away_by_a_province(town: Cast, role: str) -> None:
    admin = await person(town, "province_administrator")

    with pytest.raises(Refused, match="vai trò"):
        await people.invite(await slug_of(town), role=role, name="Hòa", by=admin)


@pytest.mark.parametrize("role", ["province_viewer", "province_auditor", "country_viewer"])
async def test_only_administrators_of_this_province_act(town: Cast, role: str) -> None:
    other, slug = (
        Reader(uuid4(), "X", (Grant("province_administrator", province=uuid4()),)),
        await slug_of(town),
    )
    looking = Reader(uuid4(), "X", (Grant(role, province=town.province),))
    grant = await grant_of(town, await person(town, "province_viewer"))

    for by in (other, looking):
        with pytest.raises(NotFound):
            await people.invite(slug, role="province_viewer", name="Hòa", by=by)
        with pytest.raises(NotFound):
            await people.end_role(slug, grant, by=by)
        with pytest.raises(NotFound):
            await people.reset_factor(slug, grant, by=by)


async def test_an_invitation_that_is_withdrawn_opens_nothing(town: Cast) -> None:
    admin, slug = await person(town, "province_administrator"), await slug_of(town)
    token = await people.invite(slug, role="province_viewer", name="Hòa", by=admin)
    async with platform_transaction(read_only=True):
        [row] = await people.invitations_of(town.province)

    await people.withdraw(slug, row["id"], by=admin)
    await people.withdraw(slug, row["id"], by=admin)

    assert await actions.open_invitation(token) is None
    assert [action for action, _, _ in await record(town)] == [
        "person_invited",
        "person_invitation_withdrawn",
    ]


async def test_a_role_ends_at_once_and_with_the_last_what_committees_let_one_look_at(town: Cast) -> None:
    admin, slug = await person(town, "province_administrator"), await slug_of(town)
    both = await person(town, "province_viewer", "Lê Thị Mai")
    await person(town, "province_auditor", "Lê Thị Mai", both.account_id)
    async with platform_transaction():
        await let_look(town.pleiku, both.account_id)
        token = await sessions.start(both.account_id, device="x")

    async def roles() -> list[str]:
        reader = (await sessions.visit(token, None)).reader
        assert reader is not None
        return [g.role for g in reader.grants]

    await people.end_role(slug, await grant_of(town, both), by=admin)
    one_left = await roles()
    await people.end_role(slug, await grant_of(town, both), by=admin)

    assert one_left == ["province_auditor", "support"]
    assert await roles() == []
    with pytest.raises(NotFound):
        await people.end_role(slug, uuid4(), by=admin)


async def test_the_last_administrator_stays_and_nobody_ends_the_own_role(town: Cast) -> None:
    admin, slug = await person(town, "province_administrator"), await slug_of(town)
    # Logged in still, though the role is the operator's to give: the province's own rule has to hold by itself.
    operator = replace(admin, account_id=uuid4())
    grant = await grant_of(town, admin)

    with pytest.raises(Refused, match="cuối cùng"):
        await people.end_role(slug, grant, by=operator)
    with pytest.raises(Refused, match="tự thu hồi"):
        await people.end_role(slug, grant, by=admin)


async def test_two_who_end_each_other_at_once_leave_one(town: Cast) -> None:
    first, second = [await person(town, "province_administrator") for _ in range(2)]
    slug, grants = await slug_of(town), [await grant_of(town, who) for who in (first, second)]

    answers = await asyncio.gather(
        people.end_role(slug, grants[1], by=first), people.end_role(slug, grants[0], by=second),
        return_exceptions=True,
    )  # fmt: skip

    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "Refused"]
    async with platform_transaction(read_only=True):
        assert len(await people.people_of(town.province)) == 1


async def test_who_ceases_to_administer_leaves_no_way_back_in(town: Cast) -> None:
    name = f"Thủ {uuid4().hex[:8]}"
    admin, going = (
        await person(town, "province_administrator"),
        await person(town, "province_administrator", name),
    )
    slug = await slug_of(town)
    own = [await people.invite(slug, role="province_viewer", name="Ai đó", by=going)]
    async with platform_transaction():
        own.append(await actions.invite(town.pleiku.id, role="committee_administrator", by=going))
    others = await people.invite(slug, role="province_viewer", name="Ai đó", by=admin)

    await people.end_role(slug, await grant_of(town, going), by=admin)

    assert [await actions.open_invitation(token) for token in own] == [None, None]
    assert await actions.open_invitation(others) is not None


async def member(town: Cast, phone: Phone, role: str = "province_viewer") -> None:
    async with platform_transaction():
        await actions.give_province(phone.by.account_id, town.province, role=role, by_name="test")


async def test_another_administrator_helps_who_has_lost_the_phone(town: Cast) -> None:
    admin, slug, phone = await person(town, "province_administrator"), await slug_of(town), await enrolled()
    await member(town, phone)

    await people.reset_factor(slug, await grant_of(town, phone.by), by=admin)

    assert await factor.standing(phone.by.account_id) == factor.Standing(False, 0)
    assert (await sessions.visit(phone.token, None)).reader is None
    assert ("factor_reset", "Bí thư Hòa", "") in await record(town)
    assert not (await sessions.visit(await phone.begin_log_in(), None)).awaits_factor


async def test_nobody_resets_the_own_factor_nor_one_that_guards_another_province(
    town: Cast, database: Servers
) -> None:
    admin, slug, phone = await person(town, "province_administrator"), await slug_of(town), await enrolled()
    await member(town, phone, "province_administrator")
    grant = await grant_of(town, phone.by)
    own = Reader(phone.by.account_id, "Hòa", (Grant("province_administrator", province=town.province),))

    with pytest.raises(Refused, match="chính mình"):
        await people.reset_factor(slug, grant, by=own)
    async with platform_transaction():
        await actions.give_country(phone.by.account_id, by_name="test")
    with pytest.raises(Refused, match="nơi khác"):
        await people.reset_factor(slug, grant, by=admin)
    assert (await factor.standing(phone.by.account_id)).confirmed


async def test_the_record_tells_what_became_of_the_own_factor(town: Cast) -> None:
    phone = await enrolled()
    await member(town, phone)

    await phone.give(await phone.begin_log_in(), phone.codes[0])
    await factor.renew_codes(phone.code(), by=phone.by, address=uuid4().hex)

    assert [action for action, _, _ in await record(town)] == ["recovery_code_used", "recovery_codes_renewed"]
