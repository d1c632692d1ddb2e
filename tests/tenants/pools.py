"""Pools of the application's role for the tests of the walls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from infra.postgres import DB, close_pool, open_pool
from infra.settings import settings


@asynccontextmanager
async def pool_of(size: int, url: str | None = None) -> AsyncIterator[None]:
    """This process's pool, replaced for a block by one of another size or another database."""
    await close_pool()
    await open_pool(url or settings().database_url, size=size)
    try:
        yield
    finally:
        await close_pool()
        await open_pool(settings().database_url, size=10)


async def assert_all_home() -> None:
    """Every connection of the pool can be had at once and is in no transaction, and none is left in this task."""
    assert DB.current_transaction.get() is None
    pool: Any = DB.pool
    held = []
    try:
        async with asyncio.timeout(5):
            for _ in range(pool.get_max_size()):
                held.append(await pool.acquire())  # noqa: PERF401  what was acquired before a timeout goes back
        for connection in held:
            assert not connection.is_in_transaction()
            assert (
                await connection.fetchval("SELECT session_user || '/' || current_user")
                == "nennep_app/nennep_app"
            )
            assert await connection.fetchval("SHOW search_path") == '"$user", public'
    finally:
        for connection in held:
            await pool.release(connection)
