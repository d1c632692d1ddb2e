"""What must not be lost when two things happen at once, and what must not stay in the way."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from infra import objects
from infra.postgres import sql
from server import clock
from server.meetings.queries import NotFound
from server.minutes import assembling, erasing, uploads
from server.minutes.actions import arrange, decide_same, move
from server.minutes.again import ask_again
from server.minutes.bin import restore, throw_away
from server.minutes.queries import original
from server.words import Refused
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.pages import send as send_paths
from tests.minutes.pages import work
from tests.minutes.sending import document, in_store, jobs, picture, rows, send, sent


async def test_an_object_that_is_swept_while_its_bytes_come_again_is_not_called_safe(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload that broke off left its object; it is repeated at the very moment of the sweep."""
    file = uuid4()
    minutes = await document(cast, [file])
    monkeypatch.setattr(erasing, "OLD", timedelta(seconds=-60))
    looked_at = uploads._hash_of

    async def swept_meanwhile(key: str) -> str:
        found = await looked_at(key)
        await erasing.sweep_minutes()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_hash_of", swept_meanwhile)
        with pytest.raises(objects.ObjectErrors):
            await send(minutes, file, picture(30), by=cast.hoa)
    assert not await rows("SELECT 1 FROM minutes_file")

    assert (await send(minutes, file, picture(30), by=cast.hoa)).safe == [file]
    assert len(await in_store()) == 1


async def test_the_sweep_asks_again_while_it_holds_the_document(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload is written down between the sweep's first question and its removing."""
    await sent(cast, picture(31))
    known, asked = erasing._known, 0

    async def not_known_at_first(keys: list[str]) -> list[Any]:
        nonlocal asked
        asked += 1
        return [] if asked == 1 else await known(keys)

    monkeypatch.setattr(erasing, "OLD", timedelta(seconds=-60))
    monkeypatch.setattr(erasing, "_known", not_known_at_first)
    await erasing.sweep_minutes()

    assert asked == 2
    assert len(await in_store()) == 1


async def test_what_was_dropped_for_minutes_that_are_erased_counts_again(cast: Cast) -> None:
    first, _ = await sent(cast, picture(32))
    second, (copy,) = await sent(cast, picture(32))
    await decide_same(copy, "dropped", by=cast.hoa)
    await throw_away(first, reason="Chụp nhầm cuộc họp", by=cast.hoa)
    async with transaction():
        await sql("UPDATE minutes SET erase_on = $2 WHERE id = $1", first, clock.today())

    await erasing.erase_binned_minutes()

    (file,) = await rows("SELECT same_file, same_decided FROM minutes_file")
    assert tuple(file) == (None, "")
    assert (await rows("SELECT state FROM minutes WHERE id = $1", second))[0]["state"] == "reading"


async def test_what_is_about_to_be_erased_is_not_fetched_back(cast: Cast) -> None:
    """Its objects go first: whoever fetched it back in between would have rows without pictures."""
    minutes, _ = await sent(cast, picture(33))
    await throw_away(minutes, reason="Nhầm", by=cast.hoa)
    async with transaction():
        await sql("UPDATE minutes SET erase_on = $2 WHERE id = $1", minutes, clock.today())

    with pytest.raises(Refused, match="hết hạn"):
        await restore(minutes, by=cast.hoa)

    assert (await rows("SELECT erase_on FROM minutes"))[0]["erase_on"] == clock.today()


async def test_moving_a_file_keeps_one_that_has_just_come(cast: Cast) -> None:
    minutes, (first, second) = await sent(cast, picture(34), picture(35))
    meeting, third = (await rows("SELECT meeting FROM minutes"))[0]["meeting"], uuid4()

    await asyncio.gather(
        arrange(minutes, meeting=meeting, files=[first, second, third], by=cast.hoa),
        *(move(minutes, second, up=True, by=cast.office) for _ in range(3)),
    )

    assert third in (await rows("SELECT wanted FROM minutes"))[0]["wanted"]


async def test_files_put_back_may_not_be_more_than_a_document_has(cast: Cast, few_pages: None) -> None:
    files = [uuid4() for _ in range(5)]
    minutes = await document(cast, files[:3])
    meeting = (await rows("SELECT meeting FROM minutes"))[0]["meeting"]
    two = tiff(2)
    for file in files[:2]:
        await send(minutes, file, two, by=cast.hoa)
    await arrange(minutes, meeting=meeting, files=files[2:3], by=cast.hoa)
    await send(minutes, files[2], two, by=cast.hoa)

    with pytest.raises(Refused, match="4 trang"):
        await arrange(minutes, meeting=meeting, files=files[:3], by=cast.hoa)

    assert (await arrange(minutes, meeting=meeting, files=files[1:3], by=cast.hoa)).wanted == files[1:3]


def tiff(pages: int) -> bytes:
    made = io.BytesIO()
    leaves = [Image.new("L", (90, 60), 40 * at) for at in range(pages)]
    leaves[0].save(made, "TIFF", save_all=True, append_images=leaves[1:])
    return made.getvalue()


async def test_the_original_of_a_file_that_was_taken_out_is_for_who_may_bring_it_back(cast: Cast) -> None:
    minutes, (wrong, right) = await sent(cast, picture(36), picture(37))
    meeting = (await rows("SELECT meeting FROM minutes"))[0]["meeting"]
    await arrange(minutes, meeting=meeting, files=[right], by=cast.hoa)

    async with transaction(read_only=True):
        assert (await original(minutes, right, cast.leader))["place"] == 1
        assert (await original(minutes, wrong, cast.hoa))["place"] is None
        with pytest.raises(NotFound):
            await original(minutes, wrong, cast.leader)


async def test_a_cell_that_is_renamed_while_its_minutes_are_put_together_holds_nothing_up(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").write_bytes(picture(38))
    there = await send_paths(cast, tmp_path / "a.jpg")
    make = assembling._make

    async def renamed_meanwhile(*given: Any) -> str:
        async with transaction():
            await sql("UPDATE cell SET name = name || ' (mới)' WHERE id = $1", cast.cell)
        return await make(*given)

    with monkeypatch.context() as patched:
        patched.setattr(assembling, "_make", renamed_meanwhile)
        await work(cast.pleiku)

    assert await there.state() == "ready"


async def test_asking_again_fifty_times_is_one_entry_of_the_record(cast: Cast) -> None:
    minutes, _ = await sent(cast, picture(39))
    async with transaction():
        await sql("UPDATE minutes_page SET state = 'read'")
        await sql("UPDATE minutes SET state = 'failed'")

    await asyncio.gather(*(ask_again(minutes, by=cast.hoa) for _ in range(50)))

    assert len(await jobs("assemble_minutes")) == 1
    assert len(await rows("SELECT 1 FROM event WHERE action = 'minutes_asked_again'")) == 1
