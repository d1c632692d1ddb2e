"""The operator migrates: in a database of its own, so that no other test's committees are touched."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from infra.postgres import sql
from server.schema import platform_lines
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.migrations import Migration, read_line, runner
from tenants.migrations.runner import migrate_committees, migrate_platform
from tenants.transactions import platform_transaction, transaction
from tests.tenants.town import LINE, Town

NOTE = Migration(len(LINE) + 1, "0098_note", "CREATE TABLE note (id int PRIMARY KEY, text text NOT NULL)")
COLUMN = Migration(
    len(LINE) + 2, "0099_author", "ALTER TABLE note ADD COLUMN author text; REVOKE DELETE ON note FROM {role}"
)
LOCKING = Migration(NOTE.version, "0098_locking", "ALTER TABLE meeting ADD COLUMN IF NOT EXISTS probe int")


async def test_the_platform_is_migrated_once_and_again_is_nothing(town: Town) -> None:
    assert await migrate_platform(town.owner_url, platform_lines()) == 0

    rows = await town.owner.fetch("SELECT line, version, name FROM platform.migration ORDER BY line, version")
    expected = [
        (line, m.version, m.name) for line, migrations in sorted(platform_lines()) for m in migrations
    ]
    assert [tuple(row) for row in rows] == expected


async def test_two_runs_on_the_platform_at_once_take_each_step_once(town: Town) -> None:
    extra = [
        (
            "extra",
            [Migration(1, "0001_a", "CREATE TABLE platform.a (id int)"), Migration(2, "0002_b", "SELECT 1")],
        )
    ]

    taken = await asyncio.gather(
        *(migrate_platform(town.owner_url, [*platform_lines(), *extra]) for _ in range(4))
    )

    assert sorted(taken) == [0, 0, 0, 2]


async def test_a_platform_step_that_fails_keeps_those_before_it(town: Town) -> None:
    first, broken = (
        Migration(1, "0001_a", "CREATE TABLE platform.a (id int)"),
        Migration(2, "0002_b", "SELECT 1 / 0"),
    )

    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate_platform(town.owner_url, [("extra", [first, broken])])

    mended = Migration(2, "0002_b", "SELECT 1")
    assert await migrate_platform(town.owner_url, [("extra", [first, mended])]) == 1


async def test_all_committees_go_from_one_version_to_the_next(town: Town) -> None:
    refs = await town.committees(7)
    told: list[tuple[int, int]] = []

    report = await migrate_committees(town.owner_url, [*LINE, NOTE], progress=lambda *done: told.append(done))
    after = await migrate_committees(town.owner_url, [*LINE, NOTE, COLUMN])

    assert (report.migrated, report.failed) == (7, {})
    assert told == [(n, 7) for n in range(1, 8)]
    assert (after.migrated, after.failed) == (7, {})
    assert await town.versions() == [COLUMN.version] * 7
    assert await town.ledger(refs[0]) == list(range(1, COLUMN.version + 1))
    with using(refs[0]):
        async with transaction():
            await sql("INSERT INTO note (id, text) VALUES (1, 'x')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction():
                await sql("DELETE FROM note")


async def test_nothing_to_do_is_one_query(town: Town) -> None:
    await town.committees(3)
    above = await asyncpg.connect(town.super_url)
    try:
        await above.execute("SELECT ext.pg_stat_statements_reset()")
        report = await migrate_committees(town.owner_url, LINE)
        calls = await above.fetch(
            """SELECT query FROM ext.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
            WHERE r.rolname = 'nennep_owner'
            AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"""
        )
    finally:
        await above.close()

    assert (report.migrated, report.failed) == (0, {})
    assert len(calls) == 1, [call["query"] for call in calls]


async def test_only_one_committee_can_be_chosen_and_unborn_ones_wait(town: Town) -> None:
    refs = await town.committees(3)
    async with platform_transaction():
        await registry.add_committee(refs[0].province_id, kind="ward_committee", name="Chưa lập")

    report = await migrate_committees(town.owner_url, [*LINE, NOTE], only=refs[1].slug)

    assert (report.migrated, report.failed) == (1, {})
    assert await town.versions() == [len(LINE), NOTE.version, len(LINE)]
    assert (await migrate_committees(town.owner_url, [*LINE, NOTE], only="no-such")).migrated == 0


async def test_suspended_committees_are_migrated_too(town: Town) -> None:
    [ref] = await town.committees(1)
    async with platform_transaction():
        assert await registry.suspend(ref.id, "x")

    assert (await migrate_committees(town.owner_url, [*LINE, NOTE])).migrated == 1


async def test_a_canary_that_fails_spares_everybody_else(town: Town) -> None:
    refs = await town.committees(4)
    await town.owner.execute(f'CREATE TABLE "{refs[0].schema_name}".note (other text)')

    report = await migrate_committees(town.owner_url, [*LINE, NOTE])

    assert list(report.failed) == [refs[0].slug]
    assert "already exists" in report.failed[refs[0].slug]
    assert await town.versions() == [len(LINE)] * 4


async def test_with_several_canaries_the_first_that_fails_is_the_last(town: Town) -> None:
    refs = await town.committees(4)
    await town.owner.execute(f'CREATE TABLE "{refs[0].schema_name}".note (other text)')

    report = await migrate_committees(town.owner_url, [*LINE, NOTE], canaries=3)

    assert list(report.failed) == [refs[0].slug]
    assert await town.versions() == [len(LINE)] * 4


async def test_a_failure_in_the_middle_stops_keeps_what_is_done_and_goes_on_after_the_repair(
    town: Town,
) -> None:
    refs = await town.committees(9)
    await town.owner.execute(f'CREATE TABLE "{refs[4].schema_name}".note (other text)')

    stopped = await migrate_committees(town.owner_url, [*LINE, NOTE], parallel=2)
    half_way = await town.versions()
    await town.owner.execute(f'DROP TABLE "{refs[4].schema_name}".note')
    resumed = await migrate_committees(town.owner_url, [*LINE, NOTE], parallel=2)

    assert list(stopped.failed) == [refs[4].slug]
    assert half_way[4] == len(LINE)
    assert 4 <= half_way.count(NOTE.version) <= 6
    assert stopped.migrated == half_way.count(NOTE.version)
    assert (resumed.migrated, resumed.failed) == (9 - stopped.migrated, {})
    assert await town.versions() == [NOTE.version] * 9
    assert await town.ledger(refs[4]) == list(range(1, NOTE.version + 1))


async def test_a_step_that_fails_half_way_leaves_nothing_of_itself_or_of_the_steps_with_it(
    town: Town,
) -> None:
    [ref] = await town.committees(1)
    broken = Migration(COLUMN.version, "0099_broken", "CREATE TABLE half (id int); SELECT 1 / 0")

    report = await migrate_committees(town.owner_url, [*LINE, NOTE, broken])

    assert "division by zero" in report.failed[ref.slug]
    assert not {"note", "half"} & await town.tables(ref)
    assert (await town.versions(), await town.ledger(ref)) == ([len(LINE)], list(range(1, len(LINE) + 1)))


async def test_two_runs_at_once_take_every_step_once(town: Town) -> None:
    refs = await town.committees(8)

    reports = await asyncio.gather(*(migrate_committees(town.owner_url, [*LINE, NOTE]) for _ in range(3)))

    assert [report.failed for report in reports] == [{}, {}, {}]
    assert await town.versions() == [NOTE.version] * 8
    for ref in refs:
        assert await town.ledger(ref) == list(range(1, NOTE.version + 1))


async def test_a_table_in_use_is_waited_for_without_blocking_its_readers(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        runner, "_LOCKS", "SET LOCAL lock_timeout = '100ms'; SET LOCAL statement_timeout = '60s'"
    )
    [ref] = await town.committees(1)
    reader = await asyncpg.connect(town.super_url)
    held = reader.transaction()
    await held.start()
    await reader.execute(f'SELECT FROM "{ref.schema_name}".meeting')

    run = asyncio.create_task(migrate_committees(town.owner_url, [*LINE, LOCKING]))
    await asyncio.sleep(0.5)
    assert not run.done()
    await held.rollback()
    await reader.close()
    report = await run

    assert (report.migrated, report.failed) == (1, {})


async def test_a_table_that_stays_locked_is_told_and_left_alone(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        runner, "_LOCKS", "SET LOCAL lock_timeout = '20ms'; SET LOCAL statement_timeout = '60s'"
    )
    monkeypatch.setattr(runner, "_TRIES", 2)
    [ref] = await town.committees(1)
    reader = await asyncpg.connect(town.super_url)
    held = reader.transaction()
    await held.start()
    await reader.execute(f'SELECT FROM "{ref.schema_name}".meeting')

    report = await migrate_committees(town.owner_url, [*LINE, LOCKING])
    await held.rollback()
    await reader.close()

    assert (report.migrated, report.failed) == (0, {})
    assert "stayed locked" in report.stuck[ref.slug]
    assert await town.versions() == [len(LINE)]
    assert "stayed locked" in await town.error(ref)
    assert (await migrate_committees(town.owner_url, [*LINE, LOCKING])).migrated == 1
    assert await town.error(ref) == ""


async def test_whose_tables_stay_locked_holds_up_nobody_else(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        runner, "_LOCKS", "SET LOCAL lock_timeout = '20ms'; SET LOCAL statement_timeout = '60s'"
    )
    monkeypatch.setattr(runner, "_TRIES", 1)
    refs = await town.committees(6)
    reader = await asyncpg.connect(town.super_url)
    held = reader.transaction()
    await held.start()
    await reader.execute(
        f'SELECT FROM "{refs[0].schema_name}".meeting; SELECT FROM "{refs[3].schema_name}".meeting'
    )

    report = await migrate_committees(town.owner_url, [*LINE, LOCKING])
    await held.rollback()
    await reader.close()

    # The first of all is locked too: the next in line goes alone in its place.
    assert (report.migrated, report.failed) == (4, {})
    assert set(report.stuck) == {refs[0].slug, refs[3].slug}


async def test_when_very_many_are_stuck_somebody_should_look(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        runner, "_LOCKS", "SET LOCAL lock_timeout = '10ms'; SET LOCAL statement_timeout = '60s'"
    )
    monkeypatch.setattr(runner, "_TRIES", 1)
    monkeypatch.setattr(runner, "_STUCK_MOST", 3)
    refs = await town.committees(8)
    reader = await asyncpg.connect(town.super_url)
    held = reader.transaction()
    await held.start()
    for ref in refs:
        await reader.execute(f'SELECT FROM "{ref.schema_name}".meeting')

    report = await migrate_committees(town.owner_url, [*LINE, LOCKING], parallel=1)
    await held.rollback()
    await reader.close()

    assert (report.migrated, len(report.stuck)) == (0, 3)


async def test_those_that_are_named_canaries_go_first_and_alone(town: Town) -> None:
    refs = await town.committees(8)
    chosen = [refs[5], refs[7]]
    await town.owner.execute(
        "UPDATE platform.committee SET canary = true WHERE id = ANY ($1)", [ref.id for ref in chosen]
    )
    await town.owner.execute(f'CREATE TABLE "{refs[7].schema_name}".note (other text)')

    report = await migrate_committees(town.owner_url, [*LINE, NOTE], stop_after=5)

    assert (report.migrated, list(report.failed)) == (1, [refs[7].slug])
    assert await town.versions() == [len(LINE)] * 5 + [NOTE.version] + [len(LINE)] * 2


async def test_a_canary_that_would_come_out_otherwise_is_taken_back_and_nothing_else_is_touched(
    town: Town,
) -> None:
    refs = await town.committees(3)
    await town.owner.execute(f'DROP INDEX "{refs[0].schema_name}".meeting_by_date')

    report = await migrate_committees(town.owner_url, [*LINE, NOTE])

    assert "- index CREATE INDEX meeting_by_date" in report.failed[refs[0].slug]
    assert await town.versions() == [len(LINE)] * 3
    assert "note" not in await town.tables(refs[0])
    assert "meeting_by_date" in await town.error(refs[0])


async def test_the_run_stops_after_as_many_failures_as_it_may_have(town: Town) -> None:
    refs = await town.committees(10)
    for ref in refs[3:5]:
        await town.owner.execute(f'CREATE TABLE "{ref.schema_name}".note (other text)')

    two = await migrate_committees(town.owner_url, [*LINE, NOTE], parallel=1, stop_after=2)
    rest = await migrate_committees(town.owner_url, [*LINE, NOTE], parallel=1, stop_after=9)

    assert (two.migrated, list(two.failed)) == (3, [refs[3].slug, refs[4].slug])
    # Who failed before comes last: a committee that is still broken does not keep the others from going on.
    assert (rest.migrated, set(rest.failed)) == (5, {ref.slug for ref in refs[3:5]})


async def test_waves_grow_and_wait_for_each_other(town: Town) -> None:
    await town.committees(12)
    heard: list[str] = []
    told: list[tuple[int, int]] = []

    await migrate_committees(
        town.owner_url, [*LINE, NOTE], told=heard.append, progress=lambda *done: told.append(done)
    )

    assert heard == [
        "12 committees to migrate; alone first: 1",
        "wave 1: 1 committees", "wave 2: 1 committees", "wave 3: 9 committees",
    ]  # fmt: skip
    assert told == [(n, 12) for n in range(1, 13)]


async def test_a_committee_that_an_older_program_founds_meanwhile_is_brought_up_too(town: Town) -> None:
    await town.committees(2)
    late: list[asyncio.Task[list[CommitteeRef]]] = []

    def founds(line: str) -> None:
        if line.startswith("wave") and not late:
            late.append(asyncio.create_task(town.committees(1, name="Muộn")))

    slow = Migration(NOTE.version, NOTE.name, f"{NOTE.sql}; SELECT pg_sleep(0.5)")
    report = await migrate_committees(town.owner_url, [*LINE, slow], told=founds)
    [ref] = await late[0]

    assert report.migrated == 3
    assert "note" in await town.tables(ref)


async def test_a_rehearsal_changes_nothing(town: Town) -> None:
    refs = await town.committees(2)
    waiting = await runner.behind(town.owner, [*LINE, NOTE])
    assert [row["slug"] for row in waiting] == [ref.slug for ref in refs]

    await runner.rehearse(town.owner_url, [*LINE, NOTE], waiting[0])

    assert await town.versions() == [len(LINE)] * 2
    assert "note" not in await town.tables(refs[0])
    await town.owner.execute(f'CREATE INDEX by_hand ON "{refs[0].schema_name}".member (phone)')
    with pytest.raises(runner.Unlike, match=r"\+ index CREATE INDEX by_hand"):
        await runner.rehearse(town.owner_url, [*LINE, NOTE], waiting[0])


async def test_a_run_that_loses_its_connection_tells_so_and_is_run_again(town: Town) -> None:
    refs = await town.committees(3)
    slow = Migration(NOTE.version, "0098_slow", "SELECT pg_sleep(0.3); CREATE TABLE note (id int)")

    run = asyncio.create_task(migrate_committees(town.owner_url, [*LINE, slow]))
    killer = await asyncpg.connect(town.super_url)
    async with asyncio.timeout(10):
        while not await killer.fetchval(  # noqa: ASYNC110  another process has no event for us
            """SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event = 'PgSleep' LIMIT 1"""
        ):
            await asyncio.sleep(0.01)
    await killer.close()
    broken_off = await run
    again = await migrate_committees(town.owner_url, [*LINE, NOTE])

    assert list(broken_off.failed) == [refs[0].slug]
    assert broken_off.migrated + again.migrated == 3
    assert await town.versions() == [NOTE.version] * 3


def test_a_line_is_numbered_without_gaps(tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("SELECT 1")
    (tmp_path / "README").write_text("not a migration")
    assert [m.version for m in read_line(tmp_path)] == [1]

    for odd in ("0003_gap.sql", "0001_twice.sql", "2_short.sql", "0002_Capital.sql"):
        (tmp_path / odd).write_text("SELECT 1")
        with pytest.raises(ValueError, match="should be number"):
            read_line(tmp_path)
        (tmp_path / odd).unlink()
