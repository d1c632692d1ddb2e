"""Bring the platform and every committee's schema to the newest version: canaries, waves, parallel, resumable.

A tenant's step and its version number commit together, so a run that was killed is simply run again. "Nothing to do"
is one query, however many committees there are. A canary must come out like the template (tenants/template.py) by every
line of its shape, or it is rolled back and nothing else is touched. Whose tables stay locked is noted and passed over.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from infra.postgres import connect
from tenants import shape
from tenants.migrations import Migration, body_of
from tenants.template import template_of

# A schema change waits this long for its lock, then steps back and lets readers through. Shorter than PostgreSQL's
# deadlock_timeout (1 s): where a step and somebody's request hold what the other wants, it is the step that gives way.
_LOCKS = "SET LOCAL lock_timeout = '800ms'; SET LOCAL statement_timeout = '60s'"
_TRIES = 8
# One locked committee is its own affair; so many are not, and somebody should look before the rest waits its turn.
_STUCK_MOST = 20
# Up to which part of those behind each wave goes. A wave has connections of its own: a backend keeps what it touched.
_WAVES = (0.02, 0.2, 1.0)
_WAITING = """SELECT id, slug, schema_name, canary, version FROM platform.committee
WHERE version < $1 AND state NOT IN ('founding', 'erased') AND ($2::text IS NULL OR slug = $2)
    AND ($3::uuid IS NULL OR province = $3) ORDER BY canary DESC, migration_error <> '', state = 'moving', slug"""
_RETRY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
_LOCKED = "its tables stayed locked; run again when it is quieter"


class Unlike(Exception):
    """A canary came out otherwise than the template; the text names what is missing (-) and what is beyond it (+)."""


@dataclass
class Report:
    """What a run over the committees did: how many were migrated; slug → error of those that failed, and of those that
    are stuck behind somebody's lock, which stopped nothing.
    """

    migrated: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    stuck: dict[str, str] = field(default_factory=dict)


async def migrate_platform(owner_url: str, lines: Sequence[tuple[str, list[Migration]]]) -> int:
    """Apply what is missing of each named line to schema ``platform``; the number of steps taken.

    Two runs at once wait for each other; each step commits on its own. Raises LockNotAvailableError or
    DeadlockDetectedError where a step's tables stay locked.
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
        steps = await missing(owner, lines)
        for name, migration in steps:
            await _take(owner, name, migration)
        return len(steps)
    finally:
        await owner.close()


async def _take(owner: asyncpg.Connection, line: str, migration: Migration) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            async with owner.transaction():
                await owner.execute(f"{_LOCKS}; {migration.sql}")
                await owner.execute(
                    "INSERT INTO platform.migration (line, version, name) VALUES ($1, $2, $3)",
                    line, migration.version, migration.name,
                )  # fmt: skip
        except _RETRY:
            # Everybody's sessions and log-ins are in these tables: while people work a lock is not had at once.
            if attempt == _TRIES:
                raise
            await asyncio.sleep(random.uniform(0.1, 0.4) * attempt)
        else:
            return


async def missing(
    owner: asyncpg.Connection, lines: Sequence[tuple[str, list[Migration]]]
) -> list[tuple[str, Migration]]:
    """The steps that schema ``platform`` lacks, each with the name of its line, in order."""
    rows = await owner.fetch("SELECT line, max(version) AS version FROM platform.migration GROUP BY line")
    have = {row["line"]: row["version"] for row in rows}
    return [(name, m) for name, line in lines for m in line if m.version > have.get(name, 0)]


async def behind(
    owner: asyncpg.Connection,
    line: Sequence[Migration],
    *,
    only: str | None = None,
    province: UUID | None = None,
) -> list[asyncpg.Record]:
    """The founded committees that are not at the end of ``line``, as a run takes them: canaries first, by path; last
    those that failed before or whose data is carried.
    """
    rows: list[asyncpg.Record] = await owner.fetch(_WAITING, line[-1].version, only, province)
    return rows


async def migrate_committees(
    owner_url: str,
    line: list[Migration],
    *,
    parallel: int = 4,
    canaries: int | None = None,
    stop_after: int = 1,
    pause: float = 0.0,
    only: str | None = None,
    province: UUID | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    told: Callable[[str], None] = lambda _line: None,
) -> Report:
    """Bring every founded committee, the one with slug ``only``, or those of one ``province`` to the end of ``line``.

    First the canaries, one by one: those that the registry calls so, else one, or as many as ``canaries``; where one
    fails nothing else is touched. Then waves of ``parallel`` at a time with ``pause`` seconds between them, until
    ``stop_after`` committees have failed. ``progress(done, of)`` is called after each committee, ``told`` hears what
    begins. Committees that an older program founds meanwhile are brought up too.
    """
    run = Run(owner_url, line, parallel, stop_after, progress)
    owner = await connect(owner_url)
    try:
        waiting = await behind(owner, line, only=only, province=province)
        if not waiting:
            return run.report
        run.of = len(waiting)
        queue = list(reversed(waiting))
        wanted = (sum(row["canary"] for row in waiting) or 1) if canaries is None else canaries
        told(f"{run.of} committees to migrate; alone first: {min(wanted, run.of)}")
        while queue and run.report.migrated < wanted and not run.stopped:
            await run.canary(owner, queue.pop())
        while queue and not run.stopped:
            await run.waves(list(reversed(queue)), pause, told)
            queue = run.left(await behind(owner, line, only=only, province=province))
    finally:
        await owner.close()
    return run.report


