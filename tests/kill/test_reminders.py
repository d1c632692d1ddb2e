"""Ten thousand are reminded once each, whenever a worker is killed: while they are planned, while phones are told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import connect, one, sql
from server import clock
from server.assignments.pushing import FEW, MOST_ATTEMPTS
from tenants.current import using
from tenants.outbox import later
from tenants.transactions import platform_transaction, transaction
from tests.assignments.crowd import add_crowd
from tests.assignments.duties import set_up
from tests.assignments.push_service import Browser, Service, account_with, push_service
from tests.cast import Cast
from tests.workers.processes import Process, until
from tests.workers.rows import all_done, end_left_over, make_due, rows_of

CROWD, TOLD = 10_000, 3 * FEW


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Before the worker, which inherits where to push and with which key."""
    with push_service() as running:
        yield running


class Shift:
    """A dispatcher, and one worker after the other."""

    def __init__(self, servers: Servers, folder: object) -> None:
        self.servers, self.folder = servers, folder
        self.dispatcher = self._start("dispatcher")
        self.worker = self._start("worker", "--queue", "bulk")

    def _start(self, *arguments: str) -> Process:
        return Process(self.servers, self.folder, *arguments)  # type: ignore[arg-type]

    async def ready(self) -> None:
        await asyncio.gather(self.dispatcher.ready(), self.worker.ready())

    async def kill_worker(self) -> None:
        self.worker.kill()
        self.worker.stop()

    async def next_worker(self) -> None:
        self.worker = self._start("worker", "--queue", "bulk")
        await self.worker.ready()

    def end(self) -> None:
        for process in (self.worker, self.dispatcher):
            process.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def shift(
    database: Servers, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shift]:
    await end_left_over()
    made = Shift(database, tmp_path_factory.mktemp("shift"))
    try:
        await made.ready()
        yield made
    finally:
        made.end()


def begun(cast: Cast, job: str) -> Callable[[], Awaitable[bool]]:
    async def looked() -> bool:
        return any(row["job"] == job and row["attempts"] for row in await rows_of(cast.pleiku))

    return looked


async def ask(cast: Cast, job: str, day: date) -> None:
    with using(cast.pleiku):
        async with transaction():
            await later(job, day=day.isoformat())


async def reminders(cast: Cast, where: str = "true") -> int:
    with using(cast.pleiku):
        async with transaction(read_only=True):
            row = await one(f"SELECT count(*)::int AS n FROM reminder WHERE {where}")
    assert row is not None
    return int(row["n"])


async def settle(cast: Cast, done: Callable[[], Awaitable[bool]]) -> None:
    """Until it is done, without the waits of what a killed worker held."""

    async def soon() -> bool:
        await make_due(cast.pleiku)
        with using(cast.pleiku):
            async with transaction():
                await sql(
                    "UPDATE reminder SET pushing_until = now() WHERE pushed_at IS NULL AND pushing_until > now()"
                )
        await asyncio.sleep(0.2)
        return await done()

    await until(soon, seconds=120, what="not all were reminded")


async def test_ten_thousand_are_planned_once_though_the_worker_is_killed_in_the_middle(
    shift: Shift, cast: Cast
) -> None:
    today = clock.today()
    await add_crowd(cast, CROWD, today)
    await set_up()
    # Somebody else's lock holds the one statement up half-way: it has begun to write and can't go on.
    owner = await connect(shift.servers.owner_url)
    held = owner.transaction()
    await held.start()
    member = await owner.fetchval(
        f'SELECT member FROM "{cast.pleiku.schema_name}".assignment ORDER BY id DESC LIMIT 1'
    )
    await owner.execute(
        f"""INSERT INTO "{cast.pleiku.schema_name}".reminder (member, on_day, assignments, soon, today, overdue)
        VALUES ($1, $2, '{{}}', 0, 0, 0)""",
        member, today,
    )  # fmt: skip
    try:
        await ask(cast, "plan_reminders", today)

        async def waits() -> bool:
            async with platform_transaction(read_only=True):
                rows = await sql(
                    """SELECT 1 FROM pg_stat_activity
                    WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO reminder%'"""
                )
            return bool(rows)

        await until(waits, seconds=60, what="the planning never waited")
        await shift.kill_worker()
    finally:
        await held.rollback()
        await owner.close()
    assert await reminders(cast) == 0

    await shift.next_worker()
    await ask(cast, "plan_reminders", today)  # and once more than needed

    async def planned() -> bool:
        return await reminders(cast) == CROWD and await all_done(cast.pleiku)

    await settle(cast, planned)
    with using(cast.pleiku):
        async with transaction(read_only=True):
            rows = await sql("SELECT unnest(assignments) AS assignment FROM reminder")
    assert Counter(row["assignment"] for row in rows).most_common(1)[0][1] == 1
    assert len(rows) == CROWD
    assert [row["job"] for row in await rows_of(cast.pleiku)].count("push_reminders") == 1


async def test_phones_are_told_though_the_worker_is_killed_in_the_middle(
    shift: Shift, cast: Cast, service: Service
) -> None:
    today = clock.today()
    members = await add_crowd(cast, TOLD, today)
    browsers: list[Browser] = []
    for member in members:
        browsers.append(service.browser())
        await account_with(browsers[-1], cast.pleiku.id, member)
    await set_up()
    first = {browser.path for browser in browsers}
    service.free = FEW + 5
    service.held.clear()
    await ask(cast, "plan_reminders", today)

    async def some() -> bool:
        return len(service.waiting) > service.free

    await until(some, seconds=60, what="no phone was ever told")
    await shift.kill_worker()
    assert await reminders(cast, "pushed_at IS NOT NULL") == FEW
    service.held.set()
    await shift.next_worker()

    async def told() -> bool:
        return await reminders(cast, "pushed_at IS NOT NULL") == TOLD and await all_done(cast.pleiku)

    await settle(cast, told)
    times = Counter(heard.path for heard in service.heard if heard.path in first)
    assert set(times) == first
    # What was under way when the worker died arrives again, and stands in the place of the first.
    assert max(times.values()) <= 2
    assert sum(times.values()) <= TOLD + FEW
    for browser in browsers:
        tags = {browser.open(heard)["tag"] for heard in service.to(browser)}
        assert tags == {f"reminder {cast.pleiku.slug}"}
        assert len({heard.headers["topic"] for heard in service.to(browser)}) == 1
    assert await reminders(cast, f"push_attempts > {MOST_ATTEMPTS}") == 0
