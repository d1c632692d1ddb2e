"""Usual work is given once, whatever is killed while it is being given."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from infra.postgres import sql
from server.assignments.usual import make_usual_work
from tenants.outbox import later
from tenants.transactions import transaction
from tests.assignments.usual import NEXT_MONTH, add
from tests.cast import Cast
from tests.kill.house import House
from tests.workers.processes import until
from tests.workers.rows import differences, make_due, rows_of

WORKS, PEOPLE = 60, 2
JOB = "make_usual_work"
DAY = NEXT_MONTH.isoformat()


async def made(works: list[UUID]) -> int:
    """How many assignments of the coming month there are."""
    async with transaction(read_only=True):
        rows = await sql(
            "SELECT count(*)::int AS n FROM assignment WHERE usual_work = ANY($1) AND period = $2",
            works,
            NEXT_MONTH,
        )
    return int(rows[0]["n"])


async def assert_once(works: list[UUID]) -> None:
    async with transaction(read_only=True):
        rows = await sql(
            """SELECT a.usual_work, a.member, count(*)::int AS n, sum((SELECT count(*) FROM assignment_change c
                WHERE c.assignment = a.id))::int AS changes FROM assignment a
            WHERE a.usual_work = ANY($1) AND a.period = $2 GROUP BY 1, 2""",
            works, NEXT_MONTH,
        )  # fmt: skip
    assert len(rows) == len(works) * PEOPLE
    assert {(row["n"], row["changes"]) for row in rows} == {(1, 1)}


@pytest.mark.parametrize("asked", [1, 2])
async def test_a_worker_killed_while_it_gives_leaves_the_rest_to_the_next(
    house: House, cast: Cast, asked: int
) -> None:
    works = [await add(cast) for _ in range(WORKS)]
    async with transaction():
        for _ in range(asked):
            await later(JOB, day=DAY)

    async def begun() -> bool:
        return await made(works) > 0

    await until(begun, seconds=60)
    await house.kill("worker")
    at_death = await made(works)
    await house.restart("worker")

    async def done() -> bool:
        await make_due(cast.pleiku)
        return all(row["done_at"] for row in await rows_of(cast.pleiku))

    await until(done, seconds=120)
    assert 0 < at_death < WORKS * PEOPLE
    await assert_once(works)
    assert [row for row in await rows_of(cast.pleiku) if row["dead_at"]] == []
    assert await differences(cast.pleiku) == []


async def test_the_worker_and_others_giving_at_once_give_once(house: House, cast: Cast) -> None:
    works = [await add(cast) for _ in range(WORKS // 4)]
    async with transaction():
        await later(JOB, day=DAY)

    await asyncio.gather(*(make_usual_work(DAY) for _ in range(3)))

    async def done() -> bool:
        return all(row["done_at"] for row in await rows_of(cast.pleiku) if row["job"] == JOB)

    await until(done, seconds=60)
    await assert_once(works)
