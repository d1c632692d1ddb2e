"""A backup holds every row of one moment and every page, each page once; whatever is not as it was made is told."""

from __future__ import annotations

import base64
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra import objects
from infra.sealing import is_sealed
from infra.settings import settings
from server.backups import drilling, files, making, reading
from server.minutes.keeping import StoreAway
from server.words import Refused
from tenants.current import CommitteeRef
from tenants.export.faults import WrongFile
from tenants.outbox import Hopeless
from tenants.transactions import platform_transaction
from tests.backup.conftest import KEY, OTHER_KEY, choose
from tests.backup.playing import (
    backed_up,
    every_file,
    files_of,
    lived_and_backed_up,
    mounted,
    pages_of,
    rows,
    unmounted,
)
from tests.cast import Cast
from tests.export.lived import lived_in, page_of


async def test_a_backup_is_rows_pages_and_last_what_it_is(cast: Cast, backups: Path, tmp_path: Path) -> None:
    ref, row = await lived_and_backed_up(cast, tmp_path)

    about = await reading.verify(row["location"])

    name = row["location"].split("/")[1]
    [page] = about.pages
    assert files_of(backups, ref) == {f"{name}/rows.zip", f"{name}/backup.json", f"pages/{page.name}"}
    assert (row["rows"], row["pages"], row["encrypted"]) == (about.rows, 1, True)
    assert row["rows"] > 100
    assert about.committee.slug == ref.slug
    assert row["began_at"] <= row["taken_at"] <= row["ended_at"]
    for path in every_file(backups):
        assert is_sealed(path.read_bytes()[:8])
        assert ref.slug.encode() not in path.read_bytes()


async def test_without_a_key_it_is_plain_and_as_good(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, key="")

    ref, row = await lived_and_backed_up(cast, tmp_path)

    about = await reading.verify(row["location"])
    assert (about.key, row["encrypted"]) == ("", False)
    [page] = pages_of(backups, ref)
    assert page.read_bytes().startswith(b"RIFF")


