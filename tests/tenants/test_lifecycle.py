"""A committee is born once, whole or not at all."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID, uuid4

import asyncpg
import pytest

from infra.embedded import Servers
from infra.postgres import connect, one, sql
from server.schema import committee_line
from tenants import lifecycle, registry
from tenants.current import CommitteeRef, using
from tenants.lifecycle import NotFound, found
from tenants.migrations import Migration
from tenants.transactions import platform_transaction, transaction

BROKEN = Migration(len(committee_line()) + 1, "0099_broken", "CREATE TABLE broken (id int); SELECT 1 / 0")


async def written_down(count: int = 1) -> list[CommitteeRef]:
    async with platform_transaction():
        province = await registry.add_province(f"Đắk Lắk {uuid4().hex}")
        return [
            await registry.add_committee(province, kind="ward_committee", name=f"Tân Lập {n}")
            for n in range(count)
        ]


async def state_of(committee: UUID) -> tuple[str, int, list[int]]:
    """state, version, and the versions in the ledger."""
    async with platform_transaction(read_only=True):
        row = await one("SELECT state, version FROM platform.committee WHERE id = $1", committee)
        ledger = await sql(
            "SELECT version FROM platform.committee_migration WHERE committee = $1 ORDER BY 1", committee
        )
    assert row is not None
    return row["state"], row["version"], [line["version"] for line in ledger]


async def test_a_committee_is_born_with_role_schema_tables_and_ledger(database: Servers) -> None:
    [ref] = await written_down()

    begun = time.perf_counter()
    assert await found(database.owner_url, ref.id, committee_line()) is True
    took = time.perf_counter() - begun

    newest = len(committee_line())
    assert await state_of(ref.id) == ("active", newest, list(range(1, newest + 1)))
    with using(ref):
        async with transaction(read_only=True):
            assert await sql("SELECT name FROM member") == []
    assert took < 2.5  # a slow machine's ten times of what it should take


async def test_founding_again_or_at_once_changes_nothing(database: Servers) -> None:
    refs = await written_down(2)

    ends = await asyncio.gather(*(found(database.owner_url, ref.id, committee_line()) for ref in refs * 3))
    again = await found(database.owner_url, refs[0].id, committee_line())

    assert sorted(ends) == [False] * 4 + [True] * 2
    assert again is False


async def test_many_are_founded_on_one_connection(database: Servers) -> None:
    refs = await written_down(3)
    owner = await connect(database.owner_url)
    try:
        for ref in refs:
            assert await lifecycle.found_with(owner, ref.id, committee_line())
    finally:
        await owner.close()

    assert {(await state_of(ref.id))[0] for ref in refs} == {"active"}


async def test_a_founding_that_fails_half_way_leaves_nothing_and_is_done_again(database: Servers) -> None:
    [ref] = await written_down()

    with pytest.raises(asyncpg.DivisionByZeroError):
        await found(database.owner_url, ref.id, [*committee_line(), BROKEN])

    assert await state_of(ref.id) == ("founding", 0, [])
    assert await remains(database, ref) == (0, 0)
    assert await found(database.owner_url, ref.id, committee_line())
    assert await remains(database, ref) == (1, 1)


async def test_a_founder_killed_half_way_leaves_nothing(database: Servers) -> None:
    [ref] = await written_down()
    slow = Migration(BROKEN.version, "0099_slow", "SELECT pg_sleep(30)")

    task = asyncio.create_task(found(database.owner_url, ref.id, [*committee_line(), slow]))
    killer = await asyncpg.connect(database.database_url)
    try:
        async with asyncio.timeout(10):
            while not await killer.fetchval(  # noqa: ASYNC110  another process has no event for us
                """SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
                WHERE usename = 'nennep_owner' AND wait_event = 'PgSleep' LIMIT 1"""
            ):
                await asyncio.sleep(0.01)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await task
    finally:
        await killer.close()

    assert await remains(database, ref) == (0, 0)
    assert await found(database.owner_url, ref.id, committee_line())


async def remains(database: Servers, ref: CommitteeRef) -> tuple[int, int]:
    """How many schemas and roles have a committee's name."""
    owner = await connect(database.owner_url)
    try:
        return (
            await owner.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = $1", ref.schema_name),
            await owner.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", ref.schema_name),
        )
    finally:
        await owner.close()


async def test_who_was_never_written_down_is_not_founded(database: Servers) -> None:
    with pytest.raises(NotFound):
        await found(database.owner_url, uuid4(), committee_line())


async def test_the_application_can_not_found_a_committee(database: Servers) -> None:
    [ref] = await written_down()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await found(database.app_url, ref.id, committee_line())

    assert (await state_of(ref.id))[0] == "founding"
