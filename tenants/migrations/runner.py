"""Bring the platform and every committee's schema to the newest version: parallel, resumable, canary first.

A tenant's step and its version number commit together, so a run that was killed is simply run again. "Nothing to do"
is one query, however many committees there are.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from infra.postgres import connect
from tenants.migrations import Migration

# A schema change waits this long for its lock, then steps back and lets readers through.
_LOCKS = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '60s'"
_TRIES = 5
_WAITING = """SELECT id, slug, schema_name FROM platform.committee
WHERE version < $1 AND state <> 'founding' AND ($2::text IS NULL OR slug = $2)
                AND ($3::uuid IS NULL OR province = $3) ORDER BY slug"""
_RETRY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


@dataclass
class Report:
    """What a run over the committees did: how many were migrated, and slug → error of those that could not be."""

    migrated: int = 0
    failed: dict[str, str] = field(default_factory=dict)


async def migrate_platform(owner_url: str, lines: Sequence[tuple[str, list[Migration]]]) -> int:
    """Apply what is missing of each named line to schema ``platform``; the number of steps taken.

    Two runs at once wait for each other; each step commits on its own.
    """
    owner = await connect(owner_url)
    try:
        await owner.execute("SELECT pg_advisory_lock(hashtext('nennep platform migrations'))")
        await owner.execute(
            """CREATE SCHEMA IF NOT EXISTS platform;
            CREATE TABLE IF NOT EXISTS platform.migration (
                line text, version integer, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (line, version));
            GRANT USAGE ON SCHEMA platform TO nennep_app;
            GRANT SELECT ON platform.migration TO nennep_app"""
        )
        rows = await owner.fetch("SELECT line, max(version) AS version FROM platform.migration GROUP BY line")
        have = {row["line"]: row["version"] for row in rows}
        steps = [(name, m) for name, line in lines for m in line if m.version > have.get(name, 0)]
        for name, migration in steps:
            async with owner.transaction():
                await owner.execute(f"{_LOCKS}; {migration.sql}")
                await owner.execute(
                    "INSERT INTO platform.migration (line, version, name) VALUES ($1, $2, $3)",
                    name, migration.version, migration.name,
                )  # fmt: skip
        return len(steps)
    finally:
        await owner.close()


async def migrate_committees(
    owner_url: str,
    line: list[Migration],
    *,
    parallel: int = 4,
    canaries: int = 1,
    only: str | None = None,
    province: UUID | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Report:
    """Bring every founded committee, the one with slug ``only``, or those of one ``province`` to the end of ``line``.

    The first ``canaries`` go alone; where one fails nothing else is touched. Later, the first failure stops the run
    after what is under way; ``progress(done, of)`` is called after each committee.
    """
    owner = await connect(owner_url)
    try:
        waiting = await owner.fetch(_WAITING, line[-1].version, only, province)
        report = Report()
        if not waiting:
            return report
        queue = list(reversed(waiting))

        def told() -> None:
            report.migrated += 1
            progress(report.migrated, len(waiting))

        for _ in range(min(canaries, len(queue))):
            if not report.failed:
                await _one(owner, line, queue.pop(), report, told)
    finally:
        await owner.close()

    async def worker() -> None:
        held = await connect(owner_url)
        try:
            while queue and not report.failed:
                await _one(held, line, queue.pop(), report, told)
        finally:
            await held.close()

    if queue and not report.failed:
        await asyncio.gather(*(worker() for _ in range(min(parallel, len(queue)))))
    return report


async def _one(
    owner: asyncpg.Connection,
    line: list[Migration],
    committee: asyncpg.Record,
    report: Report,
    done: Callable[[], None],
) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            async with owner.transaction():
                await _bring_up(owner, line, committee)
            done()
            return
        except _RETRY:
            if attempt == _TRIES:
                report.failed[committee["slug"]] = "its tables stayed locked; run again when it is quieter"
            await asyncio.sleep(random.uniform(0.1, 0.4) * attempt)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            report.failed[committee["slug"]] = str(error)
            return


async def _bring_up(owner: asyncpg.Connection, line: list[Migration], committee: asyncpg.Record) -> None:
    # Another run may be at it: who comes second waits for the row and finds nothing left to do.
    version = await owner.fetchval(
        "SELECT version FROM platform.committee WHERE id = $1 FOR NO KEY UPDATE", committee["id"]
    )
    if steps := [m for m in line if m.version > version]:
        await owner.execute(apply_text(committee["id"], committee["schema_name"], steps))


def apply_text(committee: UUID, schema_name: str, steps: list[Migration]) -> str:
    """One SQL text that takes a committee's schema through ``steps``, with ledger and version, in one round trip."""
    role = f'"{schema_name}"'
    body = ";\n".join(m.sql.replace("{role}", role) for m in steps)
    ledger = ", ".join(f"('{committee}', {m.version})" for m in steps)
    return f"""{_LOCKS}; SET LOCAL search_path = {role}, ext, pg_temp;
    {body};
    INSERT INTO platform.committee_migration (committee, version) VALUES {ledger};
    UPDATE platform.committee SET version = {steps[-1].version} WHERE id = '{committee}'"""
