"""Minutes become ready, each page once, whatever is killed while they are cleaned, read and put together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import psutil
import pytest

from server.minutes import erasing
from tests.cast import Cast
from tests.kill.house import House
from tests.minutes.pages import SHOTS, TYPED, Sent, send
from tests.workers.processes import until
from tests.workers.rows import make_due, rows_of

STEPS = ("clean_page", "read_page", "assemble_minutes")
READY_SECONDS = 120


def under_way(cast: Cast, job: str) -> Callable[[], Awaitable[bool]]:
    async def begun() -> bool:
        rows = [row for row in await rows_of(cast.pleiku) if row["job"] == job]
        return any(row["attempts"] and not row["done_at"] for row in rows)

    return begun


async def become_ready(cast: Cast, sent: Sent) -> None:
    """Wait, without the half minute until the rows of a killed worker are due again."""

    async def ready() -> bool:
        return await sent.state() == "ready"

    async def soon() -> bool:
        await make_due(cast.pleiku)
        return True

    await asyncio.sleep(0.5)
    await soon()
    await until(ready, seconds=READY_SECONDS)

    async def quiet() -> bool:
        return all(row["done_at"] for row in await rows_of(cast.pleiku))

    await until(quiet, seconds=READY_SECONDS)


async def assert_whole(cast: Cast, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is read once, no job is dead, and after sweeping the store holds what the rows name and no more."""
    pages, row = await sent.pages(), await sent.row()
    assert [page["state"] for page in pages] == ["read"] * len(sent.files)
    assert [(await sent.text(page["id"]))["lines"] != "" for page in pages] == [True] * len(pages)
    assert [r["job"] for r in await rows_of(cast.pleiku) if r["dead_at"]] == []
    monkeypatch.setattr(erasing, "OLD", timedelta(seconds=-60))
    await erasing.sweep_minutes()
    named = {page[key] for page in pages for key in ("clean_key", "grey_key", "thumb_key")} | {row["pdf_key"]}
    originals = [key for key in await sent.keys() if key not in named]
    assert len(originals) == len(sent.files)
    assert len(await sent.keys()) == len(named) + len(originals)


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_killed_in_a_step_leaves_the_document_to_the_next(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    sent = await send(cast, TYPED, SHOTS / "IMG20260804201633.jpg")
    await until(under_way(cast, step), seconds=READY_SECONDS)
    worker = psutil.Process(house.running["worker"].pid)
    family = worker.children(recursive=True)

    await house.kill("worker")

    _, left = psutil.wait_procs(family, timeout=5)
    # Dead and not yet fetched by a busy machine's first process is dead.
    assert not [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    await house.restart("worker")
    await become_ready(cast, sent)
    await assert_whole(cast, sent, monkeypatch)


async def test_a_page_whose_process_is_killed_is_tried_again(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await send(cast, TYPED)
    worker = psutil.Process(house.running["worker"].pid)

    def at_work() -> list[psutil.Process]:
        forks = [
            child for child in worker.children(recursive=True) if "forkserver" in " ".join(child.cmdline())
        ]
        return [page for fork in forks for page in fork.children()]

    async def one() -> bool:
        return bool(at_work())

    await until(one, seconds=READY_SECONDS)
    at_work()[0].kill()

    await become_ready(cast, sent)
    await assert_whole(cast, sent, monkeypatch)
    assert max(row["attempts"] for row in await rows_of(cast.pleiku) if row["job"] in STEPS) == 2


async def test_the_store_being_away_for_a_while_fails_no_page(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await send(cast, TYPED)
    await until(under_way(cast, "clean_page"), seconds=READY_SECONDS)
    await house.kill("objects")

    async def put_off() -> bool:
        rows = await rows_of(cast.pleiku)
        return any(row["error"] and row["attempts"] == 0 and not row["done_at"] for row in rows)

    try:
        await until(put_off, seconds=60)
        assert (await sent.pages())[0]["state"] in ("identified", "cleaned")
    finally:
        await house.restart("objects")

    await become_ready(cast, sent)
    await assert_whole(cast, sent, monkeypatch)
