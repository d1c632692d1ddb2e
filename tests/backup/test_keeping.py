"""Backups go on their day, the newest never; a page goes with the last backup that names it; kills leave nothing."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra import objects
from server import clock
from server.backups import about, keeping, reading
from server.minutes.keeping import StoreAway
from tenants.current import CommitteeRef
from tests.backup.conftest import OTHER_KEY, choose
from tests.backup.playing import backed_up, files_of, lived_and_backed_up, pages_of, rows
from tests.cast import Cast
from tests.export.lived import page_of


async def days_ago(monkeypatch: pytest.MonkeyPatch, days: float, ref: CommitteeRef) -> str:
    """A backup that was made so many days ago; its location."""
    moment = clock.now() - timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: moment)
        row = await backed_up(ref)
    location: str = row["location"]
    return location


async def test_a_backup_goes_on_its_day_and_the_newest_never(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SPARED", 1)
    ref, first = await lived_and_backed_up(cast, tmp_path)
    old, older = await days_ago(monkeypatch, 36, ref), await days_ago(monkeypatch, 50, ref)
    young = await days_ago(monkeypatch, 34, ref)

    assert await keeping.sweep(ref) == 4

    assert await reading.there(ref.schema_name) == [first["location"], young]
    assert {row["location"] for row in await reading_rows(ref)} == {first["location"], young}
    assert not (backups / old).exists()
    assert not (backups / older).exists()
    choose(monkeypatch, keep_days="1")
    for path in (backups / first["location"], backups / young):
        path.rename(path.with_name(path.name.replace(path.name[:8], "20200101")))
    await keeping.sweep(ref)
    assert len(await reading.there(ref.schema_name)) == 1
    assert len(pages_of(backups, ref)) == 1


async def reading_rows(ref: CommitteeRef) -> list[dict[str, object]]:
    return [
        dict(row) for row in await rows("SELECT location FROM platform.backup WHERE committee = $1", ref.id)
    ]


async def test_a_page_goes_with_the_last_backup_that_names_it(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SPARED", 1)
    ref, _ = await lived_and_backed_up(cast, tmp_path)
    gone = await page_of(ref, tmp_path, meeting=await cast.meeting())
    named = await days_ago(monkeypatch, 20, ref)
    await objects.remove([gone])
    await backed_up(ref)
    await keeping.sweep(ref)
    assert len(pages_of(backups, ref)) == 2

    choose(monkeypatch, keep_days="19")
    await keeping.sweep(ref)

    assert not (backups / named).exists()
    assert len(pages_of(backups, ref)) == 1
    for location in await reading.there(ref.schema_name):
        await reading.verify(location)


async def test_pages_of_backups_that_cannot_be_read_stay(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, first = await lived_and_backed_up(cast, tmp_path)
    choose(monkeypatch, key=OTHER_KEY)
    await backed_up(ref)

    await keeping.sweep(ref)

    assert len(pages_of(backups, ref)) == 2
    (backups / first["location"] / "backup.json").unlink()
    await keeping.sweep(ref)
    assert len(pages_of(backups, ref)) == 1


async def test_what_was_begun_is_left_alone_and_what_was_given_up_goes(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, row = await lived_and_backed_up(cast, tmp_path)
    whole = files_of(backups, ref)
    for days in (0, 3):
        location = about.new_location(ref.schema_name, clock.now() - timedelta(days=days))
        (backups / location).mkdir(parents=True)
        (backups / location / "rows.zip").write_bytes(b"half")
    orphan = backups / ref.schema_name / "pages" / ("0" * 32 + "-" + "0" * 64)
    orphan.write_bytes(b"page")
    await rows("INSERT INTO platform.backup (id, committee) VALUES (gen_random_uuid(), $1)", ref.id)

    assert await keeping.sweep(ref) == 0
    assert orphan.exists()
    await rows("UPDATE platform.backup SET began_at = now() - interval '3 days' WHERE ended_at IS NULL")
    assert await keeping.sweep(ref) == 2

    assert not orphan.exists()
    assert len(files_of(backups, ref) - whole) == 1
    assert await reading.there(ref.schema_name) == [row["location"]]
    assert len(await reading_rows(ref)) == 1


async def test_what_was_tried_is_still_known_when_it_is_gone(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SPARED", 1)
    ref, _ = await lived_and_backed_up(cast, tmp_path)
    old = await days_ago(monkeypatch, 40, ref)
    await rows("UPDATE platform.backup SET rehearsed_at = now() WHERE committee = $1", ref.id)

    await keeping.sweep(ref)

    [row] = await rows("SELECT removed_at, rehearsed_at FROM platform.backup WHERE location = $1", old)
    assert row["removed_at"] is not None
    assert row["rehearsed_at"] is not None


async def test_a_clock_that_runs_ahead_leaves_the_newest_and_the_last_that_was_proven(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, newest = await lived_and_backed_up(cast, tmp_path)
    found = [await days_ago(monkeypatch, days, ref) for days in range(1, 7)]
    proven, failed = found[4], found[3]
    await rows("UPDATE platform.backup SET rehearsed_at = now() WHERE location = ANY ($1)", [proven, failed])
    await rows("UPDATE platform.backup SET rehearsal_fault = 'differs' WHERE location = $1", failed)
    ahead = clock.now() + timedelta(days=400)

    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: ahead)
        await keeping.sweep(ref)

    assert await reading.there(ref.schema_name) == [newest["location"], *found[:2], proven]
    await reading.verify(proven)


async def test_a_folder_that_breaks_while_it_is_listed_sweeps_nothing(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, row = await lived_and_backed_up(cast, tmp_path)
    real = os.scandir

    def refused(path: str) -> Any:
        if str(path).endswith(row["location"]):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refused)
        with pytest.raises(StoreAway, match="Permission denied"):
            await keeping.sweep(ref)

    await reading.verify(row["location"])
