"""Two committees become one: everything of every cell is carried, once, whatever is killed and when."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import connect, sql
from server import clock
from server.committees import carried, merging, moving_cells
from server.words import Refused
from tenants import carrying, registry
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.fleet.running import go_through, items_of, make_items_due, run_of
from tests.province.full_cell import account, administrator, everything, fill, province_slug, second_cell
from workers.jobs import CommitteeMoves, perform, somebody_elses
from workers.runs import work_runs

TODAY = clock.today
ROOT = Path(__file__).parents[2]


async def begin(cast: Cast, **more: Any) -> UUID:
    told: dict[str, Any] = {"into": cast.neighbour.slug, "day": TODAY(), "agreed": True} | more
    return await merging.merge(await province_slug(cast), cast.pleiku.slug, **told, by=administrator(cast))


@pytest.fixture(autouse=True)
def own_store(servers: Servers) -> None:
    objects.client.cache_clear()


async def test_every_table_is_carried_or_said_to_stay(cast: Cast, database: Servers) -> None:
    tables = set(await everything(database, cast.pleiku))
    carries = {part.table for part in carried.OF_A_CELL.parts}

    assert tables == carries | set(carried.STAYS)
    assert not carries & set(carried.STAYS)


async def test_every_number_and_every_key_of_an_object_is_known(cast: Cast, database: Servers) -> None:
    owner = await connect(database.owner_url)
    rows = await owner.fetch(
        """SELECT c.relname AS table, a.attname AS column, a.attidentity <> '' AS counted FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r'
        AND a.attnum > 0 AND NOT a.attisdropped""",
        cast.pleiku.schema_name,
    )
    await owner.close()
    keys = {(r["table"], r["column"]) for r in rows if r["column"].endswith("_key")} - {
        (r["table"], "sort_key") for r in rows
    }
    counted = {(r["table"], r["column"]) for r in rows if r["counted"] or r["column"] == "no"} - {
        ("event", "id")
    }
    assert keys == {(table, name) for table, names in carried.OBJECT_KEYS.items() for name in names}
    assert counted == set(carried.NUMBERS.items())
    for part in carried.OF_A_CELL.parts:
        changed = set(part.changed)
        assert set(carried.OBJECT_KEYS.get(part.table, ())) <= changed
        assert {carried.NUMBERS[part.table]} <= changed if part.table in carried.NUMBERS else True


async def test_all_of_a_cell_is_there_afterwards_and_the_first_committee_keeps_its_past(
    cast: Cast, database: Servers
) -> None:
    await fill(cast)
    before, there = await everything(database, cast.pleiku), await everything(database, cast.neighbour)
    assert not [table for table, rows in before.items() if not rows], (
        "a table with nothing in it proves nothing"
    )

    row = await go_through(await begin(cast))
    assert row["state"] == "done", [dict(i) for i in await items_of(row["id"])]

    here, after = await everything(database, cast.pleiku), await everything(database, cast.neighbour)
    for table in {part.table for part in carried.OF_A_CELL.parts} - {"event", "resolution"}:
        came = [r for r in after[table] if r not in there[table]]
        assert sorted(map(str, map(_plain, came))) == sorted(str(_plain(r)) for r in before[table]), table
    # What A kept is what A had, but for what says that it ended.
    for table in set(here) - {"cell", "membership", "exemption", "seat", "usual_work", "event"}:
        assert here[table] == before[table], table
    cell = _of(here["cell"], str(cast.cell))
    assert cell["went_to"] == "Thị ủy Ayun Pa"
    assert cell["to_on"] == (TODAY() - timedelta(days=1)).isoformat()
    assert {r["ended_by"] for r in here["membership"]} == {"moved"}
    assert {r["to_on"] for r in here["seat"]} == {cell["to_on"]}
    assert all(r["ended_at"] for r in here["usual_work"])
    arrived = _of(after["cell"], str(cast.cell))
    assert arrived["name"] == "Chi bộ Tổ dân phố 5 (Thành ủy Pleiku)"
    assert (arrived["joined_on"], arrived["came_from"]) == (TODAY().isoformat(), "Thành ủy Pleiku")


def _of(rows: list[dict[str, Any]], id_: str) -> dict[str, Any]:
    return next(r for r in rows if r["id"] == id_)


# What is another there, by intent, and looked at by itself.
_OTHER = {
    "no", "name", "joined_on", "came_from", "pdf_key", "object_key", "clean_key", "grey_key", "thumb_key", "resolution",
}  # fmt: skip


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sorted(row.items()) if name not in _OTHER}


async def test_a_number_is_the_same_wherever_it_stands(cast: Cast, database: Servers) -> None:
    meeting = await fill(cast)
    await go_through(await begin(cast))

    after = await everything(database, cast.neighbour)
    numbers = [m["no"] for m in after["member"]]
    assert len(set(numbers)) == len(numbers) == 12
    by_number = {m["no"]: m["id"] for m in after["member"]}
    entries = [e for e in after["roll_entry"] if e["meeting"] == str(meeting)]
    assert len(entries) == 6
    assert all(by_number[e["no"]] == e["member"] for e in entries)
    assert {m["no"] for m in after["mark"]} == {e["no"] for e in entries}
    # The next member of the committee gets a number that nobody has.
    with using(cast.neighbour):
        async with transaction():
            row = await sql(
                "INSERT INTO member (id, name, sort_key, folded) VALUES ($1, 'A', 'a', 'a') RETURNING no",
                uuid4(),
            )
    assert row[0]["no"] not in numbers


async def test_objects_lie_below_the_new_prefix_and_the_old_ones_stay(cast: Cast, database: Servers) -> None:
    await fill(cast)
    mine = set(await objects.list_keys(f"{cast.pleiku.schema_name}/"))
    assert len(mine) >= 4
    await go_through(await begin(cast))

    theirs = set(await objects.list_keys(f"{cast.neighbour.schema_name}/"))
    assert {key.replace(cast.pleiku.schema_name, cast.neighbour.schema_name) for key in mine} <= theirs
    assert set(await objects.list_keys(f"{cast.pleiku.schema_name}/")) == mine
    after = await everything(database, cast.neighbour)
    keys = [r["object_key"] for table in ("minutes_file", "assignment_file") for r in after[table]]
    assert keys
    assert set(keys) <= theirs


async def test_the_committee_that_is_gone_says_so_and_is_counted_no_more(cast: Cast) -> None:
    await fill(cast)
    run = await begin(cast)
    async with platform_transaction(read_only=True):
        moving = await registry.find(cast.pleiku.slug)
    assert moving is not None
    assert moving.state == "moving"
    await go_through(run)

    async with platform_transaction(read_only=True):
        ref = await registry.find(cast.pleiku.slug)
        belonging = await sql(
            "SELECT to_on FROM platform.committee_belonging WHERE committee = $1", cast.pleiku.id
        )
        went = await moving_cells.successors(cast.pleiku.id)
        dirty = await sql(
            "SELECT schema_name, onward FROM platform.rollup_dirty WHERE cause = 'cells_moved' AND month = $1",
            clock.month_of(TODAY()),
        )
    assert ref is not None
    assert (ref.state, ref.state_reason) == ("archived", "Đã sáp nhập vào Thị ủy Ayun Pa.")
    assert [row["to_on"] for row in belonging] == [TODAY() - timedelta(days=1)]
    assert [(row["kind"], row["slug"], row["cells"]) for row in went] == [("merger", cast.neighbour.slug, 1)]
    assert {(r["schema_name"], r["onward"]) for r in dirty} >= {
        (cast.pleiku.schema_name, True), (cast.neighbour.schema_name, True)
    }  # fmt: skip
    # Its doors are closed to people by the application; what the platform does in it goes on.
    with using(ref):
        async with transaction(read_only=True):
            assert await sql("SELECT 1 FROM cell")


async def test_who_had_a_part_in_the_cell_has_it_there_and_what_was_to_be_done_is_done_there(
    cast: Cast,
) -> None:
    await fill(cast)
    person = await account([("secretary", cast.pleiku.id, cast.cell), ("office", cast.pleiku.id, None)])
    await go_through(await begin(cast))

    async with platform_transaction(read_only=True):
        grants = await sql(
            "SELECT role, committee, cell_name FROM platform.account_grant WHERE account = $1 ORDER BY role",
            person,
        )
        jobs = await sql(
            "SELECT arguments ->> 'page' AS page FROM platform.outbox WHERE schema_name = $1 AND job = 'clean_page'",
            cast.neighbour.schema_name,
        )
    assert [(g["role"], g["committee"]) for g in grants] == [
        ("office", cast.pleiku.id), ("secretary", cast.neighbour.id)
    ]  # fmt: skip
    assert grants[1]["cell_name"] == "Chi bộ Tổ dân phố 5 (Thành ủy Pleiku)"
    with using(cast.neighbour):
        async with transaction(read_only=True):
            pages = await sql("SELECT id::text FROM minutes_page WHERE state = 'identified'")
    assert {job["page"] for job in jobs} == {page["id"] for page in pages} != set()


async def test_the_connection_lost_at_any_statement_it_goes_on_and_carries_nothing_twice(
    cast: Cast, database: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(cast)
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    run = await begin(cast)
    real, said, dies, deaths = asyncpg.Connection.execute, 0, 0, 0

    async def execute(self: asyncpg.Connection, *given: Any, **more: Any) -> Any:
        nonlocal said, deaths
        if dies and self.get_settings().application_name == "nennep-owner":
            said += 1
            if said == dies:
                deaths += 1
                self.terminate()
        return await real(self, *given, **more)

    monkeypatch.setattr(asyncpg.Connection, "execute", execute)
    for n in (1, 2, 3, 5, 8, 13, 21, 30, 40, 50):
        said, dies = 0, n
        await tried_anew(run)
        await work_runs()
    dies = 0
    assert deaths >= 8
    await whole(cast, database, run)


async def tried_anew(run: UUID) -> None:
    """As if nothing had been counted, and nobody held anything any more."""
    async with platform_transaction():
        await sql("UPDATE platform.run_item SET attempts = 0 WHERE run = $1 AND state = 'waiting'", run)
    await make_items_due(run)


async def whole(cast: Cast, database: Servers, run: UUID) -> None:
    """The run comes to its end, everything is there once, and all of it again changes nothing."""
    await tried_anew(run)
    row = await go_through(run)
    assert row["state"] == "done", [dict(i) for i in await items_of(run)]
    after = await everything(database, cast.neighbour)
    counts = {
        name: len(after[name]) for name in ("cell", "member", "mark", "minutes", "assignment_change", "seat")
    }
    assert counts == {"cell": 3, "member": 13, "mark": 6, "minutes": 1, "assignment_change": 2, "seat": 1}
    async with platform_transaction():
        await sql(
            "UPDATE platform.run_item SET state = 'waiting', attempts = 0 WHERE run = $1 AND step = 2", run
        )
        await sql("UPDATE platform.run SET state = 'open', done = 0 WHERE id = $1", run)
    await go_through(run)
    assert await everything(database, cast.neighbour) == after


async def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(
    cast: Cast, database: Servers
) -> None:
    await fill(cast)
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    run = await begin(cast)
    for n in range(6):
        process = subprocess.Popen(  # noqa: ASYNC220  killed before anything waits for it
            [sys.executable, "-m", "tests.province.mover"], cwd=ROOT, env=os.environ | database.environment(),
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        await asyncio.sleep(0.03 * n)
        process.send_signal(signal.SIGKILL)
        process.wait()
        await tried_anew(run)
    await whole(cast, database, run)


async def test_a_request_that_came_through_the_door_before_is_carried_or_refused(
    cast: Cast, database: Servers
) -> None:
    """A mark's transaction that began while the committee was open, and ends while its cells are carried."""
    meeting = await cast.meeting()
    writing, written = asyncio.Event(), []

    async def late() -> None:
        with using(cast.pleiku):
            async with transaction():
                await sql("UPDATE meeting SET place = 'Nhà văn hóa' WHERE id = $1", meeting)
                writing.set()
                await asyncio.sleep(1)
                await sql("UPDATE meeting SET created_by = 'Hòa' WHERE id = $1", meeting)
        written.append(meeting)

    slow = asyncio.create_task(late())
    await writing.wait()
    await go_through(await begin(cast))
    await slow

    assert written
    with using(cast.neighbour):
        async with transaction(read_only=True):
            row = await sql("SELECT place, created_by FROM meeting WHERE id = $1", meeting)
    assert [tuple(r) for r in row] == [("Nhà văn hóa", "Hòa")]


