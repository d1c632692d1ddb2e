"""Whether this process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get

from infra import objects, queue, standing
from infra.postgres import Behind, lookup
from server.schema import committee_line, platform_lines
from web.access import anyone

# The part of all committees that may be stuck behind a migration while a process calls itself ready.
MAY_BE_BEHIND = 0.01


@get("/health/live", access=anyone)
async def live() -> dict[str, str]:
    """The event loop answers. Asks nobody else: a database that is away is no reason to be killed."""
    return {"state": "alive"}


@get("/health/ready", access=anyone)
async def ready() -> Response[dict[str, Any]]:
    """200 where requests may come: the database answers with this program's tables, and nobody told this process to
    end; else 503 with the reason.

    Queue and store are named too, but without them the service goes on (docs/operating.md, "When something is away"):
    if they counted, a queue that is away would take every process from the people who take the roll.
    """
    if standing.draining():
        return Response({"state": standing.DRAINING}, status_code=503)
    names = ("database", "queue", "objects")
    found = await asyncio.gather(
        _within(_migrated()), _within(asyncio.to_thread(queue.ping)), _within(asyncio.to_thread(objects.ping))
    )
    checks = dict(zip(names, found, strict=True))
    checks["database"] = standing.awaited("database") or checks["database"]
    good = checks["database"] == "ok"
    return Response({"state": "ready" if good else "not ready", **checks}, status_code=200 if good else 503)


async def _within(check: Any) -> str:
    try:
        async with asyncio.timeout(3):
            return await check or "ok"
    except Behind:
        return "this version's tables are missing: run `nennep migrate`"
    except Exception as error:  # noqa: BLE001  whatever is wrong with a server is an answer here, not a fault
        return type(error).__name__


async def _migrated() -> str:
    """Schema versions: the platform's must be complete, and nearly all committees must have what this program reads.

    This program runs on its own version n of a committee and, because a migration is written to run beside the code
    before it, on n+1 and later: those ahead are fine, so that the older processes stay while a run goes through the
    fleet. Those behind lack columns that it reads, so before the run it is not ready and the older one keeps serving.
    But a few that are stuck must not take it away from all the others: their own pages say so (problems.behind).
    """
    needed = sum(len(line) for _, line in platform_lines())
    row = await lookup(
        """SELECT (SELECT count(*) FROM platform.migration) AS platform,
        count(*) FILTER (WHERE version < $1) AS behind, count(*) AS committees
        FROM platform.committee WHERE state NOT IN ('founding', 'erased')""",
        len(committee_line()),
    )
    assert row is not None
    if row["platform"] < needed:
        return f"{needed - row['platform']} platform migrations are missing: run `nennep migrate`"
    if row["behind"] > row["committees"] * MAY_BE_BEHIND:
        return f"{row['behind']} committees wait for a migration: run `nennep migrate`"
    return ""
