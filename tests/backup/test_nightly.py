"""By night every committee is backed up, by a run that may be killed anywhere: then the next worker goes on."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import Record
from server import clock
from server.backups import keeping, reading, runs
from tests.backup.conftest import choose
from tests.backup.playing import backed_up, files_of, lived_and_backed_up, rows
from tests.cast import Cast
from tests.export.lived import lived_in, page_of
from tests.export.playing import played
from tests.export.test_kill import ROOT, until_held
from workers import timetable

KILLS = 8


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def only_ours(database: Servers) -> AsyncIterator[None]:
    """Runs that other tests left open would be begun by the workers of these, and these by theirs."""
    await rows("UPDATE platform.run SET state = 'stopped' WHERE state = 'open'")
    yield
    await rows("UPDATE platform.run SET state = 'stopped' WHERE state = 'open'")


async def planned(province: UUID) -> list[Record]:
    """The runs of backups of a province after a night's planning, none of any other."""
    await runs.plan_backups()
    await rows("UPDATE platform.run SET state = 'stopped' WHERE state = 'open' AND province <> $1", province)
    return await rows(
        "SELECT id, state, items FROM platform.run WHERE province = $1 AND kind = 'backup' ORDER BY created_at",
        province,
    )


async def test_every_committee_is_backed_up_and_what_is_over_is_swept(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SPARED", 1)
    await lived_in(cast, tmp_path)
    with monkeypatch.context() as patch:
        moment = clock.now() - timedelta(days=40)
        patch.setattr(clock, "now", lambda: moment)
        old = await backed_up(cast.pleiku)

    [run] = await planned(cast.province)
    ended = await played(run["id"])

    assert (ended["state"], ended["done"]) == ("done", 2), ended["errors"]
    for ref in (cast.pleiku, cast.neighbour):
        [location] = await reading.there(ref.schema_name)
        assert location != old["location"]
        await reading.verify(location)


async def test_nothing_is_begun_where_there_is_no_place(
    cast: Cast, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, url="")

    assert await planned(cast.province) == []


async def test_one_that_waits_keeps_no_other_from_its_backup(cast: Cast, backups: Path) -> None:
    # Where its folder should be is a file: the place seems away, and that is waited for.
    (backups / cast.pleiku.schema_name).write_bytes(b"")

    [run] = await planned(cast.province)
    waits = await played(run["id"])
    before, after = await planned(cast.province)
    await played(after["id"])

    assert (waits["state"], waits["done"]) == ("open", 1)
    assert (before["id"], before["state"]) == (run["id"], "stopped")
    assert len(await reading.there(cast.neighbour.schema_name)) == 2


async def test_a_run_that_a_person_has_paused_stays_paused(cast: Cast, backups: Path) -> None:
    [run] = await planned(cast.province)
    await rows("UPDATE platform.run SET state = 'paused' WHERE id = $1", run["id"])

    [still] = await planned(cast.province)

    assert (still["id"], still["state"]) == (run["id"], "paused")


def test_the_clock_begins_it_every_night() -> None:
    assert "plan_backups" in {entry.job for entry in timetable.TIMETABLE}


async def test_a_backup_under_kills_is_made_once_and_nothing_half_looks_whole(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, first = await lived_and_backed_up(cast, tmp_path)
    for _ in range(12):
        await page_of(ref, tmp_path, meeting=await cast.meeting())
    [run] = await planned(cast.province)
    dice, killed = random.Random(11), 0

    for _ in range(KILLS):
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.export.worker", cwd=ROOT, env=dict(os.environ)
        )
        if await until_held(run["id"], worker):
            await asyncio.sleep(dice.uniform(0, 0.4))
        if worker.returncode is None:
            worker.send_signal(signal.SIGKILL)
            killed += 1
        await worker.wait()
        # Whatever looks like a backup is one.
        for location in await reading.there(ref.schema_name):
            await reading.verify(location)
        await rows(
            """UPDATE platform.run_item SET held_until = NULL, due_at = now(), attempts = least(attempts, 1)
            WHERE run = $1""",
            run["id"],
        )
    ended = await played(run["id"])

    assert killed
    assert ended["state"] == "done", ended["errors"]
    known = await rows(
        "SELECT location, pages FROM platform.backup WHERE committee = $1 ORDER BY taken_at", ref.id
    )
    assert known[0]["location"] == first["location"]
    assert [row["pages"] for row in known] == [1, 13]
    newest = await reading.verify(known[1]["location"])
    # Two days later nothing is left but what backups name.
    for path in (backups / ref.schema_name).iterdir():
        if path.name != "pages" and not (path / "backup.json").exists():
            path.rename(path.with_name(path.name.replace(path.name[:8], "20200101")))
    [later] = [one for one in await planned(cast.province) if one["state"] == "open"]
    await played(later["id"])
    whole = await reading.there(ref.schema_name)
    named = {f"{location.split('/')[1]}/{name}" for location in whole for name in ("backup.json", "rows.zip")}
    left = {name for name in files_of(backups, ref) if not name.rsplit("/", 1)[1].startswith(".part-")}
    assert left == named | {f"pages/{page.name}" for page in newest.pages}
