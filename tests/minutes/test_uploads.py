"""Files as they come in: once, whole, and what the sender is told of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.accounts.reader import Reader
from server.minutes import receiving
from server.minutes.actions import arrange, decide_same
from server.minutes.queries import receipt
from server.minutes.receiving import Again, Unfit
from server.minutes.uploads import take
from server.words import Refused
from tenants.transactions import transaction
from tests.cast import Cast, add_meeting, person
from tests.minutes.sending import (
    HEIC,
    PHOTO,
    SCAN,
    document,
    hashed,
    in_store,
    jobs,
    picture,
    pieces,
    rows,
    send,
    sent,
    stored_bytes,
)  # fmt: skip

FILES = "SELECT id, name, sha256, bytes, kind, pages, object_key, same_file FROM minutes_file"


async def test_a_file_is_stored_as_it_came_and_its_pages_wait(cast: Cast) -> None:
    file = uuid4()
    minutes = await document(cast, [file])
    data = PHOTO.read_bytes()

    told = await send(minutes, file, data, by=cast.hoa, name="20261003_211531.jpg")

    assert (told.state, told.safe) == ("reading", [file])
    row = (await rows(FILES))[0]
    key = f"{cast.pleiku.schema_name}/{minutes}/{file}/{hashed(data)}"
    assert (row["kind"], row["pages"], row["bytes"], row["object_key"]) == ("jpeg", 1, len(data), key)
    assert await in_store() == [key]
    assert await stored_bytes(key) == data
    pages = await rows("SELECT id, number, state FROM minutes_page")
    assert [(page["number"], page["state"]) for page in pages] == [(0, "identified")]
    assert await jobs("clean_page") == [{"page": str(pages[0]["id"])}]


@pytest.mark.parametrize(
    ("path", "kind", "pages"), [(HEIC, "heic", 1), (SCAN, "pdf", 3)], ids=["heic", "pdf"]
)
async def test_what_it_is_is_found_in_it_and_not_in_its_name(cast: Cast, path, kind: str, pages: int) -> None:
    file = uuid4()
    minutes = await document(cast, [file])

    await send(minutes, file, path.read_bytes(), by=cast.office, name="trang.png")

    row = (await rows(FILES))[0]
    assert (row["kind"], row["pages"], row["name"]) == (kind, pages, "trang.png")
    assert len(await jobs("clean_page")) == pages


async def test_sent_again_it_answers_the_same_and_is_not_read_again(cast: Cast) -> None:
    minutes, (file,) = await sent(cast, picture(10))
    asked = []

    async def watched() -> AsyncIterator[bytes]:
        asked.append(1)
        yield b""

    again = await take(minutes, file, watched(), sha256=hashed(picture(10)), size=None, name="", by=cast.hoa)

    assert again.safe == [file]
    assert not asked
    assert len(await rows(FILES)) == len(await jobs("clean_page")) == 1


async def test_two_at_once_with_one_id_make_one_file(cast: Cast) -> None:
    file = uuid4()
    minutes = await document(cast, [file])

    told = await asyncio.gather(*(send(minutes, file, picture(11), by=cast.hoa) for _ in range(4)))

    assert [r.safe for r in told] == [[file]] * 4
    assert len(await rows(FILES)) == len(await jobs("clean_page")) == len(await in_store()) == 1


async def test_other_bytes_under_the_same_id_change_nothing(cast: Cast) -> None:
    minutes, (file,) = await sent(cast, picture(12))

    with pytest.raises(Again) as refused:
        await send(minutes, file, picture(13), by=cast.hoa)

    assert refused.value.code == "other_bytes"
    assert [row["sha256"] for row in await rows(FILES)] == [hashed(picture(12))]


async def test_two_with_different_bytes_at_once_one_of_them_wins(cast: Cast) -> None:
    file = uuid4()
    minutes = await document(cast, [file])

    told = await asyncio.gather(
        *(send(minutes, file, picture(shade), by=cast.hoa) for shade in (14, 15)), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in told) == ["Again", "Receipt"]
    row = (await rows(FILES))[0]
    assert hashed(await stored_bytes(row["object_key"])) == row["sha256"]


async def test_what_arrives_altered_is_asked_for_again(cast: Cast) -> None:
    file = uuid4()
    minutes = await document(cast, [file])

    with pytest.raises(Again) as refused:
        await take(
            minutes,
            file,
            pieces(picture(16)[:-1]),
            sha256=hashed(picture(16)),
            size=None,
            name="",
            by=cast.hoa,
        )

    assert refused.value.code == "broken"
    assert not await in_store()
    assert (await send(minutes, file, picture(16), by=cast.hoa)).safe == [file]


async def test_a_sender_that_falls_silent_is_let_go(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "SILENCE_SECONDS", 0.05)
    file = uuid4()
    minutes = await document(cast, [file])

    async def stuck() -> AsyncIterator[bytes]:
        yield picture(17)[:100]
        await asyncio.Event().wait()

    with pytest.raises(Again) as refused:
        await take(minutes, file, stuck(), sha256=hashed(picture(17)), size=None, name="", by=cast.hoa)

    assert refused.value.code == "broken"


async def test_a_sender_that_hangs_up_leaves_nothing(cast: Cast) -> None:
    file = uuid4()
    minutes = await document(cast, [file])

    async def cut() -> AsyncIterator[bytes]:
        yield picture(18)[:100]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await take(minutes, file, cut(), sha256=hashed(picture(18)), size=None, name="", by=cast.hoa)

    assert not await rows(FILES)
    assert not await in_store()


async def test_more_uploads_than_there_is_room_for_wait_their_turn(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_RECEIVING", asyncio.Semaphore(2))
    files = [uuid4() for _ in range(6)]
    minutes = await document(cast, files)
    open_now, most, pair = 0, 0, asyncio.Barrier(2)

    async def counted(data: bytes) -> AsyncIterator[bytes]:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await pair.wait()
        yield data
        open_now -= 1

    await asyncio.gather(
        *(take(minutes, file, counted(picture(20 + at)), sha256=None, size=None, name="", by=cast.hoa)
          for at, file in enumerate(files))
    )  # fmt: skip

    assert most == 2
    assert len(await rows(FILES)) == 6


async def test_a_file_that_nobody_announced_has_to_be_arranged_first(cast: Cast) -> None:
    minutes, _ = await sent(cast, picture(30))
    for document_id, reader in ((uuid4(), cast.hoa), (minutes, cast.hoa), (minutes, cast.stranger)):
        with pytest.raises(Again) as refused:
            await send(document_id, uuid4(), picture(31), by=reader)
        assert refused.value.code == "unknown"
    with pytest.raises(Refused, match="bí thư"):
        await send(minutes, uuid4(), picture(31), by=cast.leader)
    assert len(await rows(FILES)) == 1


async def test_a_document_has_no_more_pages_than_the_setting(cast: Cast, few_pages: None) -> None:
    first, second = uuid4(), uuid4()
    minutes = await document(cast, [first, second])
    await send(minutes, first, SCAN.read_bytes(), by=cast.hoa)

    with pytest.raises(Unfit, match="4 trang") as refused:
        await send(minutes, second, SCAN.read_bytes() + b"\n", by=cast.hoa)

    assert refused.value.code == "too_many_pages"
    assert len(await rows("SELECT 1 FROM minutes_page")) == 3


async def test_the_same_bytes_are_told_and_kept_or_dropped(cast: Cast) -> None:
    earlier, _ = await sent(cast, picture(40))
    minutes, (second, third) = await sent(cast, picture(40), picture(41))

    async with transaction(read_only=True):
        told = await receipt(minutes, cast.hoa)
    assert [(s.file, s.how, s.minutes, s.decided) for s in told.same] == [(second, "bytes", earlier, "")]
    await decide_same(second, "dropped", by=cast.hoa)

    async with transaction(read_only=True):
        assert [s.decided for s in (await receipt(minutes, cast.hoa)).same] == ["dropped"]
        assert (await receipt(earlier, cast.hoa)).same == []
    with pytest.raises(Refused, match="giữ lại hoặc bỏ"):
        await decide_same(second, "perhaps", by=cast.hoa)
    counted = await rows(
        "SELECT id FROM minutes_file WHERE minutes = $1 AND same_decided <> 'dropped'", minutes
    )
    assert [row["id"] for row in counted] == [third]


async def test_the_same_bytes_of_a_cell_that_one_may_not_see_are_not_told(cast: Cast) -> None:
    await sent(cast, picture(50), by=cast.office)
    other_cell, other = await _second_cell(cast)
    theirs, _ = await sent_for(cast, other_cell, other, picture(50))
    seen, _ = await sent_for(cast, other_cell, cast.office, picture(50))

    async with transaction(read_only=True):
        assert (await receipt(theirs, other)).same == []
        assert len((await receipt(seen, cast.office)).same) == 1
        # The office was told of the other cell's; who leads this cell is not.
        assert [s.minutes for s in (await receipt(seen, other)).same] == []


async def _second_cell(cast: Cast) -> tuple[UUID, Reader]:
    cell = uuid4()
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ Thôn 2', '2')", cell)
    return cell, person("Bí thư Thôn 2", "secretary", cell)


async def sent_for(cast: Cast, cell: UUID, by: Reader, data: bytes) -> tuple[UUID, UUID]:
    minutes, file = uuid4(), uuid4()
    await arrange(minutes, meeting=await add_meeting(cast.pleiku, cell, clock.today()), files=[file], by=by)
    await send(minutes, file, data, by=by)
    return minutes, file


def test_what_a_killed_process_left_behind_goes_once_it_is_old(own_folder: Path) -> None:
    old, young, others = (own_folder / name for name in (f"{receiving.PREFIX}a", f"{receiving.PREFIX}b", "c"))
    for path in (old, young, others):
        path.touch()
    for path in (old, others):
        os.utime(path, (0, 0))

    receiving.forget_old()

    assert (old.exists(), young.exists(), others.exists()) == (False, True, True)
    young.unlink()
