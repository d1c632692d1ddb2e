"""An invitation makes one account with one role, once, in time."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import sql
from server.accounts import actions, rules, sessions
from server.accounts.actions import Place, accept, open_invitation
from server.accounts.queries import invitations_of, people_of
from server.accounts.reader import Reader
from server.accounts.secrets import token_hash
from server.words import Refused
from tenants.transactions import platform_transaction
from tests.accounts.people import ADDRESS, ADMINISTRATOR, PASSWORD, invited, later, new_account
from tests.cast import Cast


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(database: Servers) -> Cast:
    return await Cast.assemble(database.owner_url)


def accepting(token: str, login: str = "", name: str = "Nguyễn Thị Hòa", password: str = PASSWORD):
    return accept(
        token, name=name, login=login or f"hoa-{uuid4().hex}", password=password, device="Điện thoại"
    )


async def test_hoa_accepts_and_is_logged_in_with_the_role_in_that_committee(town: Cast) -> None:
    token = await invited(town.pleiku.id, "group_leader", town.cell)

    opened = await open_invitation(token)
    session = await accepting(token)

    assert opened is not None
    assert (opened.committee, opened.role, opened.invited_name) == (town.pleiku, "group_leader", "Hòa")
    assert session is not None
    here = (await sessions.visit(session, town.pleiku.slug)).reader
    there = (await sessions.visit(session, town.neighbour.slug)).reader
    assert here is not None
    assert there is not None
    assert [(g.role, g.cell, g.group_number) for g in here.grants] == [("group_leader", town.cell, 2)]
    assert there.grants == ()


async def test_an_invitation_works_once(town: Cast) -> None:
    token = await invited(town.pleiku.id)

    assert await accepting(token) is not None

    assert await accepting(token) is None
    assert await open_invitation(token) is None


async def test_of_two_who_accept_at_the_same_moment_one_gets_in(town: Cast) -> None:
    for _ in range(3):
        token, cell = await invited(town.pleiku.id), uuid4().hex
        logins = [f"hoa-{n}-{cell}" for n in range(4)]

        ends = await asyncio.gather(*(accepting(token, login) for login in logins))

        assert len([end for end in ends if end]) == 1
        async with platform_transaction(read_only=True):
            made = await sql("SELECT FROM platform.account WHERE login = ANY($1)", logins)
        assert len(made) == 1


async def test_two_who_want_one_log_in_name_at_the_same_moment_are_told_so(town: Cast) -> None:
    tokens, login = [await invited(town.pleiku.id) for _ in range(2)], f"hoa-{uuid4().hex}"

    ends = await asyncio.gather(*(accepting(token, login) for token in tokens), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ends) == ["Refused", "str"]


@pytest.mark.parametrize("end", ["withdrawn", "expired"])
async def test_a_withdrawn_or_expired_invitation_is_gone(town: Cast, end: str) -> None:
    token = await invited(town.pleiku.id)
    opened = await open_invitation(token)
    assert opened is not None
    if end == "withdrawn":
        await actions.withdraw(town.pleiku.id, opened.id)
    else:
        await later("invitation", "expires_at", "15 days", "id = $1", opened.id)

    assert await open_invitation(token) is None
    assert await accepting(token) is None
    assert opened.id not in {row["id"] for row in await invitations_of(town.pleiku.id)}


async def test_the_neighbour_can_not_withdraw_it(town: Cast) -> None:
    token = await invited(town.pleiku.id)
    opened = await open_invitation(token)
    assert opened is not None

    await actions.withdraw(town.neighbour.id, opened.id)

    assert await open_invitation(token) == opened
    assert opened.id in {row["id"] for row in await invitations_of(town.pleiku.id)}
    assert opened.id not in {row["id"] for row in await invitations_of(town.neighbour.id)}


async def test_withdrawing_a_used_invitation_takes_nobodys_account(town: Cast) -> None:
    token = await invited(town.pleiku.id)
    opened = await open_invitation(token)
    session = await accepting(token)
    assert opened is not None

    await actions.withdraw(town.pleiku.id, opened.id)

    visit = await sessions.visit(session, town.pleiku.slug)
    assert visit.reader is not None
    assert visit.reader.has("secretary")


async def test_only_the_hash_of_the_link_is_kept(town: Cast) -> None:
    token = await invited(town.pleiku.id)

    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT i::text AS row FROM platform.invitation i WHERE token_hash = $1", token_hash(token)
        )
    assert len(rows) == 1
    assert token not in rows[0]["row"]


async def test_a_taken_name_leaves_the_invitation_open(town: Cast) -> None:
    _, taken = await new_account()
    token = await invited(town.pleiku.id)

    with pytest.raises(Refused) as refusal:
        await accepting(token, taken.upper())

    assert list(refusal.value.reasons) == ["login"]
    assert await open_invitation(token) is not None
    assert await accepting(token) is not None


@pytest.mark.parametrize(
    ("name", "login", "password", "faults"),
    [
        ("", "ab", "ngắn", {"name", "login", "password"}),
        ("Hòa", "hòa", PASSWORD, {"login"}),
        ("Hòa", "hoa hoa", PASSWORD, {"login"}),
        ("Hòa\0", "hoa.hoa", PASSWORD, {"name"}),
        ("Hòa", "hoa.hoa", "aaaaaaaaaaaa", {"password"}),
        ("Hòa", "hoa.hoa.hoa", "HOA.hoa.hoa", {"password"}),
        ("Hòa", "hoa.hoa", "x" * 201, {"password"}),
        ("x" * 101, "h" * 61, PASSWORD, {"name", "login"}),
    ],
)
async def test_every_fault_of_a_new_account_is_told_at_its_field(
    town: Cast, name: str, login: str, password: str, faults: set[str]
) -> None:
    token = await invited(town.pleiku.id)

    with pytest.raises(Refused) as refusal:
        await accept(token, name=name, login=login, password=password, device="")

    assert set(refusal.value.reasons) == faults
    assert await open_invitation(token) is not None


@pytest.mark.parametrize("login", ["0905123456", "hoa.nguyen", "HOA_2026", "hoa@pleiku.vn", "a-b"])
async def test_phone_numbers_and_plain_names_are_log_in_names(town: Cast, login: str) -> None:
    token = await invited(town.pleiku.id, cell=town.cell)

    await accepting(token, login=login, name="Nguyễn Thị Hòa")
    session = await sessions.log_in(login, PASSWORD, address=ADDRESS, device="Điện thoại")

    reader = (await sessions.visit(session, town.pleiku.slug)).reader
    assert reader is not None
    assert reader.name == "Nguyễn Thị Hòa"


@pytest.mark.parametrize(
    ("role", "place", "fault"),
    [
        ("province_administrator", Place(), "role"), ("emperor", Place(), "role"), ("", Place(), "role"),
        ("secretary", Place(), "cell"), ("member", Place(), "cell"), ("group_leader", Place(uuid4()), "group"),
    ],
)  # fmt: skip
async def test_a_role_needs_its_place(town: Cast, role: str, place: Place, fault: str) -> None:
    with pytest.raises(Refused) as refusal:
        async with platform_transaction():
            await actions.invite(town.pleiku.id, role=role, place=place, by=ADMINISTRATOR)

    assert list(refusal.value.reasons) == [fault]


@pytest.mark.parametrize("token", ["", "x", "a" * 10_000, "\0"])
async def test_a_made_up_link_opens_nothing(town: Cast, token: str) -> None:
    assert await open_invitation(token) is None
    assert await accepting(token) is None


async def test_who_has_an_account_takes_another_role_with_it(cast: Cast) -> None:
    async with platform_transaction():
        account = await actions.add_account(name="Lan", login=f"lan{uuid4().hex[:8]}", password_hash="x")
        token = await actions.invite(cast.pleiku.id, role="office", by=cast.hoa)
    lan = Reader(account, "Lan")

    taken = await actions.accept_as(token, by=lan)
    again = await actions.accept_as(token, by=lan)

    assert taken is not None
    assert again is None
    assert [(p["name"], p["role"]) for p in await people_of(cast.pleiku.id)] == [("Lan", "office")]


@pytest.mark.parametrize(
    "password", ["12345678", "87654321", "abcdefgh", "matkhau123", "aaaaaaaa", "hoa-hoa-hoa"]
)
def test_what_everybody_tries_first_is_no_password(password: str) -> None:
    with pytest.raises(Refused, match="quá dễ đoán"):
        rules.check_new_account(name="Nguyễn Thị Hòa", login="hoa-hoa-hoa", password=password)


def test_a_short_sentence_is_a_password() -> None:
    assert rules.why_not_password("lúa chín vàng 9", "hoa", "Nguyễn Thị Hòa") is None