async def test_a_page_is_stored_once_and_a_new_one_is_added(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, first = await lived_and_backed_up(cast, tmp_path)
    [page] = pages_of(backups, ref)
    before = page.stat().st_mtime_ns

    second = await backed_up(ref)
    await page_of(ref, tmp_path, meeting=await cast.meeting())
    third = await backed_up(ref)

    assert [row["pages"] for row in (first, second, third)] == [1, 1, 2]
    assert first["bytes"] - second["bytes"] > 6000  # the page's own
    assert len(pages_of(backups, ref)) == 2
    assert page.stat().st_mtime_ns == before
    for row in (first, second, third):
        await reading.verify(row["location"])


async def test_with_another_key_pages_are_stored_anew_and_the_old_ones_need_the_old(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, first = await lived_and_backed_up(cast, tmp_path)
    choose(monkeypatch, key=OTHER_KEY)

    second = await backed_up(ref)

    assert len(pages_of(backups, ref)) == 2
    await reading.verify(second["location"])
    with pytest.raises(WrongFile, match=r"was sealed with the key [0-9a-f]{16}, and the key that is set is"):
        await reading.verify(first["location"])
    choose(monkeypatch, key="")
    with pytest.raises(WrongFile, match="no key is set"):
        await reading.verify(first["location"])


def _other_byte(path: Path) -> None:
    text = bytearray(path.read_bytes())
    text[len(text) // 2] ^= 1
    path.write_bytes(text)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _away(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("sealed", [False, True])
async def test_what_was_harmed_is_told(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    if not sealed:
        choose(monkeypatch, key="")
    ref, row = await lived_and_backed_up(cast, tmp_path)
    files = [backups / row["location"] / name for name in ("backup.json", "rows.zip")] + pages_of(
        backups, ref
    )

    for harmed in files:
        text = harmed.read_bytes()
        for harm in (_other_byte, _cut, _away):
            harm(harmed)
            with pytest.raises(WrongFile):
                await reading.verify(row["location"])
            harmed.write_bytes(text)
    assert len(files) == 3
    await reading.verify(row["location"])


async def test_a_backup_in_the_place_of_another_is_told(cast: Cast, backups: Path, tmp_path: Path) -> None:
    ref, first = await lived_and_backed_up(cast, tmp_path)
    second = await backed_up(ref)
    for name in ("backup.json", "rows.zip"):
        (backups / second["location"] / name).write_bytes((backups / first["location"] / name).read_bytes())

    with pytest.raises(WrongFile):
        await reading.verify(second["location"])


async def test_a_forged_plain_backup_is_not_taken_for_a_sealed_one(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can write into the place has no key: what they leave there as the newest must not be restored."""
    choose(monkeypatch, key="")
    ref, plain = await lived_and_backed_up(cast, tmp_path)
    choose(monkeypatch, key=KEY)
    forged = f"{ref.schema_name}/21000101T000000Z-00000000"
    shutil.copytree(backups / plain["location"], backups / forged)

    assert await reading.at(ref.schema_name, None) == forged
    with pytest.raises(WrongFile, match="not sealed"):
        await reading.verify(forged)

    # One from before the key, which the database knows, is as good as it was; so is it of a lost one, without the key.
    await reading.verify(plain["location"])
    choose(monkeypatch, key="")
    await reading.verify(forged)


async def test_a_plain_backup_in_another_committees_folder_is_told(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, key="")
    ref, _ = await lived_and_backed_up(cast, tmp_path)
    other = await backed_up(cast.neighbour)
    swapped = f"{ref.schema_name}/{other['location'].split('/')[1]}"
    shutil.copytree(backups / other["location"], backups / swapped)

    with pytest.raises(WrongFile, match="does not say what the file holds"):
        await reading.verify(swapped)


async def test_a_page_that_a_drill_found_harmed_is_stored_anew(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, first = await lived_and_backed_up(cast, tmp_path)
    [page] = pages_of(backups, ref)
    _other_byte(page)
    async with platform_transaction(read_only=True):
        newest = await drilling.newest(ref)
    assert newest is not None
    with pytest.raises(Refused):
        await drilling.rehearse_backup(ref, newest)

    second = await backed_up(ref)

    # The older one, which names the same page, is whole again too.
    for row in (second, first):
        await reading.verify(row["location"])
    assert pages_of(backups, ref) == [page]


async def test_a_backup_that_a_restore_in_place_overtook_belongs_to_what_was_put_aside(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    backup, schema = uuid4(), f"c_{os.urandom(7).hex()[:13]}"
    await rows("INSERT INTO platform.backup (id, committee) VALUES ($1, $2)", backup, cast.neighbour.id)

    row = await making.make(backup, ref)

    assert row["committee"] == ref.id
    with pytest.raises(LookupError):
        await making.make(uuid4(), replace(ref, schema_name=schema))


@pytest.mark.parametrize("erased", [True, False])
async def test_nothing_is_stored_behind_an_erasures_back(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, erased: bool
) -> None:
    ref, before = await lived_and_backed_up(cast, tmp_path)
    await page_of(ref, tmp_path, meeting=await cast.meeting())
    real = making._about

    def about(*given: Any) -> Any:
        # rows.zip and the pages are stored by then, and backup.json is not.
        if erased:
            shutil.rmtree(backups / ref.schema_name)
        return real(*given)

    monkeypatch.setattr(making, "_about", about)
    if erased:
        await rows("UPDATE platform.committee SET state = 'erased' WHERE id = $1", ref.id)
    monkeypatch.setattr(making, "_begin", _begun_and_gone(making._begin))

    with pytest.raises(Hopeless):
        await backed_up(ref)

    left = set() if erased else {before["location"].split("/")[1], "pages"}
    assert {name.split("/")[0] for name in files_of(backups, ref)} == left


def _begun_and_gone(begin: Any) -> Any:
    async def begun(backup: UUID, ref: CommitteeRef) -> Any:
        row = await begin(backup, ref)
        await rows("DELETE FROM platform.backup WHERE id = $1", backup)
        return row

    return begun


async def test_made_twice_it_is_made_once(cast: Cast, backups: Path, tmp_path: Path) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    backup = uuid4()

    first = await making.make(backup, ref)
    second = await making.make(backup, ref)

    assert first == second
    assert len(await reading.there()) == 1


async def test_a_place_that_is_away_is_waited_for_and_a_full_one_is_told(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    unmounted(backups)
    with pytest.raises(StoreAway, match="is its disk mounted"):
        await backed_up(ref)
    mounted(backups)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Refused, match="đã đầy"):
            await backed_up(ref)
    choose(monkeypatch, url="")
    with pytest.raises(Refused, match="NENNEP_BACKUP_URL"):
        await backed_up(ref)
    assert not {path.name for path in every_file(backups)} & {"backup.json"}
    assert not [path for path in every_file(backups) if path.name.startswith(".part-")]
    assert not await rows(
        "SELECT 1 FROM platform.backup WHERE committee = $1 AND ended_at IS NOT NULL", ref.id
    )


async def test_the_object_store_away_in_the_middle_is_waited_for_and_gone_on_from(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    for _ in range(files.PAGES_AT_ONCE):
        await page_of(ref, tmp_path, meeting=await cast.meeting())
    real, backup, asked = objects.get_file, uuid4(), 0

    async def away_soon(key: str, path: Path) -> None:
        nonlocal asked
        asked += 1
        if asked > files.PAGES_AT_ONCE:
            raise OSError("gone")
        await real(key, path)

    with monkeypatch.context() as patch:
        patch.setattr(objects, "get_file", away_soon)
        with pytest.raises(StoreAway):
            await making.make(backup, ref)
    stored = {path: path.stat().st_mtime_ns for path in pages_of(backups, ref)}
    row = await making.make(backup, ref)

    assert len(stored) == files.PAGES_AT_ONCE
    assert stored.items() <= {path: path.stat().st_mtime_ns for path in pages_of(backups, ref)}.items()
    assert (await reading.verify(row["location"])).pages[0].bytes > 0
    assert row["pages"] == files.PAGES_AT_ONCE + 1


async def test_a_bucket_holds_backups_as_well(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = base64.b16encode(os.urandom(6)).decode().lower()
    choose(monkeypatch, url=f"s3://{settings().objects_bucket}/backups/{prefix}")

    _, row = await lived_and_backed_up(cast, tmp_path)

    assert await reading.there() == [row["location"]]
    assert len((await reading.verify(row["location"])).pages) == 1
    assert every_file(backups) == []
