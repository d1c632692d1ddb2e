"""A worker is killed in the middle of a run, with the real processes around it: the next one ends it, nothing twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import connect, one, sql
from server.accounts.reader import Grant, Reader
from server.fleet import health
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.fleet.running import items_of, make_items_due, run_of, until_held
from tests.workers.processes import Process, process, until
from tests.workers.rows import end_left_over


@pytest_asyncio.fixture(loop_scope="session")
async def dispatcher(database: Servers, tmp_path: Path) -> AsyncIterator[Process]:
    """A dispatcher, and nothing of other tests to dispatch."""
    await end_left_over()
    async with platform_transaction():
        await sql("UPDATE platform.run SET state = 'stopped' WHERE state = 'open'")
    async with process(database, tmp_path, "dispatcher") as running:
        yield running


async def asked(cast: Cast) -> UUID:
    """A run that measures both committees of the cast's province."""
    async with platform_transaction(read_only=True):
        row = await one("SELECT slug FROM platform.province WHERE id = $1", cast.province)
    assert row is not None
    grants = (Grant("province_administrator", province=cast.province),)
    await health.ask(row["slug"], by=Reader(cast.hoa.account_id, "Siu Hương", grants))
    async with platform_transaction(read_only=True):
        found = await one("SELECT id FROM platform.run WHERE province = $1", cast.province)
    assert found is not None
    run: UUID = found["id"]
    return run


@pytest.mark.usefixtures("dispatcher")
async def test_a_killed_worker_is_followed_by_one_that_ends_the_run(
    database: Servers, cast: Cast, tmp_path: Path
) -> None:
    owner = await connect(database.owner_url)
    await owner.execute("INSERT INTO platform.committee_health (committee) VALUES ($1)", cast.pleiku.id)
    held = owner.transaction()
    await held.start()
    # The worker will stand before this row until it is killed.
    await owner.execute(
        "UPDATE platform.committee_health SET drift = '' WHERE committee = $1", cast.pleiku.id
    )
    run = await asked(cast)

    async def neighbour_done() -> bool:
        return (await run_of(run))["done"] == 1

    async with process(database, tmp_path, "worker", "--queue", "bulk") as worker:
        await until(neighbour_done, seconds=60, what="nobody took the run")
        await until_held(run)
        worker.kill()
    await held.rollback()
    await owner.close()
    await make_items_due(run)

    async def done() -> bool:
        return (await run_of(run))["state"] == "done"

    async with process(database, tmp_path, "worker", "--queue", "bulk"):
        # Nobody asks again: the dispatcher's tick or the outbox's own row does.
        took = await until(done, seconds=90, what="the run was forgotten")

    attempts = {row["subject"]: row["attempts"] for row in await items_of(run)}
    assert attempts == {cast.pleiku.slug: 2, cast.neighbour.slug: 1}, took
