"""Whoever works beside foundings gets into every committee that stands: PostgreSQL's own list of roles may be stale."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from uuid import uuid4

import pytest

from infra.embedded import Servers
from infra.postgres import connect, one
from tenants.current import CommitteeRef, using
from tenants.transactions import as_committee, platform_transaction, transaction
from tests.tenants.pools import pool_of

# Roles that the list has before: the making of a longer one overhears more.
BEFORE = 300
FOUNDED = 120


class Foundings:
    """Roles that are given to the application one after another, as foundings do, and the newest of them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.made: list[str] = []
        self.numbers = count()

    async def found(self, times: int, pause: float = 0.0) -> None:
        owner = await connect(self.url)
        for _ in range(times):
            name = f"c_beside{next(self.numbers):06}z"
            await owner.execute(
                f"""BEGIN; CREATE ROLE "{name}"; GRANT nennep_tenant TO "{name}" WITH INHERIT TRUE, SET FALSE;
                GRANT "{name}" TO nennep_app WITH INHERIT FALSE, SET TRUE; COMMIT"""
            )
            self.made.append(name)
            await asyncio.sleep(pause)
        await owner.close()

    @property
    def newest(self) -> CommitteeRef:
        return CommitteeRef(
            id=uuid4(), province_id=uuid4(), slug="phuong", schema_name=self.made[-1], kind="ward_committee",
            name="Phường", state="active",
        )  # fmt: skip

    async def clear(self) -> None:
        owner = await connect(self.url)
        await owner.execute("; ".join(f'DROP ROLE "{name}"' for name in self.made))
        await owner.close()


@asynccontextmanager
async def foundings(database: Servers) -> AsyncIterator[Foundings]:
    made = Foundings(database.owner_url)
    try:
        await made.found(BEFORE)
        yield made
    finally:
        await made.clear()


async def by_the_door(ref: CommitteeRef) -> str:
    with using(ref):
        async with transaction(read_only=True):
            return await who()


async def by_a_step(ref: CommitteeRef) -> str:
    async with platform_transaction():
        async with as_committee(ref):
            inside = await who()
        assert await who() == "nennep_app"
    return inside


async def who() -> str:
    row = await one("SELECT current_user AS role")
    assert row is not None
    return str(row["role"])


@pytest.mark.parametrize("enter", [by_the_door, by_a_step])
async def test_the_committee_that_was_founded_just_now_lets_everybody_in(database: Servers, enter) -> None:
    async with foundings(database) as made, pool_of(6):
        ended = asyncio.Event()

        async def work() -> int:
            entered = 0
            while not ended.is_set():
                ref = made.newest
                assert await enter(ref) == ref.schema_name
                entered += 1
            return entered

        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(work()) for _ in range(6)]
            await asyncio.gather(*(made.found(FOUNDED // 3, pause=0.05) for _ in range(3)))
            ended.set()

    assert all(task.result() for task in workers)
    assert sum(task.result() for task in workers) > FOUNDED
