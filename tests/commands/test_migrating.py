# ruff: noqa: F811  pytest hands fixtures over by their names
"""The operator migrates a fleet from the command line: rehearses, migrates, looks for drift, and fills a country."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.postgres import sql
from server.demo import state
from server.rollups.verify import verify
from server.schema import committee_line
from tenants import lifecycle
from tenants.registry import COLUMNS, ref_of
from tenants.transactions import platform_transaction
from tests.commands.conftest import Nennep
from tests.tenants.conftest import other_database, town  # noqa: F401  fixtures
from tests.tenants.test_template import written_down
from tests.tenants.town import Town
from tests.workers.processes import killed

LINE = committee_line()


@pytest.fixture
def place(town: Town) -> dict[str, str]:
    """The settings of a command that works in the town's database."""
    return {"NENNEP_DATABASE_URL": town.app_url, "NENNEP_OWNER_DATABASE_URL": town.owner_url}


async def behind(town: Town, count: int) -> list[str]:
    """Committees of the version before this one; their paths."""
    refs = await written_down(town, count)
    for ref in refs:
        await lifecycle.found_with(town.owner, ref.id, LINE[:-1])
    return [ref.slug for ref in refs]


async def test_a_dry_run_tries_the_canary_and_changes_nothing(
    nennep: Nennep,
    town: Town,
    place: dict[str, str],
) -> None:
    slugs = await behind(town, 3)

    dry = await nennep("migrate", "--dry-run", environment=place)

    assert dry.code == 0, dry.err
    assert dry.out.splitlines() == [f"{slug}\t{len(LINE) - 1} -> {len(LINE)}" for slug in slugs]
    assert f"{slugs[0]}: would be migrated in" in dry.err
    assert "3 committees would be migrated" in dry.err
    assert await town.versions() == [len(LINE) - 1] * 3


async def test_migrating_shows_waves_and_how_long_it_takes(
    nennep: Nennep,
    town: Town,
    place: dict[str, str],
) -> None:
    await behind(town, 5)

    done = await nennep("migrate", "--parallel", "2", environment=place)
    again = await nennep("migrate", environment=place)

    assert done.code == 0, done.err
    for line in (
        "platform: nothing to do",
        "5 committees to migrate; alone first: 1",
        "wave 1: ",
        "committees 5/5, ",
    ):
        assert line in done.err
    assert "committees: 5 migrated in" in done.err
    assert "committees: nothing to do" in again.err
    assert await town.versions() == [len(LINE)] * 5


async def test_a_canary_that_fails_is_told_with_what_to_do(
    nennep: Nennep,
    town: Town,
    place: dict[str, str],
) -> None:
    slugs = await behind(town, 2)
    schema = await town.owner.fetchval("SELECT schema_name FROM platform.committee WHERE slug = $1", slugs[0])
    await town.owner.execute(f'CREATE TABLE "{schema}".classification (other text)')

    dry = await nennep("migrate", "--dry-run", environment=place)
    failed = await nennep("migrate", environment=place)

    assert (dry.code, failed.code) == (1, 1)
    assert "already exists" in dry.err
    assert f'  {slugs[0]}: relation "classification" already exists' in failed.err
    assert "Mend this and run it again." in failed.err


async def test_drift_is_named_and_exits_with_one(
    nennep: Nennep,
    town: Town,
    place: dict[str, str],
) -> None:
    refs = await town.committees(2)
    good = await nennep("migrate", "--drift", environment=place)
    await town.owner.execute(f'DROP INDEX "{refs[1].schema_name}".meeting_by_date')

    drifted = await nennep("migrate", "--drift", environment=place)

    assert (good.code, drifted.code) == (0, 1)
    assert drifted.out == (
        f"{refs[1].slug}\t- index CREATE INDEX meeting_by_date ON meeting USING btree (held_on)\n"
    )


async def test_a_small_country_is_filled_once_and_tells_its_log_ins(
    nennep: Nennep,
    town: Town,
    place: dict[str, str],
    tmp_path: Path,
) -> None:
    file = tmp_path / "logins.json"
    small = ("--committees", "2", "--cells", "1", "--members", "3", "--months", "0", "--logins", str(file))

    made = await nennep("demo", "--country", *small, environment=place)
    again = await nennep("demo", "--country", *small, environment=place)

    assert made.code == 0, made.err
    assert "committees: 2/2" in made.err
    logins = json.loads(file.read_text("utf-8"))
    assert {login["role"] for login in logins} == {"province_administrator", "country_viewer"}
    assert again.code == 1
    assert "not empty" in again.err
    assert await town.owner.fetchval("SELECT count(*) FROM platform.committee WHERE unit_code <> ''") == 2
    await state.wipe(town.owner_url, state.COUNTRY)


async def test_more_committees_than_there_are_communes_is_refused(
    nennep: Nennep, place: dict[str, str]
) -> None:
    many = await nennep("demo", "--country", "--committees", "4000", environment=place)

    assert many.code == 1
    assert "There are 3321" in many.err


async def test_a_country_that_is_killed_is_gone_on_with(
    nennep: Nennep, town: Town, place: dict[str, str], tmp_path: Path
) -> None:
    file = str(tmp_path / "logins.json")
    small = ("--committees", "9", "--cells", "2", "--members", "6", "--months", "2", "--logins", file)
    await killed(
        town.owner,
        place,
        "SELECT count(DISTINCT committee) >= 2 FROM platform.rollup",
        "demo",
        "--country",
        *small,
    )
    before = await town.owner.fetch("SELECT id, slug FROM platform.committee ORDER BY slug")

    done = await nennep("demo", "--country", *small, environment=place)

    assert done.code == 0, done.err
    assert await town.owner.fetch("SELECT id, slug FROM platform.committee ORDER BY slug") == before
    async with platform_transaction(read_only=True):
        refs = [ref_of(row) for row in await sql(f"SELECT {COLUMNS} FROM platform.committee")]
    assert {ref.state for ref in refs} == {"active"}
    for ref in refs:
        assert (await verify(ref))[1] == []
        assert await town.owner.fetchval(f'SELECT count(*) FROM "{ref.schema_name}".member') == 12
    await state.wipe(town.owner_url, state.COUNTRY)


async def test_a_migration_that_is_killed_is_gone_on_with(
    nennep: Nennep, town: Town, place: dict[str, str]
) -> None:
    await behind(town, 40)
    await killed(
        town.owner,
        place,
        f"SELECT count(*) >= 3 FROM platform.committee WHERE version = {len(LINE)}",
        "migrate",
    )
    half_way = await town.versions()

    done = await nennep("migrate", environment=place)
    looked = await nennep("migrate", "--drift", environment=place)

    assert {len(LINE) - 1, len(LINE)} == set(half_way)
    assert (done.code, looked.code) == (0, 0), done.err + looked.err
    assert await town.versions() == [len(LINE)] * 40
