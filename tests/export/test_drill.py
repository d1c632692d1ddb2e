"""By night the clock tries whether committees could be restored, those first whose turn is longest ago."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest_asyncio

from infra import objects
from infra.embedded import Servers
from infra.postgres import Record, sql
from server.backups import drilling
from server.exports import exporting
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.export.lived import lived_in
from tests.export.playing import played

_STOP = """UPDATE platform.run SET state = 'stopped' WHERE state = 'open' AND kind = 'restore_drill'
    AND province IS DISTINCT FROM $1"""


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def only_ours(database: Servers) -> AsyncIterator[None]:
    """Nothing that this test begins in other tests' provinces is left for them."""
    yield
    async with platform_transaction():
        await sql(_STOP, None)


async def planned(province: UUID) -> list[Record]:
    """The drills of a province whose committees are not new, after a night's planning: run, state, committee."""
    async with platform_transaction():
        await sql(
            "UPDATE platform.committee SET created_at = now() - interval '8 days' WHERE province = $1",
            province,
        )
    await drilling.plan_drills()
    async with platform_transaction():
        await sql(_STOP, province)
        return await sql(
            """SELECT r.id AS run, r.state, i.committee FROM platform.run r JOIN platform.run_item i ON i.run = r.id
            WHERE r.province = $1 AND r.kind = 'restore_drill' ORDER BY r.created_at, i.no""",
            province,
        )


async def test_every_committee_is_tried_once_and_no_file_stays(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)

    items = await planned(cast.province)
    again = await planned(cast.province)
    ended = await played(items[0]["run"])
    later = await planned(cast.province)

    first, *next_night = (row["committee"] for row in (*items, *later[2:]))
    assert {row["committee"] for row in items} == {ref.id, cast.neighbour.id}
    assert len(items) == len(again) == 2
    # Nobody is due any more, but no night passes without a proof: whose turn was longest ago.
    assert next_night[1:] == [first]
    assert (ended["state"], ended["done"]) == ("done", 2), ended["errors"]
    async with platform_transaction(read_only=True):
        rows = await sql(
            """SELECT id, reason, rows, tested_at, test_fault, removed_at FROM platform.export
            WHERE committee = $1""",
            ref.id,
        )
        assert await exporting.exports_of(ref.id) == []
    [tried] = rows
    assert (tried["reason"], tried["test_fault"]) == ("drill", "")
    assert tried["tested_at"] is not None
    assert tried["removed_at"] is not None
    assert not await objects.exists(exporting.key_of(tried["id"]))


async def test_who_was_tried_two_months_ago_is_tried_again(cast: Cast, own_store: None) -> None:
    await played((await planned(cast.province))[0]["run"])
    async with platform_transaction():
        await sql(
            "UPDATE platform.export SET tested_at = now() - interval '61 days' WHERE committee = $1",
            cast.pleiku.id,
        )

    *_, last = await planned(cast.province)

    assert (last["state"], last["committee"]) == ("open", cast.pleiku.id)


async def test_whose_restores_fail_takes_no_night_from_the_others(cast: Cast, own_store: None) -> None:
    first = await planned(cast.province)
    await played(first[0]["run"])
    async with platform_transaction():
        await sql("UPDATE platform.export SET test_fault = 'rows' WHERE committee = $1", cast.pleiku.id)
        await sql(
            "UPDATE platform.export SET tested_at = now() - interval '1 day' WHERE committee = $1",
            cast.neighbour.id,
        )

    later = (await planned(cast.province))[len(first) :]

    assert {row["committee"] for row in later} == {cast.pleiku.id, cast.neighbour.id}
