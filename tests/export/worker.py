"""A worker of its own for tests that kill it: goes through what runs there are. ``python -m tests.export.worker``."""

from __future__ import annotations

import asyncio

from infra.postgres import open_pool
from infra.settings import settings
from workers import runs


async def main() -> None:
    await open_pool(settings().database_url, size=4)
    await runs.work_urgent_runs()
    await runs.work_runs()


if __name__ == "__main__":
    asyncio.run(main())
