"""Several things at once with committees whose cells are on their way: one of them happens, or all in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from uuid import UUID

import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import sql
from server import clock
from server.committees import archiving, merging, moving_cells
from server.exports import exporting
from server.rollups.closing import close_month
from server.schema import committee_line
from server.words import Refused
from tenants import lifecycle, registry
from tenants.migrations.runner import migrate_committees
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.fleet.running import go_through, make_items_due, run_of
from tests.province.full_cell import administrator, fill, province_slug, second_cell
from tests.province.test_moving_figures import (
    DAY,
    MONTHS,
    as_corrected,
    counted_again,
    live,
    sums,
)
from tests.province.test_splitting import split
from workers.runs import work_runs


@pytest.fixture(autouse=True)
def own_store(servers: Servers) -> None:
    objects.client.cache_clear()


async def third(cast: Cast, servers: Servers) -> registry.CommitteeRef:
    async with platform_transaction():
        ref = await registry.add_committee(cast.province, kind="commune_committee", name="Ia Grai")
    await lifecycle.found(servers.owner_url, ref.id, committee_line())
    async with platform_transaction(read_only=True):
        found = await registry.find_by_id(ref.id)
    assert found is not None
    return found


async def begin(cast: Cast, source: str, target: str) -> UUID:
    return await merging.merge(
        await province_slug(cast), source, into=target, day=clock.today(), agreed=True, by=administrator(cast)
    )


async def test_of_mergers_and_a_split_that_cross_one_begins(cast: Cast, database: Servers) -> None:
    other = await third(cast, database)
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    a, b, c = cast.pleiku.slug, cast.neighbour.slug, other.slug
    outcomes = await asyncio.gather(
        *(asyncio.create_task(one) for one in (
            begin(cast, a, b), begin(cast, b, a), begin(cast, c, a), split(cast, [cast.cell]), begin(cast, a, c),
        )),
        return_exceptions=True,
    )  # fmt: skip
    begun = [one for one in outcomes if isinstance(one, UUID)]
    assert {type(one) for one in outcomes} <= {UUID, Refused}, outcomes
    assert len(begun) == 1
    assert (await go_through(begun[0]))["state"] == "done"


async def test_an_export_and_a_migration_beside_a_merger_come_to_their_end(
    cast: Cast, database: Servers
) -> None:
    await fill(cast)
    run = await begin(cast, cast.pleiku.slug, cast.neighbour.slug)
    export = await exporting.ask(
        await province_slug(cast), cast.pleiku.slug, with_pages=True, by=administrator(cast)
    )

    report, *_ = await asyncio.gather(
        migrate_committees(database.owner_url, committee_line(), province=cast.province),
        work_runs(),
        work_runs(),
    )

    assert report.failed == {}
    assert (await go_through(run))["state"] == "done"
    assert (await go_through(export))["state"] == "done"


async def test_a_committee_that_is_put_away_meanwhile_neither_merges_nor_takes_cells(cast: Cast) -> None:
    other = administrator(cast)
    for source, target, gone in (
        (cast.pleiku, cast.neighbour, cast.neighbour), (cast.pleiku, cast.neighbour, cast.pleiku)
    ):  # fmt: skip
        held = asyncio.Event()
        waiting = asyncio.create_task(after(held, begin(cast, source.slug, target.slug)))
        async with platform_transaction():
            # Whoever archives holds the row, and has not committed yet.
            await sql("SELECT 1 FROM platform.committee WHERE id = $1 FOR UPDATE", gone.id)
            held.set()
            await until_somebody_waits()
            await registry.archive(gone.id, "Kết thúc hoạt động")
        with pytest.raises(Refused):
            await waiting
        await archiving.unarchive(await province_slug(cast), gone.slug, by=other)
        async with platform_transaction(read_only=True):
            assert not await moving_cells.is_under_way([cast.pleiku.id, cast.neighbour.id])


async def after(held: asyncio.Event, begun: Coroutine[None, None, UUID]) -> UUID:
    await held.wait()
    return await begun


async def until_somebody_waits() -> None:
    for _ in range(200):
        rows = await sql(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
        )
        if rows:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


async def test_months_that_close_between_two_cells_of_a_merger_are_put_right_by_corrections(
    cast: Cast,
) -> None:
    await live(cast)
    before = await sums(cast)
    run = await merging.merge(
        await province_slug(cast), cast.pleiku.slug, into=cast.neighbour.slug, day=DAY, agreed=True,
        by=administrator(cast),
    )  # fmt: skip
    while (await run_of(run))["done"] < 2:
        await make_items_due(run)
        async with platform_transaction():
            # One item at a time: the others wait.
            await sql(
                """UPDATE platform.run_item SET due_at = now() + interval '1 hour' WHERE run = $1 AND state = 'waiting'
                AND no <> (SELECT no FROM platform.run_item WHERE run = $1 AND state = 'waiting'
                    ORDER BY step, no LIMIT 1)""",
                run,
            )
        await work_runs()
    for month in MONTHS[:-1]:
        await close_month(cast.province, month)
    assert (await go_through(run))["state"] == "done"
    await counted_again(cast)

    assert await as_corrected(cast) == {month: before[month] for month in MONTHS[:-1]}
