"""What a committee weighs is measured where it is, at night and when somebody asks; in numbers only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from infra import objects
from infra.postgres import Record, one, sql
from infra.settings import settings
from server.fleet import health
from server.fleet.kinds import STORE_AWAY, TITLES
from tenants import registry
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.fleet.running import go_through, items_of
from workers import runs as worker
from workers.run_kinds import KINDS
from workers.runs import work_runs

pytestmark = pytest.mark.usefixtures("lanes")


@pytest.fixture
def own_store(servers: object) -> None:
    """The object store of this test: what another test has opened is not taken for it."""
    objects.client.cache_clear()


async def measured(cast: Cast) -> Record | None:
    async with platform_transaction(read_only=True):
        return await one("SELECT * FROM platform.committee_health WHERE committee = $1", cast.pleiku.id)


async def run_of(cast: Cast) -> Record:
    async with platform_transaction(read_only=True):
        row = await one(
            "SELECT id, priority, items FROM platform.run WHERE province = $1 AND kind = 'measure'",
            cast.province,
        )
    assert row is not None
    return row


async def close_others(cast: Cast) -> None:
    """What the night has begun for the provinces of other tests."""
    async with platform_transaction():
        await sql("UPDATE platform.run SET state = 'stopped' WHERE province <> $1", cast.province)


def test_every_kind_of_run_has_words() -> None:
    assert set(KINDS) <= set(TITLES)


async def test_the_night_measures_every_committee_of_every_province(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    async with platform_transaction():
        await registry.suspend(cast.neighbour.id, "Sáp nhập")
        await registry.add_committee(cast.province, kind="commune_committee", name="Chưa thành lập")
    file = tmp_path / "trang.pdf"
    file.write_bytes(b"x" * 1234)
    for name in ("a", "b"):
        await objects.put_file(f"{cast.pleiku.schema_name}/{name}", file, "application/pdf")

    await health.measure_committees()
    await close_others(cast)
    run = await run_of(cast)
    done = await go_through(run["id"])

    assert (run["priority"], run["items"], done["state"], done["failed"]) == (9, 2, "done", 0)
    assert {row["subject"] for row in await items_of(run["id"])} == {cast.pleiku.slug, cast.neighbour.slug}
    told = await measured(cast)
    assert told is not None
    assert (told["members"], told["objects"], told["object_bytes"]) == (6, 2, 2468)
    assert told["database_bytes"] > 500_000
    assert told["measured_at"] is not None


async def test_measuring_again_replaces_and_leaves_what_others_have_found(
    cast: Cast, own_store: None
) -> None:
    async with platform_transaction():
        await sql(
            "INSERT INTO platform.committee_health (committee, members, drift) VALUES ($1, 99, 'x')",
            cast.pleiku.id,
        )

    await health.measure_committee(cast.pleiku)
    await health.measure_committee(cast.pleiku)

    told = await measured(cast)
    assert told is not None
    assert (told["members"], told["drift"]) == (6, "x")


async def test_with_the_store_away_it_is_put_off_and_no_attempt_is_counted(
    cast: Cast, own_store: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await health.measure_committees()
    await close_others(cast)
    with monkeypatch.context() as patch:
        nobody = replace(settings(), objects_url="http://127.0.0.1:9")
        patch.setattr(objects, "client", lambda: objects.make_client(nobody))
        await work_runs()
    waiting = await items_of((await run_of(cast))["id"])

    assert {(row["state"], row["attempts"], row["error"]) for row in waiting} == {("waiting", 0, STORE_AWAY)}
    assert await measured(cast) is None
    assert (await go_through((await run_of(cast))["id"]))["state"] == "done"


async def test_a_night_that_is_still_at_it_is_not_begun_twice_and_old_ones_are_forgotten(cast: Cast) -> None:
    await health.measure_committees()
    first = await run_of(cast)
    await health.measure_committees()
    assert (await run_of(cast))["id"] == first["id"]
    async with platform_transaction():
        await sql(
            "UPDATE platform.run SET state = 'done', ended_at = now() - interval '8 days' WHERE id = $1",
            first["id"],
        )

    await health.measure_committees()

    assert (await run_of(cast))["id"] != first["id"]
    assert worker.limits()["measure"] == 2
