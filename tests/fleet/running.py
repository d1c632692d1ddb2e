"""Runs in tests: started, gone through as a worker does, looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from tenants import runs
from tenants.runs import Item
from tenants.transactions import platform_transaction
from workers.runs import work_runs, work_urgent_runs


async def start(kind: str, items: Sequence[Item | str], **more: Any) -> UUID:
    """A run of a kind; an item may be its subject alone."""
    told: dict[str, Any] = {"province": None, "by_account": None, "by_name": "Quản trị tỉnh"} | more
    async with platform_transaction():
        return await runs.start(kind, [i if isinstance(i, Item) else Item(i) for i in items], **told)


async def run_of(run: UUID) -> Record:
    async with platform_transaction(read_only=True):
        row = await runs.run(run)
    assert row is not None
    return row


async def items_of(run: UUID) -> list[Record]:
    async with platform_transaction(read_only=True):
        return await runs.items(run, limit=5000)


async def make_items_due(run: UUID) -> None:
    """As if the time of what is tried again had come, and the hold of whoever was killed were over."""
    async with platform_transaction():
        await sql(
            """UPDATE platform.run_item SET due_at = least(due_at, now()), held_until = NULL
            WHERE run = $1 AND state = 'waiting'""",
            run,
        )
        await sql("UPDATE platform.run SET served_at = now() - interval '1 hour' WHERE id = $1", run)


async def go_through(run: UUID, *, rounds: int = 20) -> Record:
    """Do all of a run as workers do, without the waits between attempts; the run as it stands then."""
    for _ in range(rounds):
        row = await run_of(run)
        if row["state"] != "open":
            break
        await make_items_due(run)
        await (work_urgent_runs() if row["priority"] <= runs.URGENT_PRIORITY else work_runs())
    return await run_of(run)


async def until_held(run: UUID, items: int = 1, seconds: float = 20) -> None:
    """Until so many items are being worked on."""
    for _ in range(int(seconds / 0.02)):
        if sum(row["held"] for row in await items_of(run)) >= items:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody took the items")
