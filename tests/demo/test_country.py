"""The country for load: real names, codes and paths; killed anywhere it goes on; nobody twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from infra.postgres import Record, connect, sql
from server.committees.units import units
from server.demo import build as demo
from server.demo import country, state
from server.demo.country import Order, Otherwise, build_country
from server.rollups.verify import verify
from tenants import registry
from tenants.current import using
from tenants.transactions import platform_transaction, transaction

SMALL = Order(committees=8, cells=3, members=7, months=2, seed=5)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def cleared(owner_url: str) -> AsyncIterator[None]:
    yield
    await demo.wipe(owner_url, state.COUNTRY)


async def committees() -> list[Record]:
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT c.*, p.name AS province_name FROM platform.committee c
            JOIN platform.province p ON p.id = c.province ORDER BY unit_code"""
        )


async def test_it_has_the_size_that_was_ordered_and_every_figure_can_be_proved(owner_url: str) -> None:
    heard: list[tuple[str, int, int]] = []

    await build_country(owner_url, SMALL, lambda *said: heard.append(said))

    assert heard[-1] == ("committees", 8, 8)
    found = await committees()
    assert len(found) == 8
    assert len({row["province"] for row in found}) > 5
    for row in found:
        unit = units()[row["unit_code"]]
        assert (row["kind"], row["name"], row["province_name"]) == (unit.kind, unit.name, unit.province)
        assert row["state"] == "active"
        ref = registry.ref_of(row)
        with using(ref):
            async with transaction(read_only=True):
                sizes = await sql("SELECT cell, count(*)::int AS n FROM membership GROUP BY cell")
                months = await sql("SELECT DISTINCT date_trunc('month', held_on) FROM meeting")
        assert [size["n"] for size in sizes] == [7, 7, 7]
        assert len(months) == 3
        assert (await verify(ref))[1] == []


async def test_killed_anywhere_it_goes_on_and_fills_nobody_twice(owner_url: str) -> None:
    def killed(_title: str, done: int, _of: int) -> None:
        if done == 3:
            raise KeyError(done)

    with pytest.raises(ExceptionGroup):
        await build_country(owner_url, SMALL, killed)
    before = await committees()
    assert {row["state"] for row in before} == {"founding", "active"}
    # Killed again, between the people of one and its figures.
    owner = await connect(owner_url)
    built = next(row for row in before if row["state"] == "active")
    await owner.execute("DELETE FROM platform.rollup WHERE committee = $1", built["id"])
    await owner.close()
    heard: list[int] = []

    await build_country(owner_url, SMALL, lambda _title, done, _of: heard.append(done))

    after = await committees()
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert {row["state"] for row in after} == {"active"}
    assert heard[-1] == 8
    for row in after:
        ref = registry.ref_of(row)
        with using(ref):
            async with transaction(read_only=True):
                assert len(await sql("SELECT 1 FROM member")) == 21
        assert (await verify(ref))[1] == []


async def test_another_order_is_not_mixed_into_one_that_was_begun(owner_url: str) -> None:
    await build_country(owner_url, Order(2, 1, 5, 1, 5), lambda *_: None)

    with pytest.raises(Otherwise, match="committees 2, cells 1, members 5"):
        await build_country(owner_url, SMALL, lambda *_: None)
    assert len(await committees()) == 2


async def test_nobody_shares_a_person_with_another_committee_or_has_a_real_persons_card(
    owner_url: str,
) -> None:
    await build_country(owner_url, Order(3, 2, 9, 0, 5), lambda *_: None)

    seen: set[object] = set()
    for row in await committees():
        with using(registry.ref_of(row)):
            async with transaction(read_only=True):
                people = await sql("SELECT id, card_number FROM member")
        assert not seen & {person["id"] for person in people}
        seen |= {person["id"] for person in people}
        assert all((person["card_number"] or "099").startswith("099") for person in people)
    assert len(seen) == 54


async def test_each_province_has_an_administrator_and_the_country_somebody_who_sees_it(
    owner_url: str,
) -> None:
    await build_country(owner_url, Order(3, 1, 5, 0, 5), lambda *_: None)

    first = await country.add_accounts(5)
    await state.forget_accounts(owner_url, state.COUNTRY)
    again = await country.add_accounts(5)

    assert [login.login for login in first] == [login.login for login in again]
    assert {login.role for login in again} == {"province_administrator", "country_viewer"}
    assert len(again) == 1 + len({row["province"] for row in await committees()})


def test_all_3321_would_have_a_path_of_their_own() -> None:
    """Names repeat within a province and between provinces."""
    everybody = list(units().values())
    assert len(everybody) == 3321
    assert len({unit.province for unit in everybody}) == 34
    assert len({(unit.province, unit.kind, unit.name) for unit in everybody}) == 3321


async def test_all_3321_are_written_down_at_once_with_a_path_each(owner_url: str) -> None:
    async with platform_transaction():
        names = list(dict.fromkeys(unit.province for unit in units().values()))
        provinces = {name: await registry.add_province(name) for name in names}
        await state.begin(state.COUNTRY, list(provinces.values()))
        await registry.add_committees(
            [(provinces[u.province], u.kind, u.name, u.code) for u in units().values()]
        )
        rows = await sql("SELECT slug, schema_name, state FROM platform.committee")
    with pytest.raises(registry.Taken):
        async with platform_transaction():
            await registry.add_committees([(provinces["Gia Lai"], "ward_committee", "Pleiku", "")])
    with pytest.raises(registry.UnitTaken):
        async with platform_transaction():
            await registry.add_committees([(provinces["Gia Lai"], "ward_committee", "Pleiku mới", "23575")])

    assert len({row["slug"] for row in rows}) == len({row["schema_name"] for row in rows}) == 3321
    assert {row["state"] for row in rows} == {"founding"}
