"""From a stored photograph to a document that is read: each step once, in any order, whatever fails on the way."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from infra import objects
from infra.postgres import sql
from server.minutes import assembling, keeping, steps
from server.minutes.folding import line_texts
from server.paper import child
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.pages import SHOTS, TYPED, open_jobs, send, work, work_once
from tests.minutes.sending import HOSTILE, picture
from tests.workers.rows import rows_of
from workers import outbox

PICTURES = ("colour.webp", "grey.png", "thumb.webp")
BLANK: dict[str, Any] = {"readable": True, "sure": 90, "size": [100, 140], "turned": 0, "lines": []}


def sheets(folder: Path, count: int) -> list[Path]:
    """Small pictures, each of its own content."""
    paths = [folder / f"{n}.jpg" for n in range(count)]
    for shade, path in enumerate(paths, start=180):
        path.write_bytes(picture(shade))
    return paths


async def test_a_photograph_becomes_a_document_that_can_be_searched(cast: Cast, tmp_path: Path) -> None:
    sent = await send(cast, TYPED)
    assert await sent.state() == "reading"

    await work(cast.pleiku)

    row, page = await sent.row(), (await sent.pages())[0]
    assert (row["state"], row["reason"], page["state"], page["readable"]) == ("ready", "", "read", True)
    text = await sent.text(page["id"])
    assert "CHI BỘ TỔ DÂN PHỐ 7" in line_texts(json.loads(text["lines"]), {})
    assert "_to_dan" in text["folded"]
    await objects.get_file(row["pdf_key"], tmp_path / "d.pdf")
    with pypdfium2.PdfDocument(tmp_path / "d.pdf") as pdf:
        assert "BIÊN BẢN" in pdf[0].get_textpage().get_text_range()
    day = (await sent.fields())["meeting_date"]
    assert (day["proposed"], day["page"], day["confirmed"]) == ("2026-10-03", page["id"], None)
    assert len(day["box"]) == 4


async def test_doing_every_step_twice_or_late_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    sent = await send(cast, *sheets(tmp_path, 2))
    ids = [str(page["id"]) for page in await sent.pages()]
    for page in ids:
        await asyncio.gather(steps.clean_page(page), steps.clean_page(page))
        await asyncio.gather(steps.read_page(page), steps.read_page(page))
    await work(cast.pleiku)
    before = await sent.row(), await sent.pages(), await sent.keys()

    for page in ids:
        await steps.clean_page(page)
        await steps.read_page(page)
        await steps.fail(page, 1, "failed")
    await assembling.assemble_minutes(str(sent.id))
    await work(cast.pleiku)

    assert (await sent.row(), await sent.pages(), await sent.keys()) == before
    assert len(before[2]) == 2 + 2 * len(PICTURES) + 1
    done = [row["job"] for row in await rows_of(cast.pleiku)]
    assert done.count("read_page") == 2


async def test_two_pages_that_end_at_the_same_moment_bring_the_document_on(
    cast: Cast, tmp_path: Path
) -> None:
    sent = await send(cast, *sheets(tmp_path, 4))
    ids = [str(page["id"]) for page in await sent.pages()]
    await asyncio.gather(*map(steps.clean_page, ids))

    await asyncio.gather(*map(steps.read_page, ids))

    assert await sent.state() == "assembling"
    assert [row["job"] for row in await open_jobs(cast.pleiku)].count("assemble_minutes") == 1


async def test_a_page_that_cannot_be_cleaned_is_told_and_the_others_are_ready(
    cast: Cast, tmp_path: Path
) -> None:
    good = sheets(tmp_path, 2)
    sent = await send(cast, *good)
    bad = (await sent.pages())[0]
    with using(cast.pleiku):
        async with transaction(read_only=True):
            key = (await sql("SELECT object_key FROM minutes_file WHERE id = $1", bad["file"]))[0][
                "object_key"
            ]
    await objects.put_file(key, HOSTILE / "truncated.jpg", "image/jpeg")

    await work(cast.pleiku)

    first, second = await sent.pages()
    assert (first["state"], first["failed_step"], first["reason"]) == ("failed", "clean", "damaged")
    assert second["state"] == "read"
    assert await sent.state() == "ready"
    await objects.get_file((await sent.row())["pdf_key"], tmp_path / "d.pdf")
    with pypdfium2.PdfDocument(tmp_path / "d.pdf") as pdf:
        assert len(pdf) == 1


async def test_an_original_that_is_gone_is_told_at_once(cast: Cast, tmp_path: Path) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))
    await objects.remove(await sent.keys())

    await work(cast.pleiku)

    page = (await sent.pages())[0]
    assert (page["state"], page["reason"]) == ("failed", "original_missing")
    row = await sent.row()
    assert (row["state"], row["pdf_key"]) == ("ready", "")


@pytest.mark.parametrize("code", ["too_heavy", "too_slow", "crashed"])
async def test_a_page_that_kills_its_process_each_time_fails_after_three_attempts(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))
    runs = []

    async def die(*_: object, **__: object) -> None:
        runs.append(1)
        raise child.ChildDied(code)

    monkeypatch.setattr(child, "clean", die)
    await work_once(cast.pleiku)
    assert (await sent.pages())[0]["state"] == "identified"
    await work(cast.pleiku)

    page = (await sent.pages())[0]
    assert (page["state"], page["failed_step"], page["reason"]) == ("failed", "clean", code)
    assert len(runs) == 3
    dead = [
        row
        for row in await outbox.dead_letters()
        if json.loads(row["arguments"]).get("page") == str(page["id"])
    ]
    assert len(dead) == 1
    assert await sent.state() == "ready"


async def test_a_page_whose_step_never_ended_is_given_up_too(cast: Cast, tmp_path: Path) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))
    ids = [row["id"] for row in await open_jobs(cast.pleiku) if row["job"] == "clean_page"]
    for _ in range(3):
        await outbox.begin(ids, 1)

    await work(cast.pleiku)

    page = (await sent.pages())[0]
    assert (page["state"], page["reason"]) == ("failed", "crashed")


async def test_while_the_store_is_away_nothing_fails_and_no_attempt_is_counted(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))

    async def away(key: str, path: Path) -> None:
        raise ConnectionRefusedError(key)

    with monkeypatch.context() as there:
        there.setattr(keeping.objects, "get_file", away)
        for _ in range(12):
            await work_once(cast.pleiku)
    job = next(row for row in await open_jobs(cast.pleiku) if row["job"] == "clean_page")
    assert (job["attempts"], job["dead_at"]) == (0, None)
    assert job["error"].startswith("ConnectionRefusedError")
    assert (await sent.pages())[0]["state"] == "identified"

    await work(cast.pleiku)

    assert await sent.state() == "ready"


async def test_a_picture_that_the_store_has_lost_is_made_again(cast: Cast, tmp_path: Path) -> None:
    sent = await send(cast, *sheets(tmp_path, 2))
    await work(cast.pleiku, only=["clean_page", "read_page"])
    lost = (await sent.pages())[0]
    await objects.remove([lost["clean_key"]])

    await work(cast.pleiku)

    page, other = await sent.pages()
    assert (page["state"], page["attempt"], other["attempt"]) == ("read", 2, 1)
    assert await sent.state() == "ready"
    await objects.get_file((await sent.row())["pdf_key"], tmp_path / "d.pdf")
    with pypdfium2.PdfDocument(tmp_path / "d.pdf") as pdf:
        assert len(pdf) == 2


async def test_a_document_that_cannot_be_put_together_says_so(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))

    async def die(*_: object, **__: object) -> None:
        raise child.ChildDied("too_heavy")

    with monkeypatch.context() as there:
        there.setattr(child, "assemble", die)
        await work(cast.pleiku)

    row = await sent.row()
    assert (row["state"], row["reason"]) == ("failed", "too_heavy")


async def test_without_the_language_pages_are_not_read_and_say_why(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))

    async def nothing(_: Path) -> None:
        return None

    monkeypatch.setattr(child, "read", nothing)
    await work(cast.pleiku)

    page = (await sent.pages())[0]
    assert (page["state"], page["readable"], page["reason"]) == ("read", None, "no_tesseract_language")
    row = await sent.row()
    assert row["state"] == "ready"
    assert row["pdf_key"]


async def test_a_page_found_lying_is_turned_with_all_its_pictures(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))
    await work(cast.pleiku, only=["clean_page"])
    before = (await sent.pages())[0]

    async def lying(_: Path) -> dict[str, Any]:
        return BLANK | {"turned": 90, "size": [before["height"], before["width"]]}

    monkeypatch.setattr(child, "read", lying)
    await work(cast.pleiku)

    page = (await sent.pages())[0]
    assert (page["width"], page["height"]) == (before["height"], before["width"])
    for key, name in zip((page["clean_key"], page["grey_key"], page["thumb_key"]), PICTURES, strict=True):
        await objects.get_file(key, tmp_path / name)
        with Image.open(tmp_path / name) as image:
            assert image.width > image.height


async def test_the_second_shot_of_one_page_is_noticed_whichever_is_cleaned_first(cast: Cast) -> None:
    sent = await send(cast, SHOTS / "IMG20260804201633.jpg", SHOTS / "IMG20260804201641.jpg")
    first, second = [page["id"] for page in await sent.pages()]

    await steps.clean_page(str(second))
    await steps.clean_page(str(first))

    same = {page["id"]: page["same_page"] for page in await sent.pages()}
    assert same == {first: None, second: first}


async def test_the_job_of_one_committee_never_touches_anothers_page(cast: Cast, tmp_path: Path) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))
    page = (await sent.pages())[0]["id"]

    with using(cast.neighbour):
        await steps.clean_page(str(page))
        await assembling.assemble_minutes(str(sent.id))

    assert (await sent.pages())[0]["state"] == "identified"


async def test_what_was_guessed_of_an_unreadable_page_is_neither_kept_nor_found(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await send(cast, *sheets(tmp_path, 1))
    guess = {"t": "II 5 1100", "b": [0, 0, 9, 9], "k": 0, "w": []}

    async def guessing(_: Path) -> dict[str, Any]:
        return BLANK | {"readable": False, "sure": 30, "lines": [guess]}

    monkeypatch.setattr(child, "read", guessing)
    await work(cast.pleiku)

    page = (await sent.pages())[0]
    text = await sent.text(page["id"])
    assert ((await sent.row())["state"], page["readable"], page["reason"]) == ("ready", False, "")
    assert (json.loads(text["lines"])["lines"], text["folded"]) == ([], "")