async def rehearse(owner_url: str, line: list[Migration], committee: asyncpg.Record) -> None:
    """Migrate one committee and take it back, so that nothing has changed. Raises what a canary would fail with."""
    run = Run(owner_url, line)
    owner = await connect(owner_url)
    try:
        trial = owner.transaction()
        await trial.start()
        try:
            await _bring_up(owner, line, committee)
            await run.compare(owner, committee["schema_name"])
        finally:
            await trial.rollback()
    finally:
        await owner.close()


@dataclass
class Run:
    """One run over many committees; ``of`` is how many were behind when it began."""

    owner_url: str
    line: list[Migration]
    parallel: int = 4
    stop_after: int = 1
    progress: Callable[[int, int], None] = lambda _done, _of: None
    of: int = 0
    report: Report = field(default_factory=Report)

    @property
    def stopped(self) -> bool:
        """Whether so much has gone wrong that a person should look."""
        return len(self.report.failed) >= self.stop_after or len(self.report.stuck) >= _STUCK_MOST

    def left(self, waiting: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
        """Those behind of whom this run has not been told yet."""
        known = self.report.failed.keys() | self.report.stuck.keys()
        return [row for row in reversed(waiting) if row["slug"] not in known]

    async def canary(self, owner: asyncpg.Connection, committee: asyncpg.Record) -> None:
        """Migrate one committee and look at it before it is committed; whatever goes wrong stops the run."""
        await self._one(owner, committee, look=True)
        if committee["slug"] in self.report.failed:
            self.stop_after = 1

    async def waves(self, rest: list[asyncpg.Record], pause: float, told: Callable[[str], None]) -> None:
        """Migrate ``rest`` in waves that grow."""
        for number, wave in enumerate(_in_waves(rest), start=1):
            if self.stopped:
                return
            if number > 1:
                await asyncio.sleep(pause)
            told(f"wave {number}: {len(wave)} committees")
            queue = list(reversed(wave))
            await asyncio.gather(*(self._work(queue) for _ in range(min(self.parallel, len(queue)))))

    async def _work(self, queue: list[asyncpg.Record]) -> None:
        held = await connect(self.owner_url)
        try:
            while queue and not self.stopped:
                if held.is_closed():
                    held = await connect(self.owner_url)
                await self._one(held, queue.pop())
        finally:
            await held.close()

    async def _one(self, owner: asyncpg.Connection, committee: asyncpg.Record, *, look: bool = False) -> None:
        slug = committee["slug"]
        for attempt in range(1, _TRIES + 1):
            try:
                async with owner.transaction():
                    await _bring_up(owner, self.line, committee)
                    if look:
                        await self.compare(owner, committee["schema_name"])
            except _RETRY:
                await asyncio.sleep(random.uniform(0.1, 0.4) * attempt)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, Unlike) as error:
                self.report.failed[slug] = str(error)
                await _note(owner, committee["id"], str(error))
                return
            else:
                self.report.migrated += 1
                self.progress(self.report.migrated, max(self.of, self.report.migrated))
                return
        self.report.stuck[slug] = _LOCKED
        await _note(owner, committee["id"], _LOCKED)

    async def compare(self, owner: asyncpg.Connection, schema_name: str) -> None:
        """Look at a schema that has been brought up. Raises Unlike."""
        beside = await connect(self.owner_url)
        try:
            template = await template_of(beside, self.line)
        finally:
            await beside.close()
        if found := shape.differences(template.lines, await shape.lines(owner, schema_name)):
            raise Unlike("it would not come out like the template: " + "; ".join(found))


def _in_waves(rest: list[asyncpg.Record]) -> Iterator[list[asyncpg.Record]]:
    start = 0
    for share in _WAVES:
        end = max(start + 1, round(len(rest) * share))
        if wave := rest[start:end]:
            yield wave
        start = end


async def _note(owner: asyncpg.Connection, committee: UUID, error: str) -> None:
    # For the people who look after the fleet; where the connection is gone the run's own report tells it.
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await owner.execute(
            "UPDATE platform.committee SET migration_error = $2 WHERE id = $1", committee, error
        )


async def _bring_up(owner: asyncpg.Connection, line: Sequence[Migration], committee: asyncpg.Record) -> None:
    # Another run may be at it: who comes second waits for the row and finds nothing left to do.
    version = await owner.fetchval(
        "SELECT version FROM platform.committee WHERE id = $1 FOR NO KEY UPDATE", committee["id"]
    )
    if steps := [m for m in line if m.version > version]:
        await owner.execute(apply_text(committee["id"], committee["schema_name"], steps))


def apply_text(committee: UUID, schema_name: str, steps: Sequence[Migration]) -> str:
    """One SQL text that takes a committee's schema through ``steps``, with ledger and version, in one round trip."""
    return text_of(committee, schema_name, body_of(steps), [m.version for m in steps])


def text_of(
    committee: UUID, schema_name: str, body: str, versions: Sequence[int], *, limits: str | None = None
) -> str:
    """The same for any ``body`` that comes to what the steps with these ``versions`` come to."""
    role = f'"{schema_name}"'
    ledger = ", ".join(f"('{committee}', {version})" for version in versions)
    return f"""{limits or _LOCKS}; SET LOCAL search_path = {role}, ext, pg_temp;
    {body.replace("{role}", role)};
    INSERT INTO platform.committee_migration (committee, version) VALUES {ledger};
    UPDATE platform.committee SET version = {versions[-1]}, migration_error = '' WHERE id = '{committee}'"""
