"""A province's administrator writes committees down, finds them, suspends and resumes them."""

from __future__ import annotations

import asyncio
import unicodedata
from uuid import UUID, uuid4

import pytest

from infra.embedded import Servers
from infra.postgres import sql
from tenants import registry
from tenants.current import CommitteeRef, current, set_current, using
from tenants.registry import Taken
from tenants.transactions import platform_transaction


async def a_province() -> UUID:
    async with platform_transaction():
        return await registry.add_province(f"Vĩnh Long {uuid4().hex}")


async def write_down(
    province: UUID, name: str, kind: str = "commune_committee", slug: str | None = None
) -> CommitteeRef:
    async with platform_transaction():
        return await registry.add_committee(province, kind=kind, name=name, slug=slug)


async def test_a_committee_is_found_by_its_path_and_by_its_schema(database: Servers) -> None:
    written = await write_down(await a_province(), f"Phú Túc {uuid4().hex}")

    async with platform_transaction(read_only=True):
        assert await registry.find(written.slug) == written
        assert await registry.find_by_schema(written.schema_name) == written
        assert await registry.find("no-such-path") is None
        assert await registry.find_by_schema("c_aaaaaaaaaaaaa") is None
        assert await registry.committees(written.province_id) == [written]
        assert written in await registry.committees()
        assert await registry.committees(uuid4()) == []
    assert written.title.startswith("Đảng ủy xã Phú Túc")


async def test_the_same_committee_is_not_written_down_twice_however_it_is_typed(database: Servers) -> None:
    province, other = await a_province(), await a_province()
    first = await write_down(province, "Phú Túc")

    for again in ("Phú Túc", unicodedata.normalize("NFD", "Phú Túc"), "  Phú   Túc "):
        with pytest.raises(Taken):
            await write_down(province, again)

    ward, elsewhere = (
        await write_down(province, "Phú Túc", "ward_committee"),
        await write_down(other, "Phú Túc"),
    )
    assert len({first.slug, ward.slug, elsewhere.slug}) == 3
    assert len({first.schema_name, ward.schema_name, elsewhere.schema_name}) == 3


async def test_a_path_that_was_asked_for_is_given_or_refused(database: Servers) -> None:
    province, wish = await a_province(), f"a-{uuid4().hex}"

    assert (await write_down(province, "Phú Túc", slug=wish)).slug == wish
    with pytest.raises(Taken):
        await write_down(province, "Phú Thịnh", slug=wish)
    for odd in ("login", "Phú", "a" * 61, "../x"):
        with pytest.raises(ValueError, match=r"reserved|malformed"):
            await write_down(province, "Phú Thịnh", slug=odd)
    with pytest.raises(ValueError, match="unknown kind"):
        await write_down(province, "Phú Thịnh", kind="galaxy_committee")


async def test_twelve_administrators_who_press_at_once_get_twelve_paths(database: Servers) -> None:
    provinces = [await a_province() for _ in range(12)]

    written = await asyncio.gather(*(write_down(p, "Tân An Hội") for p in provinces))

    assert len({ref.slug for ref in written}) == 12


async def test_the_same_press_twice_at_once_writes_one_down(database: Servers) -> None:
    province = await a_province()

    ends = await asyncio.gather(*(write_down(province, "Cái Nhum") for _ in range(6)), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ends) == ["CommitteeRef"] + ["Taken"] * 5


async def test_a_province_has_one_name_and_a_path(database: Servers) -> None:
    name = f"Đắk Lắk {uuid4().hex}"
    async with platform_transaction():
        province = await registry.add_province(name)
    async with platform_transaction(read_only=True):
        row = (await sql("SELECT slug, name FROM platform.province WHERE id = $1", province))[0]
    assert row["slug"] == name.lower().replace("đắk lắk ", "dak-lak-")

    for again in (name, unicodedata.normalize("NFD", name), f" {name} "):
        with pytest.raises(Taken):
            async with platform_transaction():
                await registry.add_province(again)
    for empty in ("", "   ", "Хутор"):
        with pytest.raises(ValueError, match="malformed"):
            async with platform_transaction():
                await registry.add_province(empty)


async def test_doors_are_closed_and_opened_once(database: Servers) -> None:
    ref = await write_down(await a_province(), "Phú Quới")

    async def move(verb: str) -> bool:
        async with platform_transaction():
            if verb == "suspend":
                return await registry.suspend(ref.id, "Sáp nhập")
            return await registry.resume(ref.id)

    assert [await move("suspend"), await move("resume")] == [False, False]  # not founded yet
    async with platform_transaction():
        await sql("UPDATE platform.committee SET state = 'active' WHERE id = $1", ref.id)
    assert [await move("resume"), await move("suspend"), await move("suspend")] == [False, True, False]
    async with platform_transaction(read_only=True):
        found = await registry.find(ref.slug)
    assert found is not None
    assert (found.state, found.state_reason) == ("suspended", "Sáp nhập")
    assert [await move("resume"), await move("resume")] == [True, False]
    async with platform_transaction(read_only=True):
        found = await registry.find(ref.slug)
    assert found is not None
    assert (found.state, found.state_reason) == ("active", "")


async def test_whose_turn_it_is_ends_with_its_block_and_stays_in_its_task(database: Servers) -> None:
    one, two = await write_down(await a_province(), "Một"), await write_down(await a_province(), "Hai")
    set_current(one)

    async def elsewhere() -> CommitteeRef:
        set_current(two)
        await asyncio.sleep(0)
        return current()

    with using(two):
        assert current() == two
    assert current() == one
    assert await asyncio.create_task(elsewhere()) == two
    assert current() == one
