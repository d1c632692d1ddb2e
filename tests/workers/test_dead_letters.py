"""A job that fails is tried again, given up in the end, seen by a person and released."""

from __future__ import annotations

import pytest

from infra.postgres import sql
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.workers.rows import ask, figures, rows_of
from workers import outbox
from workers.actors import run
from workers.jobs import JOBS


async def attempt(cast: Cast, times: int = 1) -> None:
    """Do the open rows of Pleiku as a worker does."""
    for _ in range(times):
        for row in await rows_of(cast.pleiku):
            await run(row["job"], [str(row["id"])])


async def test_a_failing_job_waits_longer_each_time_and_ends_as_a_dead_letter(cast: Cast) -> None:
    await ask(cast.pleiku, month="tháng mười")
    waits = []
    for _ in range(outbox.ATTEMPTS - 1):
        await attempt(cast)
        row = (await rows_of(cast.pleiku))[0]
        async with platform_transaction(read_only=True):
            waits.append(
                float((await sql("SELECT extract(epoch FROM $1 - now()) AS s", row["due_at"]))[0]["s"])
            )
        assert row["dead_at"] is None
    await attempt(cast, 2)

    row = (await rows_of(cast.pleiku))[0]
    assert [round(w) for w in waits[:4]] == [2, 4, 8, 16]
    assert row["dead_at"] is not None
    assert row["attempts"] == outbox.ATTEMPTS
    assert row["error"] == "ValueError"
    assert row["id"] in [r["id"] for r in await outbox.dead_letters()]


async def test_a_released_letter_is_done_when_its_cause_is_mended(cast: Cast) -> None:
    await ask(cast.pleiku, month="tháng mười")
    await attempt(cast, outbox.ATTEMPTS)
    row = (await rows_of(cast.pleiku))[0]

    assert await outbox.release([row["id"]]) == 1
    async with platform_transaction():
        await sql(
            """UPDATE platform.outbox SET arguments = '{"month": "2026-11-01"}' WHERE id = $1""", row["id"]
        )
    await attempt(cast)

    row = (await rows_of(cast.pleiku))[0]
    assert (row["dead_at"], row["error"], row["attempts"]) == (None, "", 1)
    assert row["done_at"] is not None


@pytest.mark.parametrize("job", ["no_such_job", "forget_old_sessions"])
async def test_what_can_never_work_is_given_up_at_once(cast: Cast, job: str) -> None:
    await ask(cast.pleiku, job=job)

    await attempt(cast)

    row = (await rows_of(cast.pleiku))[0]
    assert row["dead_at"] is not None
    assert row["error"].startswith("Hopeless: ")


async def test_a_job_that_kills_its_worker_again_and_again_is_given_up(cast: Cast) -> None:
    await ask(cast.pleiku)
    ids = [row["id"] for row in await rows_of(cast.pleiku)]
    for _ in range(outbox.ATTEMPTS):
        await outbox.begin(ids, 1)

    await attempt(cast)

    row = (await rows_of(cast.pleiku))[0]
    assert "begun too often" in row["error"]
    assert row["dead_at"] is not None
    assert await figures(cast.pleiku.id) is None


async def test_a_job_that_hangs_is_ended_and_tried_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio
    from dataclasses import replace

    async def hang(month: str) -> None:
        await asyncio.sleep(60)

    monkeypatch.setitem(JOBS, "recompute_rollup", replace(JOBS["recompute_rollup"], run=hang, seconds=0.1))
    await ask(cast.pleiku)

    await attempt(cast)

    row = (await rows_of(cast.pleiku))[0]
    assert row["error"] == "TimeoutError"
    assert row["dead_at"] is None


async def test_done_rows_are_forgotten_after_a_week_and_dead_letters_are_not(cast: Cast) -> None:
    await ask(cast.pleiku)
    await ask(cast.pleiku, job="no_such_job")
    await attempt(cast)
    async with platform_transaction():
        await sql(
            """UPDATE platform.outbox SET done_at = done_at - interval '8 days', dead_at = dead_at - interval '8 days'
            WHERE schema_name = $1""",
            cast.pleiku.schema_name,
        )

    await outbox.purge()

    assert [row["job"] for row in await rows_of(cast.pleiku)] == ["no_such_job"]
