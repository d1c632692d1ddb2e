"""The object store goes away, or gives back something else: nothing is written, and the next try gets it right."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra import objects
from infra.embedded import Embedded, Servers
from server.minutes import uploads
from tests.cast import Cast
from tests.minutes.sending import document, hashed, in_store, jobs, picture, rows, send, stored_bytes


async def test_away_for_a_minute_nothing_is_written_and_later_all_is(
    cast: Cast, embedded: Embedded, servers: Servers
) -> None:
    file = uuid4()
    minutes = await document(cast, [file])
    await asyncio.to_thread(embedded.kill, "objects")
    try:
        with pytest.raises(objects.ObjectErrors):
            await send(minutes, file, picture(80), by=cast.hoa)
        assert not await rows("SELECT 1 FROM minutes_file")
        assert not await jobs("clean_page")
    finally:
        await asyncio.to_thread(embedded.restart, "objects")

    assert (await send(minutes, file, picture(80), by=cast.hoa)).safe == [file]


async def test_what_the_store_gives_back_is_compared(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    file = uuid4()
    minutes = await document(cast, [file])
    put = objects.put_file

    async def altered(key: str, path: Path, content_type: str) -> None:
        os.truncate(path, len(picture(81)) - 1)
        await put(key, path, content_type)

    with monkeypatch.context() as patched:
        patched.setattr(objects, "put_file", altered)
        with pytest.raises(objects.ObjectErrors):
            await send(minutes, file, picture(81), by=cast.hoa)

    assert not await rows("SELECT 1 FROM minutes_file")
    await send(minutes, file, picture(81), by=cast.hoa)
    row = (await rows("SELECT object_key FROM minutes_file"))[0]
    assert await stored_bytes(row["object_key"]) == picture(81)


async def test_an_end_between_the_store_and_the_database_leaves_an_object_and_no_more(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = uuid4()
    minutes = await document(cast, [file])

    async def killed(*_: Any, **__: Any) -> None:
        raise RuntimeError("here the process ends")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_write_down", killed)
        with pytest.raises(RuntimeError):
            await send(minutes, file, picture(82), by=cast.hoa)

    left = await in_store()
    assert [key.rsplit("/", 1)[1] for key in left] == [hashed(picture(82))]
    assert not await rows("SELECT 1 FROM minutes_file")
    assert (await send(minutes, file, picture(82), by=cast.hoa)).safe == [file]
    assert await in_store() == left


async def test_the_store_takes_gives_lists_and_removes(cast: Cast, tmp_path: Path) -> None:
    sent, got, key = tmp_path / "sent", tmp_path / "got", f"{cast.pleiku.schema_name}/a b/ộ.bin"
    sent.write_bytes(bytes(range(256)) * 40_000)

    await objects.put_file(key, sent, "application/octet-stream")
    await objects.get_file(key, got)

    assert got.read_bytes() == sent.read_bytes()
    assert await objects.exists(key)
    assert await in_store() == [key]
    await objects.remove([key, key + "-never-there"])
    assert not await objects.exists(key)
    for read in (objects.get_file(key, got), anext(objects.open_stream(key))):
        with pytest.raises(objects.Missing):
            await read
