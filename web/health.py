"""Whether this process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get

from infra import objects, queue
from infra.postgres import lookup
from server.schema import committee_line, platform_lines
from web.access import anyone


@get("/health/live", access=anyone)
async def live() -> dict[str, str]:
    """The event loop answers. Asks nobody else: a database that is away is no reason to be killed."""
    return {"state": "alive"}


@get("/health/ready", access=anyone)
async def ready() -> Response[dict[str, Any]]:
    """200 when database, migrations, queue and object store answer, else 503; each is named with its state."""
    names = ("database", "queue", "objects")
    found = await asyncio.gather(
        _within(_migrated()), _within(asyncio.to_thread(queue.ping)), _within(asyncio.to_thread(objects.ping))
    )
    checks = dict(zip(names, found, strict=True))
    good = all(state == "ok" for state in checks.values())
    return Response({"state": "ready" if good else "not ready", **checks}, status_code=200 if good else 503)


async def _within(check: Any) -> str:
    try:
        async with asyncio.timeout(3):
            return await check or "ok"
    except Exception as error:  # noqa: BLE001  whatever is wrong with a server is an answer here, not a fault
        return type(error).__name__


async def _migrated() -> str:
    """Schema versions: the platform's must be complete, committees may follow while the old and new code both run."""
    needed = sum(len(line) for _, line in platform_lines())
    row = await lookup(
        """SELECT (SELECT count(*) FROM platform.migration) AS platform,
        (SELECT min(version) FROM platform.committee WHERE state <> 'founding') AS oldest"""
    )
    assert row is not None
    if row["platform"] < needed:
        return f"{needed - row['platform']} platform migrations are missing: run `nennep migrate`"
    if row["oldest"] is not None and row["oldest"] < len(committee_line()):
        return "some committees wait for a migration: run `nennep migrate`"
    return ""
