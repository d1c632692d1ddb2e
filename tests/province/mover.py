"""A worker of its own for tests that kill it: goes through the runs there are. ``python -m tests.province.mover``."""

from __future__ import annotations

import asyncio

from infra.postgres import open_pool
from infra.settings import settings
from workers import runs


async def main() -> None:
    await open_pool(settings().database_url, size=4)
    print("at work", flush=True)
    await runs.work_runs()


if __name__ == "__main__":
    asyncio.run(main())
