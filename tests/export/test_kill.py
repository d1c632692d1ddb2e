"""Workers are killed in the middle of exporting and erasing, again and again: in the end it is done once, and whole."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import connect, one, sql
from server.exports import erasing, exporting
from server.province import actions
from tenants import registry
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.export.lived import lived_in
from tests.export.playing import administrator, played, province_of_cast, state_of

ROOT = Path(__file__).parents[2]
# An item that was begun so often and never ended is given up: fewer kills of each than attempts.
KILLS_A_STEP = 2


async def killed_again_and_again(run: UUID, steps: int, dice: random.Random) -> int:
    """Let worker after worker begin, and kill each somewhere in an item; how many were killed."""
    killed = 0
    for _ in range(steps * KILLS_A_STEP):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.export.worker", cwd=ROOT, env=dict(os.environ)
        )
        try:
            if await until_held(run, process):
                await asyncio.sleep(dice.uniform(0, 0.35))
                if process.returncode is None:
                    process.send_signal(signal.SIGKILL)
                    killed += 1
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        async with platform_transaction():
            await sql(
                """UPDATE platform.run_item SET held_until = NULL, due_at = now(), attempts = least(attempts, 2)
                WHERE run = $1""",
                run,
            )
    return killed


async def until_held(run: UUID, process: asyncio.subprocess.Process) -> bool:
    """Wait until somebody is at an item of a run; False if the process ended without."""
    while process.returncode is None:
        async with platform_transaction(read_only=True):
            if await one("SELECT 1 FROM platform.run_item WHERE run = $1 AND held_until > now()", run):
                return True
        await asyncio.sleep(0.01)
    return False


@pytest.fixture(autouse=True)
async def nobody_elses_runs(database: Servers) -> None:
    """Runs that other tests left open would be begun by the workers of these."""
    async with platform_transaction():
        await sql("UPDATE platform.run SET state = 'stopped' WHERE state = 'open'")


async def test_an_export_under_kills_is_made_once_and_tried(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    run = await exporting.ask(province.slug, ref.slug, with_pages=True, by=by)

    killed = await killed_again_and_again(run, 2, random.Random(5))
    ended = await played(run)

    assert killed
    assert ended["state"] == "done", ended["errors"]
    async with platform_transaction(read_only=True):
        [row] = await exporting.exports_of(ref.id)
        assert {c.slug for c in await registry.committees(cast.province)} == {ref.slug, cast.neighbour.slug}
    assert (row["test_fault"], row["tested_at"] is not None) == ("", True)


async def test_an_erasure_under_kills_ends_with_nothing_left_and_one_stone(
    cast: Cast, database: Servers, own_store: None, tmp_path: Path
) -> None:
    ref, login, _ = await lived_in(cast, tmp_path)
    province = await province_of_cast(cast)
    first, second = await administrator(cast, "Rah Lan Hương"), await administrator(cast, "Đặng Văn Tuấn")
    await actions.suspend(province.slug, ref.slug, reason="Chờ xóa hẳn", by=first)
    await erasing.ask(
        province.slug, ref.slug, reason="Kết thúc hoạt động, Nghị quyết 12", typed=ref.slug, by=first
    )
    run = await erasing.confirm(province.slug, ref.slug, typed=ref.slug, by=second)

    killed = await killed_again_and_again(run, 5, random.Random(7))
    ended = await played(run)

    assert killed
    assert ended["state"] == "done", ended["errors"]
    assert await state_of(ref.id) == "erased"
    assert await objects.list_keys(f"{ref.schema_name}/") == []
    owner = await connect(database.owner_url)
    schemas = await owner.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = $1", ref.schema_name)
    accounts = await owner.fetchval("SELECT count(*) FROM platform.account WHERE login = $1", login)
    events = await owner.fetchval(
        "SELECT count(*) FROM platform.province_event WHERE committee = $1 AND action = 'committee_erased'",
        ref.id,
    )
    await owner.close()
    assert (schemas, accounts, events) == (0, 0, 1)
    async with platform_transaction(read_only=True):
        stone = await erasing.tombstone_of(ref.id)
        exports = await exporting.exports_of(ref.id)
    assert stone is not None
    assert (stone["objects"], stone["rows"]) == (1, exports[0]["rows"])
    assert await objects.exists(exports[0]["object_key"])