async def test_while_it_moves_postgresql_itself_lets_nobody_in(cast: Cast) -> None:
    run = await begin(cast)
    async with platform_transaction():
        await sql(
            "UPDATE platform.run_item SET due_at = now() + interval '1 hour' WHERE run = $1 AND step <> 1",
            run,
        )
    await work_runs()
    async with platform_transaction():
        await sql(
            "UPDATE platform.run_item SET due_at = now() + interval '1 hour' WHERE run = $1 AND state = 'waiting'",
            run,
        )
    items = {row["step"]: row["state"] for row in await items_of(run)}
    assert items[1] == "done"
    if (await run_of(run))["state"] == "open":
        with using(cast.pleiku), pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(read_only=True):
                pass
    assert (await go_through(run))["state"] == "done"


async def test_what_is_to_be_done_in_it_waits_and_is_no_fault(cast: Cast) -> None:
    await begin(cast)
    with pytest.raises(CommitteeMoves) as moving:
        await perform("recompute_dirty", cast.pleiku.schema_name, {})
    assert somebody_elses(moving.value)


async def test_a_card_that_is_held_there_already_stays_with_who_holds_it(
    cast: Cast, database: Servers
) -> None:
    for ref, name in ((cast.pleiku, "Chi bộ Làng A"), (cast.neighbour, "Chi bộ Làng B")):
        cell = await second_cell(ref, name)
        with using(ref):
            async with transaction():
                await sql(
                    """UPDATE member SET card_number = '099000000009' WHERE id = (SELECT member FROM membership
                    WHERE cell = $1)""",
                    cell,
                )
    assert (await go_through(await begin(cast)))["state"] == "done"

    cards = [m["card_number"] for m in (await everything(database, cast.neighbour))["member"]]
    assert cards.count("099000000009") == 1


