"""A folder and a bucket do the same: a file is there as a whole or not at all, and what is wrong is told."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra import objects
from infra.backup_place import Away, Folder, Full, InBucket, Missing, Place, place_of
from infra.embedded import Servers
from infra.settings import WrongSettings, settings
from tests.backup.conftest import choose


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Place:
    """An empty place."""
    objects.client.cache_clear()
    if request.param == "folder":
        (tmp_path / "place").mkdir()
        return Folder(tmp_path / "place")
    bucket = objects.Bucket(objects.client(), settings().objects_bucket)
    return InBucket(bucket, f"backups/{os.urandom(6).hex()}/")


async def test_what_is_put_is_listed_and_got_and_removed(place: Place, tmp_path: Path) -> None:
    file, back = tmp_path / "file", tmp_path / "back"
    for name, text in (("c_a/x/one", b"1" * 5000), ("c_a/y", b""), ("c_b/z", b"2"), ("c_a/x/one", b"new")):
        file.write_bytes(text)
        await place.put(name, file)

    found = await place.stored("c_a")
    await place.get("c_a/x/one", back)
    await place.remove(["c_a/x/one", "c_a/nothing"])

    assert [(one.name, one.bytes) for one in found] == [("c_a/x/one", 3), ("c_a/y", 0)]
    assert back.read_bytes() == b"new"
    assert [one.name for one in await place.stored("c_a")] == ["c_a/y"]
    with pytest.raises(Missing):
        await place.get("c_a/x/one", back)
    assert await place.stored("c_c") == []


async def test_all_of_a_place_is_listed(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    await place.put("c_a/x", tmp_path / "file")
    await place.put("c_b/y", tmp_path / "file")

    assert [one.name for one in await place.stored("")] == ["c_a/x", "c_b/y"]


@pytest.mark.parametrize(("prefix", "below"), [("", "c_a/"), ("nennep/one/", "nennep/one/c_a/")])
async def test_a_bucket_is_never_asked_for_a_name_between_two_slashes(
    prefix: str, below: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SeaweedFS takes two for one; MinIO and AWS find nothing there."""
    asked: list[str] = []

    async def entries(wanted: str, **_: Any) -> list[objects.Entry]:
        asked.append(wanted)
        return []

    monkeypatch.setattr(objects, "entries", entries)
    place = InBucket(objects.Bucket(objects.client_of("http://127.0.0.1:1", "a", "b"), "nennep"), prefix)

    await place.stored("")
    await place.stored("c_a")

    assert asked == [prefix, below]


async def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, file = Folder(tmp_path / "place"), tmp_path / "file"
    place.root.mkdir()
    file.write_bytes(b"x" * 100)
    real = shutil.copyfileobj

    def half(source: Any, target: Any, size: int) -> None:
        target.write(source.read(50))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", half)
    with pytest.raises(Full, match="no room left in"):
        await place.put("c_a/x", file)
    assert [path for path in place.root.rglob("*") if path.is_file()] == []
    monkeypatch.setattr(shutil, "copyfileobj", real)
    await place.put("c_a/x", file)
    assert [one.bytes for one in await place.stored("c_a")] == [100]


async def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    place, file = Folder(tmp_path / "unmounted"), tmp_path / "file"
    file.write_bytes(b"x")

    for asked in (
        place.put("c_a/x", file),
        place.get("c_a/x", file),
        place.stored(""),
        place.remove(["c_a/x"]),
    ):
        with pytest.raises(Away, match="is its disk mounted"):
            await asked
    assert not place.root.exists()


async def test_what_a_killed_process_left_is_never_listed_and_goes_after_a_day(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    old, young = tmp_path / "c_a/.part-old", tmp_path / "c_a/.part-young"
    old.parent.mkdir()
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))

    assert await place.stored("") == []
    assert (old.exists(), young.exists()) == (False, True)


async def test_a_store_that_does_not_answer_is_away(servers: Servers, tmp_path: Path) -> None:
    gone = InBucket(objects.Bucket(objects.client_of("http://127.0.0.1:1", "a", "b"), "nennep"), "")
    (tmp_path / "file").write_bytes(b"x")

    for asked in (
        gone.put("x", tmp_path / "file"),
        gone.get("x", tmp_path / "y"),
        gone.stored("x"),
        gone.remove(["x"]),
    ):
        with pytest.raises(Away):
            await asked


def test_settings_choose_the_place(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place_of(settings()) is None
    choose(monkeypatch, url="s3://backups/nennep/one")
    own = place_of(settings())
    choose(monkeypatch, objects_url="http://127.0.0.1:9")
    with pytest.raises(WrongSettings, match="ACCESS_KEY"):
        place_of(settings())
    choose(monkeypatch, objects_access_key="a", objects_secret_key="b")
    other = place_of(settings())
    choose(monkeypatch, url="file:///mnt/b%20c/")

    assert isinstance(own, InBucket)
    assert isinstance(other, InBucket)
    assert (own.bucket.name, own.prefix) == ("backups", "nennep/one/")
    assert place_of(settings()) == Folder(Path("/mnt/b c"))
    monkeypatch.undo()
    settings.cache_clear()
