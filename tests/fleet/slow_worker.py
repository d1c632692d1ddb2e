"""A worker of its own for tests that kill it: claims an item of the kind ``slow`` and never ends it.

``python -m tests.fleet.slow_worker``, with the settings of the suite in the environment.
"""

from __future__ import annotations

import asyncio

from infra.postgres import open_pool
from infra.settings import settings
from tenants.runs import Work
from workers import runs
from workers.run_kinds import Kind


async def never_ends(work: Work) -> None:
    await asyncio.Event().wait()


async def main() -> None:
    await open_pool(settings().database_url, size=4)
    runs.KINDS.clear()
    runs.KINDS["slow"] = Kind(never_ends)
    await runs.work_runs()


if __name__ == "__main__":
    asyncio.run(main())
