"""The administrator says which member of the register an account is."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import httpx

from infra.postgres import one, sql
from server.accounts import sessions
from server.accounts.actions import Place, accept, add_account, give, invite
from server.accounts.queries import people_of
from server.accounts.reader import Reader
from server.accounts.sessions import start
from tenants.transactions import platform_transaction, transaction
from tests.accounts.people import PASSWORD
from tests.assignments.saying import AN, BINH
from tests.cast import Cast
from tests.web.walking import signed_in


async def account(cast: Cast, name: str) -> tuple[str, UUID]:
    """A member's account that nobody has linked yet: a session's token, and the grant."""
    async with platform_transaction():
        made = await add_account(name=name, login=f"u{uuid4().hex[:12]}", password_hash="x")
        await give(made, cast.pleiku.id, "member", Place(cast.cell, "Chi bộ 5"), by_name="test")
        token = await start(made, device="test")
        row = await one("SELECT id FROM platform.account_grant WHERE account = $1", made)
    assert row is not None
    return token, row["id"]


async def reader(token: str, cast: Cast) -> Reader:
    found = (await sessions.visit(token, cast.pleiku.slug)).reader
    assert found is not None
    return found


async def test_an_account_is_one_member_and_may_be_another_or_none_later(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    (token, grant), (_, other) = await account(cast, "nguyễn văn AN"), await account(cast, BINH)
    page, an = f"/{cast.pleiku.slug}/grants/{grant}/member", await cast.member(AN)

    asked = await client.get(page)
    await client.post(page, data={"member": str(an)})

    assert f'value="{an}" selected' in asked.text
    assert "Trùng họ tên" in asked.text
    assert (await reader(token, cast)).member_in(cast.cell) == an
    assert (await reader(token, cast)).members() == {an}
    assert f"Trong sổ là {AN}" in (await client.get(f"/{cast.pleiku.slug}/people")).text
    taken = await client.post(f"/{cast.pleiku.slug}/grants/{other}/member", data={"member": str(an)})
    assert taken.status_code == 422
    assert "đã gắn với tài khoản" in taken.text
    await client.post(page, data={"member": ""})
    assert (await reader(token, cast)).members() == frozenset()
    async with transaction(read_only=True):
        told = await sql("SELECT subject FROM event WHERE action = 'role_member_set'")
    assert [row["subject"] for row in told] == [str(grant)] * 2


async def test_who_takes_an_invitation_is_the_member_that_was_chosen(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    async with platform_transaction():
        link = await invite(
            cast.pleiku.id,
            role="secretary",
            place=Place(cast.cell, "Chi bộ 5"),
            by=Reader(uuid4(), "Quản trị"),
        )
        row = await one("SELECT id FROM platform.invitation WHERE committee = $1", cast.pleiku.id)
    assert row is not None
    binh = await cast.member(BINH)

    told = await client.post(
        f"/{cast.pleiku.slug}/invitations/{row['id']}/member", data={"member": str(binh)}
    )
    token = await accept(link, name="Bình", login=f"u{uuid4().hex[:12]}", password=PASSWORD, device="Máy")

    assert told.status_code == 303
    assert token is not None
    assert (await reader(token, cast)).members() == {binh}
    late = await client.post(f"/{cast.pleiku.slug}/invitations/{row['id']}/member", data={"member": ""})
    assert late.status_code == 404


async def test_only_a_member_of_the_cell_and_only_ones_own_committee(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    _, grant = await account(cast, AN)
    (office,) = [row for row in await people_of(cast.pleiku.id) if row["role"] == "committee_administrator"]
    page = f"/{cast.pleiku.slug}/grants/{grant}/member"

    for wrong in (str(uuid4()), "x", "\0"):
        answer = await client.post(page, data={"member": wrong})
        assert answer.status_code == 422
    assert (await client.get(f"/{cast.pleiku.slug}/grants/{office['grant']}/member")).status_code == 404

    await signed_in(client, "committee_administrator", cast, at_neighbour=True)
    for path in (f"/{cast.neighbour.slug}/grants/{grant}/member", page):
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, data={"member": ""})).status_code == 404


async def test_one_member_is_one_account_however_many_invitations_name_them(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    by, an = Reader(uuid4(), "Quản trị"), await cast.member(AN)
    async with platform_transaction():
        links = [
            await invite(cast.pleiku.id, role=role, place=Place(cast.cell, "Chi bộ 5", member=an), by=by)
            for role in ("secretary", "member")
        ]

    tokens = await asyncio.gather(
        *(
            accept(link, name=AN, login=f"u{uuid4().hex[:12]}", password=PASSWORD, device="Máy")
            for link in links
        )
    )

    found = [await reader(token, cast) for token in tokens if token]
    assert {r.grants[0].role for r in found} == {"secretary", "member"}
    assert sorted(map(len, (r.members() for r in found))) == [0, 1]
