"""A page's own process: it answers, or it ends, and nothing of it is left."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pikepdf
import psutil
import pytest
from PIL import Image

from server.paper import child
from tests.workers.processes import until

FIXTURES = Path(__file__).parents[1] / "fixtures"
PHOTO = FIXTURES / "minutes" / "a1-to-dan-pho-7" / "20261003_211502.jpg"
LIMITS = {"pages": 60, "pixels": 60_000_000}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a child's answers lie; empty again after each test."""
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    yield own
    assert list(own.glob(f"{child.FOLDER}*")) == []


def pages_at_work() -> list[psutil.Process]:
    """The processes forked for pages: grandchildren that run beside nothing else."""
    found = []
    for process in psutil.Process().children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "forkserver" in " ".join(process.cmdline()):
                found += process.children()
    return found


async def one_at_work() -> psutil.Process:
    async def there() -> bool:
        return bool(pages_at_work())

    await until(there)
    return pages_at_work()[0]


def cleaning(path: Path, folder: Path) -> asyncio.Task[child.CleanedFiles]:
    return asyncio.create_task(child.clean(path, "jpeg", 0, turned=0, corners=None, folder=folder))


async def test_a_page_is_cleaned_and_carries_nothing_but_pixels(tmp_path: Path) -> None:
    with Image.open(PHOTO) as image:
        assert image.getexif()

    files = await child.clean(PHOTO, "jpeg", 0, turned=0, corners=None, folder=tmp_path)

    assert files.facts.height > files.facts.width
    assert len(files.facts.looks) == 64
    for path in (files.colour, files.grey, files.thumb):
        with Image.open(path) as image:
            assert dict(image.getexif()) == {}
            assert set(image.info) <= {"background", "loop", "timestamp", "duration", "transparency"}
    with Image.open(files.grey) as grey:
        assert grey.size == (files.facts.width, files.facts.height)
    with Image.open(files.thumb) as thumb:
        assert max(thumb.size) == 320
    assert files.colour.stat().st_size <= 400_000


async def test_what_is_no_scan_is_told_by_its_code() -> None:
    with pytest.raises(child.PageFailed) as failed:
        await child.look_at(FIXTURES / "hostile" / "program.jpg", **LIMITS)
    assert failed.value.code == "not_a_scan"
    found = await child.look_at(PHOTO, **LIMITS)
    assert (found.kind, found.pages) == ("jpeg", 1)


async def test_a_picture_that_eats_all_memory_ends_its_own_process_only(tmp_path: Path) -> None:
    with pytest.raises(child.ChildDied) as death:
        await child.clean(
            FIXTURES / "hostile" / "bomb-30000x30000.png", "png", 0, turned=0, corners=None, folder=tmp_path
        )
    assert death.value.code == "too_heavy"
    assert pages_at_work() == []


async def test_a_page_that_takes_too_much_work_is_not_tried_a_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pikepdf.new() as paper:
        paper.add_blank_page(page_size=(595, 842))
        paper.pages[0].Contents = paper.make_stream(b"0 0 595 842 re f\n" * 2_000_000)
        paper.save(tmp_path / "slow.pdf", compress_streams=True)
    monkeypatch.setattr(child, "CPU_SECONDS", 1)

    with pytest.raises(child.PageFailed) as failed:
        await child.clean(tmp_path / "slow.pdf", "pdf", 0, turned=0, corners=None, folder=tmp_path)

    assert failed.value.code == "too_slow"
    assert pages_at_work() == []


async def test_a_page_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LOOK_SECONDS", 0.001)

    with pytest.raises(child.PageFailed) as failed:
        await child.look_at(PHOTO, **LIMITS)

    assert failed.value.code == "too_slow"
    assert pages_at_work() == []


async def test_a_process_killed_from_outside_is_a_page_to_be_tried_again(tmp_path: Path) -> None:
    task = cleaning(PHOTO, tmp_path)
    (await one_at_work()).kill()

    with pytest.raises(child.ChildDied) as death:
        await task

    assert death.value.code == "crashed"
    assert (await cleaning(PHOTO, tmp_path)).facts.width > 0


async def test_who_stops_waiting_ends_the_work(tmp_path: Path) -> None:
    task = cleaning(PHOTO, tmp_path)
    at_work = await one_at_work()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not at_work.is_running()


async def test_a_page_writes_no_core_and_no_endless_file_and_takes_turns(tmp_path: Path) -> None:
    task = cleaning(PHOTO, tmp_path)
    at_work = await one_at_work()

    async def limited() -> bool:
        return at_work.rlimit(psutil.RLIMIT_FSIZE)[1] == child.FILE_BYTES

    await until(limited)
    limits = [at_work.rlimit(what)[1] for what in (psutil.RLIMIT_CORE, psutil.RLIMIT_FSIZE, psutil.RLIMIT_AS)]

    assert limits == [0, child.FILE_BYTES, child.SPACE_BYTES]
    assert at_work.nice() > psutil.Process().nice()
    await task


async def test_several_at_once_do_not_mix_their_answers(tmp_path: Path) -> None:
    paths = [FIXTURES / "hostile" / name for name in ("empty.jpg", "truncated.jpg", "program.jpg")] * 3

    async def code(path: Path) -> str:
        with pytest.raises(child.PageFailed) as failed:
            await child.look_at(path, **LIMITS)
        return failed.value.code

    assert await asyncio.gather(*map(code, paths)) == ["empty", "damaged", "not_a_scan"] * 3


async def test_folders_of_killed_workers_are_removed_once_they_are_old(folder: Path) -> None:
    import os

    old, new, other = (
        folder / name for name in (f"{child.FOLDER}old", f"{child.FOLDER}new", "nennep-upload-x")
    )
    for made in (old, new, other):
        made.mkdir()
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))

    child.forget_old_folders()

    assert not old.exists()
    assert new.exists()
    assert other.exists()
    new.rmdir()
    other.rmdir()