async def test_what_can_not_be_merged_is_refused_at_its_field(cast: Cast) -> None:
    for field, more in {
        "into": {"into": cast.pleiku.slug}, "agreed": {"agreed": False}, "day": {"day": TODAY() + timedelta(days=1)},
    }.items():  # fmt: skip
        with pytest.raises(Refused) as refusal:
            await begin(cast, **more)
        assert list(refusal.value.reasons) == [field]
    await begin(cast)
    with pytest.raises(Refused):
        await begin(cast)
    async with platform_transaction(read_only=True):
        assert await moving_cells.is_under_way([cast.neighbour.id])


async def test_two_versions_of_a_schema_wait_for_each_other(cast: Cast, database: Servers) -> None:
    async def ahead_by(versions: int) -> None:
        async with platform_transaction():
            await sql(
                "UPDATE platform.committee SET version = version + $2 WHERE id = $1",
                cast.neighbour.id, versions,
            )  # fmt: skip

    async def nothing(_: Any) -> None:
        raise AssertionError("no object may be copied")

    await ahead_by(-1)
    with pytest.raises(carrying.Apart):
        await carrying.carry(
            database.owner_url, carried.OF_A_CELL, cast.pleiku, cast.neighbour, values={"cell": str(cast.cell)},
            copy=nothing,
        )  # fmt: skip
    # Whoever migrates all committees after us would find one that has its tables already.
    await ahead_by(1)
