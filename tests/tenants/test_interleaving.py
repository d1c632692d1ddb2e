"""Requests of many committees on few connections never meet, however they interleave and break off."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import one, sql
from server.cells.tables import Cell
from server.schema import committee_line
from tenants import lifecycle, registry
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction, transaction
from tests.tenants.pools import assert_all_home, pool_of


@dataclass
class House:
    """Six committees whose only cell has the committee's own schema as its name."""

    refs: list[CommitteeRef]


async def a_house(owner_url: str) -> House:
    async with platform_transaction():
        province = await registry.add_province(f"Lạng Sơn {uuid4().hex[:8]}")
        refs = [
            await registry.add_committee(province, kind="ward_committee", name=f"Phường {n}")
            for n in range(6)
        ]
    for ref in refs:
        await lifecycle.found(owner_url, ref.id, committee_line())
        with using(ref):
            async with transaction():
                await sql(
                    "INSERT INTO cell (id, name, sort_key) VALUES ($1, $2, '1')", uuid4(), ref.schema_name
                )
    return House(refs)


@pytest_asyncio.fixture(loop_scope="session")
async def house(database: Servers) -> AsyncIterator[House]:
    made = await a_house(database.owner_url)
    async with pool_of(2):
        yield made
        await assert_all_home()


class Fault(Exception):
    """What a handler may raise."""


async def a_request(ref: CommitteeRef, choice: random.Random) -> bool:
    """Look around, wait, write a line, look again: at every step we are where we should be. Whether it committed."""
    with using(ref):
        async with transaction():
            for step in range(3):
                row = await one(
                    """SELECT current_user AS role, current_schema() AS path,
                    (SELECT string_agg(name, ',') FROM cell) AS canary"""
                )
                assert row is not None
                assert tuple(row) == (ref.schema_name,) * 3
                assert await Cell.select(Cell.name) == [{"name": ref.schema_name}]
                if step == 1:
                    await sql(
                        "INSERT INTO event (by_name, action, subject) VALUES ($1, 'x', 'x')", ref.schema_name
                    )
                    await sql("SELECT pg_sleep($1)", choice.choice([0, 0, 0.002]))
            if choice.random() < 0.1:
                raise Fault
    return True


async def an_unlucky_request(ref: CommitteeRef, choice: random.Random) -> bool | None:
    """The same, cut off by a time limit, by a cancellation, or by nothing. None: cut off, so nobody knows."""
    luck = choice.random()
    try:
        if luck < 0.15:
            async with asyncio.timeout(choice.uniform(0, 0.05)):
                return await a_request(ref, choice)
        task = asyncio.create_task(a_request(ref, choice))
        if luck < 0.3:
            await asyncio.sleep(choice.uniform(0, 0.05))
            task.cancel()
        return await task
    except (TimeoutError, asyncio.CancelledError):
        return None
    except Fault:
        return False


async def test_three_hundred_interleaved_requests_of_six_committees_never_meet(house: House) -> None:
    await three_hundred_requests(house)


async def three_hundred_requests(house: House) -> None:
    choice = random.Random(2026)
    asked = [choice.choice(house.refs) for _ in range(300)]

    ends = await asyncio.gather(*(an_unlucky_request(ref, random.Random(n)) for n, ref in enumerate(asked)))

    assert ends.count(True) > 100
    assert ends.count(None) > 20
    for ref in house.refs:
        with using(ref):
            async with transaction(read_only=True):
                lines = await sql("SELECT by_name FROM event")
        sure = sum(1 for of, end in zip(asked, ends, strict=True) if of == ref and end)
        unsure = sum(1 for of, end in zip(asked, ends, strict=True) if of == ref and end is None)
        assert {line["by_name"] for line in lines} == {ref.schema_name}
        assert sure <= len(lines) <= sure + unsure
