"""The database's folder is gone; Barman brings it back to its end and to a moment, and the product goes on with it.

A ledger outside holds what was acknowledged. The receiver of WAL is one that PostgreSQL waits for, so nothing that was
acknowledged may be missing at the end.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from infra.embedded import Embedded, Servers, running
from infra.embedded.process import free_ports
from infra.postgres import sql
from server import clock
from server.roll_call.actions import NewMark, open_roll, record
from server.rollups.actions import recompute_dirty
from server.rollups.verify import verify
from server.schema import platform_lines
from tenants.current import using
from tenants.migrations.runner import migrate_platform
from tenants.transactions import transaction
from tests.cast import Cast
from tests.kill.house import Web
from tests.pitr.archive import Archive
from tests.tenants.pools import pool_of
from tests.workers.processes import until

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("NENNEP_TEST_PITR") != "1",
        reason="runs with `make test-pitr`: two recoveries take their time",
    ),
    pytest.mark.skipif(
        shutil.which("barman") is None,
        reason="Barman is missing: Debian's package `barman` (apt-get install barman)",
    ),
]
STATES = ("present", "late", "absent_excused", "absent_unexcused")


@dataclass
class Ledger:
    """Marks that were acknowledged, each with the second at which it was."""

    marks: dict[UUID, float] = field(default_factory=dict)

    async def mark(self, cast: Cast, meeting: UUID, count: int) -> None:
        """Mark ``count`` times, one after the other, until the database is away."""
        for n in range(count):
            no = list(cast.numbers.values())[n % len(cast.numbers)]
            mark = NewMark(
                uuid4(), no, STATES[n % len(STATES)], len(self.marks) + 1, clock.now(), reason="ốm"
            )
            with using(cast.pleiku):
                saved = await record(meeting, [mark], device=uuid4(), since=1, by=cast.hoa)
            self.marks |= dict.fromkeys(saved.acked, time.monotonic())


@asynccontextmanager
async def protected(data: Path, folder: Path) -> AsyncIterator[tuple[Embedded, Archive]]:
    """Servers of our own whose database Barman receives and has copied once."""
    with running(data, fresh=True, fast=True) as embedded:
        archive = Archive(embedded.servers, data, folder)
        try:
            archive.make_roles()
            await wait_for_the_receiver(embedded.servers)
            await asyncio.to_thread(archive.protect)
            yield embedded, archive
        finally:
            archive.close()


async def wait_for_the_receiver(servers: Servers) -> None:
    """From now on a commit is acknowledged when Barman has it too."""
    above = await asyncpg.connect(servers.database_url)
    await above.execute("ALTER SYSTEM SET synchronous_standby_names = 'barman_receive_wal'")
    await above.execute("SELECT pg_reload_conf()")
    await above.close()


@asynccontextmanager
async def living(embedded: Embedded, folder: Path) -> AsyncIterator[tuple[Cast, UUID, Web]]:
    """The product on these servers: a committee just founded, tonight's meeting, a web process."""
    servers = embedded.servers
    await migrate_platform(servers.owner_url, platform_lines())
    async with pool_of(4, servers.app_url):
        web = Web(servers, folder, free_ports(1)[0])
        try:
            cast = await Cast.assemble(servers.owner_url)
            meeting = await cast.meeting()
            await open_roll(meeting, by=cast.hoa)
            await web.ready()
            yield cast, meeting, web
        finally:
            web.stop()


async def ready(web: Web) -> None:
    """Wait until the process that served before serves again."""
    async with httpx.AsyncClient(base_url=web.url, trust_env=False) as client:

        async def answers() -> bool:
            with suppress(httpx.HTTPError):
                return (await client.get("/health/ready")).status_code == 200
            return False

        await until(answers, seconds=60, what=f"{web.log} is not ready")


async def come_back(embedded: Embedded, archive: Archive, data: Path, moment: str = "") -> None:
    """The folder is gone, and comes back; returns when the database takes writes."""
    await asyncio.to_thread(embedded.kill, "database")
    await asyncio.to_thread(shutil.rmtree, data / "database" / "data")
    await asyncio.to_thread(archive.recover, data / "database" / "data", moment)
    await asyncio.to_thread(embedded.restart, "database")

    async def promoted() -> bool:
        with suppress(asyncpg.PostgresError, OSError):
            above = await asyncpg.connect(embedded.servers.database_url)
            try:
                return not await above.fetchval("SELECT pg_is_in_recovery()")
            finally:
                await above.close()
        return False

    await until(promoted, seconds=60, what="the recovery does not end")


async def marks_of(cast: Cast) -> set[UUID]:
    with using(cast.pleiku):
        async with transaction(read_only=True):
            return {row["id"] for row in await sql("SELECT id FROM mark")}


async def figures_hold(cast: Cast) -> None:
    with using(cast.pleiku):
        await recompute_dirty()
    assert (await verify(cast.pleiku))[1] == []


async def test_the_whole_comes_back_to_its_end_and_to_a_moment(
    database: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "servers"
    async with (
        protected(data, tmp_path / "barman") as (embedded, archive),
        living(embedded, tmp_path) as (cast, meeting, web),
    ):
        before, after = Ledger(), Ledger()
        await before.mark(cast, meeting, 40)
        moment = await now_of(embedded.servers)
        marking = asyncio.create_task(after.mark(cast, meeting, 100_000))
        await until(lambda: enough(after), seconds=30)

        began = time.monotonic()
        await come_back(embedded, archive, data)
        await ready(web)
        took = time.monotonic() - began
        await asyncio.gather(marking, return_exceptions=True)
        there = await marks_of(cast)
        promised = before.marks | after.marks
        kept = [at for mark, at in promised.items() if mark in there]
        rpo = max(promised.values()) - max(kept)
        lost = len(promised) - len(kept)
        tell(capsys, f"to the end: {len(promised)} acknowledged, {lost=}, RPO {rpo:.1f} s, RTO {took:.1f} s")
        assert promised.keys() <= there
        await figures_hold(cast)

        began = time.monotonic()
        await come_back(embedded, archive, data, moment.isoformat())
        await ready(web)
        there = await marks_of(cast)
        assert there == set(before.marks)
        await figures_hold(cast)
        tell(capsys, f"to a moment: {len(there)} of {len(promised)}, RTO {time.monotonic() - began:.1f} s")

        await protected_again(archive, embedded.servers)
        await Ledger().mark(cast, meeting, 3)


async def now_of(servers: Servers) -> datetime:
    above = await asyncpg.connect(servers.database_url)
    try:
        moment: datetime = await above.fetchval("SELECT clock_timestamp()")
        return moment
    finally:
        await above.close()


async def enough(ledger: Ledger) -> bool:
    return len(ledger.marks) >= 60


async def protected_again(archive: Archive, servers: Servers) -> None:
    """The slot is gone with the folder, and the newest backup is of another course of events."""
    await wait_for_the_receiver(servers)
    await asyncio.to_thread(archive.barman, "receive-wal", "--reset", "nennep")
    await asyncio.to_thread(archive.protect)
    assert "FAILED" not in await asyncio.to_thread(archive.barman, "check", "nennep")


def tell(capsys: pytest.CaptureFixture[str], what: str) -> None:
    with capsys.disabled():
        print(f"\n  {what}", end=" ")
